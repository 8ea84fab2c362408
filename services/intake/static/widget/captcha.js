// The captcha of one comment: a picture or sound to type, work for the device, or both, as intake
// asks. Fetched when the reader begins to write, so that those who only read cost nothing.
class Captcha {
  constructor(form) {
    Object.assign(this, { form, texts: form.texts, reloads: 0 });
  }

  render() {
    const t = this.texts;
    this.picture = element("img", { alt: t.captcha_alt, hidden: true });
    this.picture.addEventListener("error", () => {
      this.picture.hidden = true;
      this.failed(t.not_loaded);
    });
    this.sound = new Audio();
    this.sound.preload = "none";
    for (const turn of ["play", "pause", "emptied"]) {
      this.sound.addEventListener(turn, () => { this.listen.textContent = this.sound.paused ? t.listen : t.stop; });
    }
    this.reload = button(t.reload, () => { this.reloads += 1; this.renew(true); }, { part: "reload", "aria-describedby": "captcha_answer-told" });
    this.listen = button(t.listen, () => this.turnSound(), { part: "listen", hidden: true });
    this.input = element("input", { autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
    this.code = this.form.fields.add("captcha_answer", this.input);
    // Where the device works it is not there first and then gone.
    this.code.hidden = SITE.captcha !== "image";
    this.input.before(element("div", { class: "captcha" },
      element("span", { class: "frame" }, this.picture), this.reload, this.listen));
    this.progress = element("p", { class: "hint", "aria-live": "polite", part: "work" });
    return [this.code, this.progress];
  }

  // The reader is here: fetch one, and another if they wrote for so long that this one is over by
  // the time they come to type it. After a failure it is the reader who asks again.
  begin() {
    const isOver = !this.input.value && Date.now() - this.begun > SITE.captcha_seconds * 1_000;
    if ((this.begun && !isOver) || this.form.outbox.body) return;
    this.begun = Date.now();
    this.renew();
  }

  // Whether there is one now; the focus goes on if the reader asked for it.
  async renew(asked) {
    this.loading ??= this.load().finally(() => { this.loading = undefined; });
    const found = await this.loading;
    if (asked) (found ? this.input : this.reload).focus();
    return found;
  }

  async load() {
    const { line, article } = this.form;
    const answer = await line.request("/v1/captchas", { article, replaces: (this.now || this.form.takenBack?.[0].captcha)?.id });
    if (answer.status === 201) this.show(answer.found);
    else if (answer.status === 409) this.form.close();
    else this.failed(reasonOf(answer, this.texts));
    return answer.status === 201;
  }

  // The one shown already keeps what was typed.
  show(captcha, typed = "") {
    const { id, ask = "image", work } = captcha;
    if (this.now?.id !== id) {
      this.input.value = typed;
      this.form.fields.showOne("captcha_answer", "");
      this.begun = Date.now();
    }
    this.now = captcha;
    this.reload.textContent = this.texts.reload;
    // Work needs WebCrypto, which only pages served securely have.
    const byHand = this.byHand || !globalThis.crypto?.subtle;
    this.isTyped = ask !== "work" && (byHand || ask !== "either");
    this.input.required = this.isTyped;
    this.code.hidden = !this.isTyped;
    if (this.isTyped && this.drawn !== id) this.draw(captcha);
    this.work = work && this.solve(work);
  }

  draw({ id, image_url, audio_url }) {
    this.drawn = id;
    this.sound.pause();
    this.picture.src = image_url;
    this.sound.src = `${audio_url}?lang=${this.texts.language}`;
    this.picture.hidden = this.listen.hidden = false;
  }

  async solve(work) {
    const done = await this.form.desk.more(({ solve }) => solve(work, this));
    // Where the solver does not come the reader types, if that is enough.
    if (done === undefined && this.now?.ask === "either" && !this.byHand) this.type(true);
    return done;
  }

  // Whether the reader types, where there is a choice.
  type(byHand) {
    this.byHand = byHand;
    this.show(this.now);
  }

  failed(message) {
    this.reload.textContent = this.texts.retry;
    this.form.fields.showOne("captcha_answer", message);
  }

  turnSound() {
    if (!this.sound.paused) return this.sound.pause();
    return this.sound.play().catch(({ name }) => {
      this.sound.pause();
      if (name !== "AbortError") this.form.fields.showOne("captcha_answer", this.texts.not_loaded);
    });
  }

  // What goes along with a comment, once the device has done its part; nothing if the reader has
  // asked for another captcha meanwhile, or to type.
  async answer() {
    const { now, work } = this;
    const captcha_work = await work;
    return work === this.work && { captcha_id: now.id, captcha_answer: this.isTyped ? this.input.value : "", captcha_work };
  }

  used() {
    this.now = this.begun = undefined;
    this.reloads = 0;
    this.sound.pause();
    this.picture.hidden = this.listen.hidden = true;
    this.input.value = "";
    this.way?.rest();
  }
}
