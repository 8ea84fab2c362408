// What is kept on the reader's own device, and for how long: the draft of an article, a comment
// that waits for the line, the receipts, and, where the reader ticked it, name and phone.
// Storage may be off or full: then the page's memory is all there is.
const kept = {
  read(name) {
    try {
      const { until, value } = JSON.parse(localStorage.getItem(`commentdesk:${name}`));
      if (until > Date.now()) return value;
      localStorage.removeItem(`commentdesk:${name}`);
    } catch { /* nothing there, or storage is off */ }
  },

  write(name, value, days) {
    try {
      if (value === undefined) localStorage.removeItem(`commentdesk:${name}`);
      else localStorage.setItem(`commentdesk:${name}`, JSON.stringify({ until: Date.now() + days * 86_400_000, value }));
    } catch { /* storage is off */ }
  },
};

// Sends a comment until there is an answer, as it was first sent: the same captcha, so one comment.
class Outbox {
  // The form's `post(body)` asks intake; `settled(answer, body)` has its answer; `wait(answer)` none yet.
  constructor(form, signal) {
    this.form = form;
    const hurry = () => { if (!document.hidden) this.hurry(); };
    addEventListener("online", hurry, { signal });
    document.addEventListener("visibilitychange", hurry, { signal });
    signal.addEventListener("abort", () => this.cancel());
  }

  // `body` is set until it is settled or cancelled.
  async deliver(body) {
    this.body = body;
    for (let tries = 0; this.body === body; tries += 1) {
      // Who takes it back need not wait for the answer, which may come all the same.
      this.sent = this.form.post(body);
      const answer = await Promise.race([this.sent, new Promise((resolve) => { this.stop = resolve; })]);
      if (this.body !== body) return;
      if (answer.status && answer.status < 500) {
        this.body = undefined;
        await this.form.settled(answer, body);
        return;
      }
      this.form.wait(answer);
      await this.pause((answer.wait * 1_000 || backOff(tries)) * (1 + Math.random() / 4));
    }
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.hurry = () => { clearTimeout(timer); resolve(); };
    });
  }

  hurry() { /* nothing waits */ }

  cancel() {
    this.body = undefined;
    this.stop?.();
    this.hurry();
  }
}
