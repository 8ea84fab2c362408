// ALTCHA's proof of work, version 2. WebCrypto works beside the page: no worker, nothing in a CSP.
const WORK_AT_ONCE = 4;
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// What proves that a challenge was solved; undefined once it is not wanted any more. `tell` has what
// to say meanwhile.
const solve = async (challenge, isWanted, form, tell) => {
  const { working, work_done, work_impossible } = withMore(form.texts);
  if (!globalThis.crypto?.subtle) {
    if (form.captcha.now.ask === "either") return undefined;
    const plain = `${form.line.origin}/v1/articles/${encodeURIComponent(form.article)}/form?lang=${form.texts.language}`;
    tell(work_impossible);
    form.captcha.progress.append(" ", element("a", { href: plain }, form.texts.heading));
    return undefined;
  }
  tell(working);
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  const attempt = async (counter) => {
    const password = new Uint8Array([...bytesOf(nonce), 0, 0, 0, 0]);
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derived = await crypto.subtle.deriveBits(how, key, keyLength * 8);
    return { counter, derivedKey: hexOf(new Uint8Array(derived)) };
  };
  for (let first = 0; isWanted(); first += WORK_AT_ONCE) {
    const tried = await Promise.all(Array.from({ length: WORK_AT_ONCE }, (_, at) => attempt(first + at)));
    const solution = tried.find(({ derivedKey }) => derivedKey.startsWith(keyPrefix));
    if (solution) {
      tell(form.captcha.isTyped ? "" : work_done);
      return btoa(JSON.stringify({ challenge, solution }));
    }
  }
  return undefined;
};
