// ALTCHA's proof of work, version 2. WebCrypto works beside the page: no worker, nothing in a CSP.
const WORK_AT_ONCE = 4;
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// What a challenge takes: how far it has come, and in the end the payload that proves it.
class Work {
  static known = new WeakMap();

  // What was begun goes on, when the reader has typed meanwhile and comes back to it.
  static of(challenge) {
    if (!Work.known.has(challenge)) Work.known.set(challenge, new Work(challenge));
    return Work.known.get(challenge);
  }

  constructor(challenge) {
    Object.assign(this, { challenge, asked: challenge.parameters, tried: 0, spent: 0 });
    const { nonce, salt, cost } = this.asked;
    this.nonce = bytesOf(nonce);
    this.how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  }

  // How long it takes at most from here, in seconds.
  get left() { return Math.ceil((this.asked.data.tries - this.tried) * this.spent / this.tried / 1_000); }

  // The next tries; whoever asks meanwhile waits for the same.
  go() { return this.going ??= this.tryNext().finally(() => { this.going = undefined; }); }

  async tryNext() {
    const began = performance.now();
    const found = await Promise.all(Array.from({ length: WORK_AT_ONCE }, (_, at) => this.attempt(this.tried + at)));
    const solution = found.find(({ derivedKey }) => derivedKey.startsWith(this.asked.keyPrefix));
    if (solution) this.payload = btoa(JSON.stringify({ challenge: this.challenge, solution }));
    this.tried += WORK_AT_ONCE;
    this.spent += performance.now() - began;
  }

  async attempt(counter) {
    const password = new Uint8Array([...this.nonce, 0, 0, 0, 0]);
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derived = await crypto.subtle.deriveBits(this.how, key, this.asked.keyLength * 8);
    return { counter, derivedKey: hexOf(new Uint8Array(derived)) };
  }
}
