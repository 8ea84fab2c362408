// The reader's own comments on this article: each in its place in the thread, with its state, until
// it is decided; corrected or withdrawn there while that is allowed.
const UNDECIDED = ["received", "waiting"];

class Receipts {
  constructor(desk) {
    this.desk = desk;
    this.texts = withMore(desk.texts);
    this.known = new Map();
    withOwn(desk.thread, this.texts);
  }

  start() {
    for (const { code, url } of this.desk.receiptsKept()) this.of(code, url).look(false);
  }

  of(code, url) {
    if (!this.known.has(code)) this.known.set(code, new Receipt(this, code, url));
    return this.known.get(code);
  }

  add({ id, receipt }, { name, title, content, parent_id }) {
    const { code, url, editable_until } = receipt;
    this.of(code, url).show({
      id, code, name, title: title || "", content, parent_id: parent_id || null, editable_until,
      status: "received", reason: null, received_at: new Date().toISOString(),
    });
  }

  forget(code) { this.desk.keepReceipts(this.desk.receiptsKept().filter((other) => other.code !== code)); }
}

class Receipt {
  constructor(receipts, code, url) {
    Object.assign(this, { receipts, desk: receipts.desk, texts: receipts.texts, code, url });
    this.path = `/v1/receipts/${encodeURIComponent(code)}`;
    this.tools = element("div", { class: "tools", part: "tools" });
    this.looks = 0;
  }

  // Ask how it stands, and again later while it is undecided; `news` are said aloud.
  async look(news = true) {
    const { status, found } = await this.desk.line.request(this.path);
    if (this.desk.life.signal.aborted) return undefined;
    if (status === 404) return this.receipts.forget(this.code);
    if (status === 200) return this.show(found, news);
    return this.later();
  }

  // One look at a time: who looks again meanwhile, or has changed it, looks on.
  async later() {
    const turn = this.turn = {};
    await wait(backOff(this.looks));
    if (this.turn !== turn) return undefined;
    this.looks += 1;
    const { signal } = this.desk.life;
    if (document.hidden) {
      await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true, signal }));
    }
    return signal.aborted ? undefined : this.look();
  }

  show(receipt, news = false) {
    const before = this.receipt;
    this.receipt = receipt;
    const item = this.desk.thread.showOwn(receipt);
    const place = item?.querySelector(".own-tools");
    // Not put there again, which would take the focus from what is in them.
    if (place && this.tools.parentNode !== place) place.replaceChildren(this.tools);
    const { status } = receipt;
    if (news && before && before.status !== status) this.tell(status);
    if (status === "withdrawn") return this.receipts.forget(this.code);
    if (!this.editing) this.render();
    return UNDECIDED.includes(status) ? this.later() : undefined;
  }

  tell(status) {
    this.desk.form?.tell(this.said(status), this);
    if (status === "published") this.desk.announce("published", { id: this.receipt.id, permalink: this.receipt.permalink });
  }

  said(status) {
    const { received, waiting, published, refused, removed, withdrawn } = this.texts;
    const standing = { received, waiting, published, refused, removed, withdrawn };
    return `${standing[status]} ${this.receipt.reason || ""}`.trim();
  }

  render(...more) {
    const { receipt, texts } = this;
    const { status } = receipt;
    const line = element("p", { class: "hint" }, this.said(status));
    if (UNDECIDED.includes(status)) line.append(...receiptLink(this, texts));
    const held = this.tools.querySelector(":focus")?.getAttribute("part");
    this.tools.replaceChildren(...(status === "published" ? [] : [line]), ...this.buttons(), ...more);
    if (held) this.tools.querySelector(`[part=${held}]`)?.focus();
  }

  buttons() {
    const { receipt, texts } = this;
    if (UNDECIDED.includes(receipt.status)) {
      if (!receipt.editable_until) return [];
      return [element("p", { class: "beside" },
        button(texts.correct, () => this.correct(), { part: "correct" }),
        button(texts.withdraw, () => this.ask(), { part: "withdraw" }))];
    }
    if (receipt.status === "published") return [];
    return [element("p", { class: "beside" },
      button(texts.again, () => this.again(), { part: "write-again" }),
      button(texts.hide, () => this.hide(), { part: "hide" }))];
  }

  // Correcting and withdrawing

  correct() {
    this.editing = true;
    const { texts, receipt } = this;
    this.fields = new Fields(texts, `${this.code}-`);
    const form = element("form", { novalidate: true, part: "correction" },
      ...(SITE.title === "off" ? [] : [this.fields.add("title", element("input", { autocomplete: "off" }), { required: SITE.title === "required" })]),
      this.fields.add("content", element("textarea", { rows: 5 })),
      this.trouble = element("p", { class: "error", role: "alert" }),
      element("p", { class: "beside" },
        element("button", { class: "send", type: "submit", part: "save" }, texts.save),
        button(texts.save_not, () => this.done("correct"), { part: "save-not" })));
    this.fields.fill(receipt);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    this.tools.replaceChildren(form);
    this.fields.inputs.content.focus();
  }

  async save() {
    if (this.saving) return;
    const mistakes = this.fields.mistakes();
    this.fields.show(mistakes);
    if (mistakes.length) return;
    this.saving = true;
    const answer = await this.desk.line.request(this.path, this.fields.values(["title", "content"]), "PUT");
    this.saving = false;
    if (answer.status === 200) this.change(answer.found, this.texts.corrected, "correct");
    else this.trouble.textContent = this.fields.show(answer.found.errors || []).length ? "" : reasonOf(answer, this.texts);
  }

  ask() {
    this.editing = true;
    const sure = element("p", { class: "beside", role: "group", "aria-label": this.texts.withdraw_sure },
      element("span", {}, this.texts.withdraw_sure),
      button(this.texts.withdraw_yes, () => this.withdraw(), { part: "withdraw-yes" }),
      button(this.texts.withdraw_no, () => this.done("withdraw"), { part: "withdraw-no" }));
    this.trouble = element("p", { class: "error", role: "alert" });
    this.tools.replaceChildren(sure, this.trouble);
    sure.querySelector("[part=withdraw-no]").focus();
  }

  async withdraw() {
    const answer = await this.desk.line.request(this.path, undefined, "DELETE");
    if (answer.status === 200) this.change(answer.found, this.texts.withdrawn);
    else this.trouble.textContent = reasonOf(answer, this.texts);
  }

  change(receipt, words, part) {
    this.editing = false;
    this.looks = 0;
    this.desk.form?.tell(words);
    this.show(receipt);
    if (part) this.tools.querySelector(`[part=${part}]`)?.focus();
    else this.desk.form?.status.focus();
  }

  done(part) {
    this.editing = false;
    this.render();
    this.tools.querySelector(`[part=${part}]`)?.focus();
  }

  // What was refused is the reader's own text still.
  again() {
    const { title, content } = this.receipt;
    this.desk.form?.fields.fill({ title, content });
    this.desk.form?.keep();
    this.desk.form?.fields.inputs.content.focus();
  }

  hide() {
    this.receipts.forget(this.code);
    this.desk.thread.showOwn({ ...this.receipt, status: "withdrawn" });
    this.desk.form?.status.focus();
  }
}
