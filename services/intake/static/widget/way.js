// How the reader proves what a captcha asks for: the device works and says how far it is, or, where
// there is a choice, the reader types a code instead.

// From when on the reader is told how long it may take, in milliseconds.
const LONG = 1_500;

class Way {
  constructor(captcha) {
    Object.assign(this, { captcha, form: captcha.form, texts: withMore(captcha.texts) });
    this.left = element("p", { class: "hint" });
    this.told = element("div");
    // Beside the button the text may be of any length and nothing moves.
    this.told.style.flex = "1 14rem";
    this.button = button("", () => this.turnTo(!captcha.byHand), { part: "way" });
    this.element = element("div", { class: "beside" }, this.told, this.button);
    captcha.progress.replaceWith(this.element);
    this.told.append(captcha.progress, this.left);
    // After the form's own: by now it is sending.
    this.form.form.addEventListener("submit", () => this.stop && this.tell(Work.of(captcha.now.work)));
  }

  // What proves that the challenge was met; "" where it is not to be met, or not any more.
  async meet(challenge) {
    const { captcha, texts } = this;
    this.end();
    const isChoice = captcha.now.ask === "either";
    if (!globalThis.crypto?.subtle) return isChoice ? this.rest() : this.refuse();
    this.element.hidden = false;
    this.button.hidden = !isChoice;
    if (isChoice && captcha.isTyped) return this.say("", texts.let_device);
    const work = Work.of(challenge);
    const ended = new Promise((resolve) => { this.stop = resolve; });
    const { stop } = this;
    const isWanted = () => this.stop === stop && captcha.now?.work === challenge && !this.form.ended;
    while (!work.payload && isWanted()) {
      this.tell(work);
      await Promise.race([work.go(), ended]);
    }
    if (!isWanted()) return "";
    this.tell(work);
    return work.payload;
  }

  // Said aloud once each; how long it may take is for the eye alone.
  tell({ payload, spent, left }) {
    const { form, texts, captcha } = this;
    const isAwaited = form.sending && !form.outbox.body;
    const done = captcha.isTyped ? "" : texts.work_done;
    this.say(payload ? done : isAwaited ? texts.work_then_sent : texts.working, texts.type_code);
    this.left.textContent = payload || spent < LONG ? "" : texts.work_left.replace("{seconds}", left.toLocaleString(texts.language));
    const isOver = payload && !this.button.matches(":focus");
    // Where the reader has had time to look around it leaves its place empty, lest what is below it
    // moves from under a finger.
    this.button.style.visibility = isOver ? "hidden" : "";
    this.button.hidden ||= isOver && spent < LONG;
    if (isAwaited) form.send.textContent = payload ? texts.sending : texts.work_awaited;
  }

  say(text, otherwise) {
    const { progress } = this.captcha;
    if (progress.textContent !== text) progress.textContent = text;
    this.left.textContent = "";
    this.told.hidden = !text;
    this.button.textContent = otherwise;
    return "";
  }

  turnTo(byHand) {
    const { captcha } = this;
    this.button.style.visibility = "";
    captcha.type(byHand);
    if (byHand) captcha.input.focus();
  }

  // No captcha, no choice.
  rest() {
    this.end();
    this.say("", "");
    this.element.hidden = true;
    return "";
  }

  end() {
    this.stop?.();
    this.stop = undefined;
  }

  refuse() {
    const { form, texts, captcha } = this;
    const href = `${form.line.origin}${form.desk.path}/form?lang=${texts.language}`;
    this.button.hidden = true;
    this.say(texts.work_impossible);
    captcha.progress.append(" ", element("a", { href }, texts.heading));
    return "";
  }
}

const solve = (challenge, captcha) => (captcha.way ??= new Way(captcha)).meet(challenge);
