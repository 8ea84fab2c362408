// The form of a comment: what is typed is kept until it has arrived, and stays after any error.
const WRITTEN = ["name", "phone", "title", "content"];
const DRAFT_DAYS = 7;
const ME_DAYS = 365;
const MOST_WORK_AGAIN = 3;

class Form {
  constructor(desk) {
    const { texts, line, article, life } = desk;
    Object.assign(this, { desk, texts, line, article, parent: "" });
    this.fields = new Fields(texts);
    this.inputs = this.fields.inputs;
    this.captcha = new Captcha(this);
    this.outbox = new Outbox(this, life.signal);
    this.element = this.render();
    this.beginFacts();
    this.restore();
  }

  get ended() { return this.desk.life.signal.aborted; }

  render() {
    const t = this.texts;
    this.status = element("p", { class: "status", role: "status", tabindex: "-1", hidden: true });
    this.alert = element("div", { class: "summary", role: "alert", hidden: true });
    this.replying = element("p", { class: "hint", hidden: true });
    this.form = element(
      "form", { novalidate: true, part: "form" },
      element("p", { class: "hint" }, t.intro), this.replying,
      this.field("name", { autocomplete: "name", maxlength: 1000 }),
      ...(SITE.phone_codes === "off" ? this.asks("phone", { type: "tel", autocomplete: "tel" }, t.optional_phone) : []),
      ...this.asks("title", { autocomplete: "off" }),
      this.fields.add("content", element("textarea", { rows: 7 })),
      this.trap(),
      ...this.captcha.render(),
      // After the captcha, which a code costs.
      this.codes = element("div"),
      ...this.consent(),
      this.field("remember", { type: "checkbox" }, { required: false }),
      // Beside the button, where the eye is; on a phone the top of the form is out of sight.
      this.alert,
      this.send = element("button", { class: "send", type: "submit", part: "send" }, t.send),
      // Where nothing is asked it comes last: what comes later must not push anything from under a finger.
      ...(SITE.consent === "required" ? [] : [this.kept]),
    );
    this.listen();
    return element("section", { class: "comment-form", part: "section" }, element("h2", { part: "heading" }, t.heading), this.status, this.form);
  }

  listen() {
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.form.addEventListener("focusin", () => { this.begin(); this.captcha.begin(); });
    this.form.addEventListener("input", ({ target, inputType }) => {
      if (target.name === "content" && /Paste|Drop/.test(inputType)) this.pasted = true;
      this.keep();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) this.form.requestSubmit();
    });
    this.inputs.remember.addEventListener("change", ({ target }) => { if (!target.checked) kept.write("me"); });
    if (SITE.phone_codes !== "off" && this.asked("phone") !== "off") {
      this.desk.more(({ PhoneCode }) => { this.phoneCode = new PhoneCode(this); });
    }
  }

  // What is kept of the reader is said by the second file: at once, or when the reader begins to write.
  begin() { if (!this.kept.firstChild) this.desk.more(({ tellKept }) => tellKept(this)); }

  field(name, attributes, options) { return this.fields.add(name, element("input", attributes), options); }

  // off, optional or required: what the site asks for; where that is optional, the page decides.
  asked(name) {
    const page = this.desk.getAttribute(`${name}-field`);
    return SITE[name] === "optional" && ["off", "required"].includes(page) ? page : SITE[name];
  }

  asks(name, attributes, hint) {
    const asked = this.asked(name);
    return asked === "off" ? [] : [this.field(name, attributes, { hint, required: asked === "required" })];
  }

  // Filled in by programs that fill in everything; out of sight of readers and of what reads to
  // them, and so without a word.
  trap() {
    const field = this.field("subject", { tabindex: "-1", autocomplete: "off" }, { required: false, label: "" });
    return element("div", { class: "aside", "aria-hidden": "true" }, field);
  }

  consent() {
    this.kept = element("p", { class: "hint" });
    if (SITE.consent !== "required") return [];
    this.begin();
    return [this.kept, this.field("consent", { type: "checkbox" })];
  }

  // Sending

  async submit() {
    if (this.sending || this.ended) return;
    const { captcha } = this;
    if (!captcha.now && !await captcha.renew()) return captcha.reload.focus();
    const mistakes = this.fields.mistakes();
    this.showErrors(mistakes);
    // Asked again, for pressed twice it may have waited for the captcha twice.
    if (mistakes.length || this.sending) return;
    this.setSending(true);
    if (await this.maySend()) await this.go();
    this.setSending(false);
  }

  // Not while a comment that was taken back may have arrived all the same (taken-back.js).
  async maySend() { return !this.takenBack || (await this.desk.more(({ nothingArrived }) => nothingArrived(this)) ?? this.say(this.texts.offline)); }

  async body() {
    const { consent } = this.inputs;
    return {
      ...this.fields.values([...WRITTEN, "subject"]),
      parent_id: this.parent || undefined,
      ...(consent && { consent: consent.checked, consent_version: this.agreement }),
      ...this.phoneCode?.values(),
      facts: this.facts(),
      ...await this.captcha.answer(),
    };
  }

  async go() {
    const body = await this.body();
    return body.captcha_id && this.deliver(body, this.captcha.now);
  }

  // Kept until there is an answer: whatever ends the page meanwhile, it is sent again as it was.
  async deliver(body, captcha) {
    if (this.ended) return;
    this.pending = { body, captcha };
    this.keep();
    await this.outbox.deliver(body);
  }

  post(body) { return this.line.request(`${this.desk.path}/comments`, body); }

  async settled(answer, body) {
    const { status, found } = answer;
    const { errors = [], captcha } = found;
    const known = this.pending.captcha;
    this.stopWaiting();
    if (status === 202) return this.accepted(found, body);
    this.desk.announce("error", { status, code: found.code });
    if (captcha) this.captcha.show(captcha);
    else if (!this.captcha.now && status === 422) this.captcha.show(known, body.captcha_answer);
    if (status === 409) return this.close();
    if (captcha && !await this.maySend()) return;
    if (captcha?.work && (captcha.id === known.id || !this.captcha.isTyped) && errors.length === 1) return this.goAgain();
    if (errors.some(({ code }) => code === "captcha_wrong")) this.wrong += 1;
    if (found.consent) await this.desk.more(({ askAnew }) => askAnew(this, found.consent));
    if (errors.length) this.showErrors(errors);
    else this.say(reasonOf(answer, this.texts));
  }

  // Intake has come under attack meanwhile, or the captcha's time is over: the device works, and the
  // comment goes by itself.
  goAgain() {
    this.again += 1;
    return this.again > MOST_WORK_AGAIN ? this.say(this.texts.failed) : this.go();
  }

  accepted(found, sent) {
    this.desk.announce("submitted", { id: found.id, ...found.receipt });
    this.beginFacts();
    this.takenBack = undefined;
    this.captcha.used();
    this.phoneCode?.used();
    if (this.inputs.remember.checked) kept.write("me", this.fields.values(["name", "phone"]), ME_DAYS);
    this.tell(this.texts.received, found.receipt);
    this.keepReceipt(found, sent);
    // What was typed while the answer was on its way has not been sent.
    const { title = "", content } = this.fields.values(WRITTEN);
    if (content === sent.content && title === (sent.title || "")) {
      this.fields.fill({ title: "", content: "" });
      if (this.parent === (sent.parent_id || "")) this.replyTo("");
      this.status.focus();
    }
    this.keep();
  }

  keepReceipt(found, sent) {
    const { code, url } = found.receipt;
    const { desk } = this;
    desk.keepReceipts([...desk.receiptsKept(), { code, url }]);
    desk.withReceipts((receipts) => receipts.add(found, sent));
  }

  // Waiting for the line

  wait({ status }) {
    if (this.waiting) return;
    this.waiting = true;
    this.desk.announce("error", { status, code: "waiting" });
    this.setReadOnly(true);
    this.say(this.texts.offline);
    this.desk.more(({ offerTakingBack }) => this.waiting && offerTakingBack(this));
  }

  stopWaiting() {
    this.pending = this.waiting = undefined;
    this.setReadOnly(false);
    this.say("");
    this.keep();
  }

  setReadOnly(readOnly) { for (const name of WRITTEN) if (this.inputs[name]) this.inputs[name].readOnly = readOnly; }

  // Not `disabled`: that would take the focus from under the reader.
  setSending(sending) {
    this.sending = sending;
    this.send.setAttribute("aria-disabled", sending);
    this.send.textContent = sending ? this.texts.sending : this.texts.send;
  }

  // How the form is filled in, told along with each comment; nothing that knows a reader again.
  beginFacts() { Object.assign(this, { shown: performance.now(), pasted: false, wrong: 0, again: 0 }); }

  facts() {
    const seconds = Math.round((performance.now() - this.shown) / 1000);
    return {
      // Of more than a day intake does not want to know.
      seconds: Math.min(seconds, 86_400), pasted: this.pasted,
      captcha_reloads: this.captcha.reloads, captcha_wrong: this.wrong,
    };
  }

  // Saying things

  // With the receipt of what it is said of.
  tell(text, receipt) {
    this.status.replaceChildren(text, ...(receipt ? receiptLink(receipt, this.texts) : []));
    this.status.hidden = false;
  }

  say(...parts) {
    this.alert.replaceChildren(...parts);
    this.alert.hidden = !parts[0];
  }

  showErrors(errors) {
    const placed = this.fields.show(errors);
    if (!placed.length) return this.say(errors[0]?.message || "");
    const lines = placed.map(({ field, message }) => {
      const input = this.inputs[field];
      const link = element("a", { href: `#${field}` }, input.labels[0].textContent);
      link.addEventListener("click", (event) => { event.preventDefault(); input.focus(); });
      return element("li", {}, link, `: ${message}`);
    });
    return this.say(this.texts.errors, element("ul", {}, ...lines));
  }

  close() {
    const written = this.inputs.content.value.trim();
    this.tell(this.texts.closed);
    this.form.hidden = !written;
    this.captcha.code.hidden = this.send.hidden = true;
    this.say("");
    this.desk.thread.close();
    if (this.sending) this.status.focus();
  }

  replyTo(parent, name = "") {
    this.parent = parent;
    this.parentName = name;
    this.replying.hidden = !parent;
    this.replying.replaceChildren(`${this.texts.reply} `, element("bdi", {}, name), " ",
      button(this.texts.reply_not, () => { this.replyTo(""); this.inputs.content.focus(); }, { part: "reply-not" }));
    this.keep();
  }

  focus() {
    this.element.scrollIntoView();
    this.inputs[this.inputs.name.value ? "content" : "name"].focus({ preventScroll: true });
  }

  // The draft. A phone number lies about in the browser only while a comment waits, or where the
  // reader ticked it.
  keep() {
    const { parent, parentName, pending, takenBack } = this;
    const draft = { ...this.fields.values(["name", "title", "content"]), parent, parentName, pending, takenBack };
    kept.write(`draft:${this.article}`, draft.title || draft.content || pending ? draft : undefined, DRAFT_DAYS);
  }

  restore() {
    const me = kept.read("me");
    const draft = kept.read(`draft:${this.article}`) || {};
    const { parent, parentName, pending, takenBack } = draft;
    this.takenBack = takenBack;
    this.inputs.remember.checked = Boolean(me);
    const values = { ...me, ...(pending?.body || draft) };
    this.fields.fill(values);
    // Its field may come later (phone-code.js).
    this.phone = values.phone;
    if (parent) this.replyTo(parent, parentName);
    if (pending && !this.pending) this.resume(pending);
  }

  // The page ended before there was an answer. Its picture is not asked for: it may be spent.
  async resume({ body, captcha }) {
    this.setSending(true);
    this.wait({ status: 0 });
    await this.deliver(body, captcha);
    this.setSending(false);
  }
}
