// <comment-desk article="ID" lang="vi"></comment-desk>: the comment form of Commentdesk.
// No build, no cookie; the draft stays in the reader's own tab, and whatever goes wrong the text
// stays in the form. Served with TEXTS, the texts by language, LANGUAGE, the site's own,
// PHONE_CODES (off, offered, required) and, unless that is off, phone-code.js in front
// (services/intake/widget.py).
const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

(() => {
"use strict";

const INTAKE = new URL(document.currentScript.src).origin;
const FIELDS = ["name", "phone", "title", "content"];
// What a reload gives back; a phone number does not lie about in the browser.
const DRAFTED = ["name", "title", "content"];
const POLLS = [500, 1000, 2000, 4000, 8000];
const PATIENCE = 30_000;
const OPTIONAL = ["phone", "phone_code"];
const PASTES = ["insertFromPaste", "insertFromDrop"];
// Longer, and more often, intake does not want to know.
const MOST_SECONDS = 86_400;
const MOST_TIMES = 1_000;

// The language there are texts in that fits a tag best: "pt-BR" has "pt" if not itself.
const spoken = (tag) => {
  const parts = tag.toLowerCase().split("-");
  while (parts.length && !Object.hasOwn(TEXTS, parts.join("-"))) parts.pop();
  return parts.join("-") || LANGUAGE;
};

class CommentDesk extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.language = spoken(this.getAttribute("lang") || document.documentElement.lang);
    this.texts = TEXTS[this.language];
    this.intake = (this.getAttribute("intake") || INTAKE).replace(/\/$/, "");
    this.article = this.getAttribute("article");
    this.parent = "";
    this.beginFacts();
    this.attachShadow({ mode: "open" }).append(this.stylesheet(), this.render());
    this.restoreDraft();
    this.listenForReplies();
    this.newCaptcha();
  }

  stylesheet() {
    return element("link", { rel: "stylesheet", href: `${this.intake}/static/form.css` });
  }

  render() {
    const t = this.texts;
    this.status = element("p", { class: "status", role: "status", tabindex: "-1", hidden: true });
    this.alert = element("div", { class: "summary", role: "alert", hidden: true });
    this.replying = element("p", { class: "hint replying", hidden: true });
    const phone = element("input", { type: "tel", autocomplete: "tel" });
    this.phoneCode = PHONE_CODES === "off" ? undefined : new PhoneCode(this);
    this.form = element(
      "form", { novalidate: true, part: "form" },
      element("p", { class: "hint" }, t.intro), this.replying,
      this.field("name", element("input", { autocomplete: "name", maxlength: 1000 })),
      ...(this.phoneCode ? [] : [this.field("phone", phone, t.optional_phone)]),
      this.field("title", element("input", { autocomplete: "off" })),
      this.field("content", element("textarea", { rows: 7 })),
      this.captchaField(),
      // After the captcha, which a code costs.
      ...(this.phoneCode?.render() || []),
      // Beside the button, where the eye is; on a phone the top of the form is out of sight.
      this.alert,
      this.send = element("button", { class: "send", type: "submit", part: "send" }, t.send),
    );
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.form.addEventListener("input", (event) => {
      if (event.target.name === "content" && PASTES.includes(event.inputType)) this.pasted = true;
      this.saveDraft();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
    return element("section", { class: "comment-form", part: "section", lang: this.language, dir: t.dir },
      element("h2", {}, t.heading), this.status, this.form);
  }

  field(name, input, hint = "") {
    input.id = input.name = name;
    input.dir = "auto";
    input.setAttribute("aria-describedby", `${name}-error`);
    if (!OPTIONAL.includes(name)) input.required = true;
    return element("div", { class: "field" },
      element("label", { for: name }, this.texts[name]), input,
      ...(hint ? [element("p", { class: "hint" }, hint)] : []),
      element("p", { class: "error", id: `${name}-error`, hidden: true }));
  }

  captchaField() {
    const t = this.texts;
    this.picture = element("img", { alt: t.captcha_alt, width: 240, height: 80 });
    this.picture.addEventListener("error", () => this.pictureFailed());
    this.sound = new Audio();
    this.sound.preload = "none";
    this.reload = element("button", { type: "button", part: "reload", "aria-describedby": "captcha_answer-error" }, t.reload);
    this.reload.addEventListener("click", () => {
      this.reloads += 1;
      this.newCaptcha(true);
    });
    this.listen = element("button", { type: "button", part: "listen" }, t.listen);
    this.listen.addEventListener("click", () => this.toggleSound());
    for (const end of ["ended", "pause", "emptied"]) {
      this.sound.addEventListener(end, () => { this.listen.textContent = t.listen; });
    }
    const input = element("input", { inputmode: "numeric", autocomplete: "off", spellcheck: "false" });
    this.code = this.field("captcha_answer", input);
    this.code.insertBefore(element("div", { class: "captcha" }, this.picture, this.reload, this.listen), input);
    return this.code;
  }

  input(name) { return this.form.elements[name]; }

  // Never throws: no answer is status 0, an answer that is no JSON (a proxy's page) has only its status.
  async request(path, body) {
    try {
      const answer = await fetch(this.intake + path, {
        ...(body && { method: "POST", body: JSON.stringify(body) }),
        credentials: "omit", signal: AbortSignal.timeout?.(PATIENCE),
        headers: { "Accept-Language": this.language, ...(body && { "Content-Type": "application/json" }) },
      });
      const found = await answer.json().catch(() => undefined);
      if (found?.errors?.some(({ code }) => code === "captcha_wrong")) this.wrong += 1;
      if (answer.ok && !found) return { status: 0, found: {} };
      return { status: answer.status, found: found || {}, wait: Number(answer.headers.get("Retry-After")) };
    } catch {
      return { status: 0, found: {} };
    }
  }

  reason({ status, found, wait }) {
    if (found.title) return found.title;
    if (!status) return this.texts.offline;
    return wait ? this.texts.later.replace("{wait}", wait) : this.texts.failed;
  }

  // `asked`: the reader is waiting for it; a text says what to do with it.
  async newCaptcha(asked = false) {
    this.loading ??= this.loadCaptcha().finally(() => { this.loading = undefined; });
    if (!await this.loading) {
      if (asked) this.reload.focus();
    } else if (typeof asked === "string") this.showErrors([{ field: "captcha_answer", message: asked }]);
    else if (asked) this.input("captcha_answer").focus();
  }

  async loadCaptcha() {
    const body = { article: this.article, ...(this.captcha && { replaces: this.captcha.id }) };
    const answer = await this.request("/v1/captchas", body);
    if (answer.status === 201) this.showCaptcha(answer.found);
    else if (answer.status === 409) this.close();
    else this.captchaFailed(`${this.texts.no_code} ${this.reason(answer)}`);
    return answer.status === 201;
  }

  showCaptcha(captcha) {
    this.captcha = captcha;
    this.retried = false;
    this.picture.src = captcha.image_url;
    this.sound.pause();
    this.sound.src = captcha.audio_url;
    this.input("captcha_answer").value = "";
    this.reload.textContent = this.texts.reload;
    this.picture.hidden = this.listen.hidden = false;
    this.showError("captcha_answer", "");
  }

  captchaFailed(message) {
    this.reload.textContent = this.texts.retry;
    if (!this.captcha) this.picture.hidden = this.listen.hidden = true;
    this.showError("captcha_answer", message);
  }

  async pictureFailed() {
    // An expired picture is replaced quietly, once; after that the reader decides.
    if (!this.retried) {
      await this.newCaptcha();
      this.retried = true;
    } else {
      this.captchaFailed(this.texts.picture);
      this.picture.hidden = true;
    }
  }

  toggleSound() {
    if (!this.sound.paused) return this.sound.pause();
    this.sound.currentTime = 0;
    this.listen.textContent = this.texts.stop;
    this.sound.play().catch((error) => {
      this.listen.textContent = this.texts.listen;
      if (error.name !== "AbortError") this.showError("captcha_answer", this.texts.silent);
    });
  }

  async submit() {
    if (this.sending) return;
    this.showErrors([]);
    if (!this.captcha) return this.newCaptcha(this.texts.code_first);
    const missing = [...this.form.elements].filter((input) => input.required && !input.value.trim());
    if (missing.length) {
      return this.showErrors(missing.map((input) => ({ field: input.name, message: this.texts.required })));
    }
    this.setSending(true);
    await this.post();
    this.setSending(false);
  }

  // How the form is filled in, told along with each comment; nothing that knows a reader again.
  beginFacts() {
    this.shown = performance.now();
    this.pasted = false;
    this.reloads = this.wrong = 0;
  }

  facts() {
    const seconds = Math.round((performance.now() - this.shown) / 1000);
    return {
      seconds: Math.min(seconds, MOST_SECONDS), pasted: this.pasted,
      captcha_reloads: Math.min(this.reloads, MOST_TIMES),
      captcha_wrong: Math.min(this.wrong, MOST_TIMES),
    };
  }

  setSending(sending) {
    // Not `disabled`: that would take the focus from under the reader.
    this.sending = sending;
    this.send.setAttribute("aria-disabled", sending);
  }

  async post() {
    const sent = this.values(FIELDS);
    if (this.parent) sent.parent_id = this.parent;
    const captcha = { captcha_id: this.captcha.id, captcha_answer: this.input("captcha_answer").value };
    const path = `/v1/articles/${encodeURIComponent(this.article)}/comments`;
    const facts = this.facts();
    const answer = await this.request(path, { ...sent, ...captcha, ...this.phoneCode?.values(), facts });
    const { status, found } = answer;
    if (status === 202) return this.accepted(found, sent);
    this.announce("error", { status, code: found.code });
    if (found.captcha) this.showCaptcha(found.captcha);
    if (status === 409) return this.close();
    if (found.errors?.length) this.showErrors(found.errors);
    else this.say(this.reason(answer));
  }

  accepted(found, sent) {
    this.announce("submitted", { id: found.id });
    this.beginFacts();
    this.captcha = undefined;
    this.newCaptcha();
    this.phoneCode?.used();
    this.showStatus(this.texts.received);
    this.follow(found);
    // What was typed while the answer was on its way has not been sent.
    const { title, content } = this.values(FIELDS);
    if (title !== sent.title || content !== sent.content) return;
    for (const name of ["title", "content"]) this.input(name).value = "";
    if (this.parent === (sent.parent_id || "")) this.replyTo("");
    this.saveDraft();
    this.status.focus();
  }

  async follow(found) {
    for (const wait of POLLS) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      const { state } = (await this.request(`/v1/submissions/${found.id}`)).found;
      if (state === "published") {
        this.announce("published", { id: found.id });
        return this.showStatus(this.texts.published);
      }
      if (state === "held" || state === "rejected") return this.showStatus(this.texts.held);
    }
  }

  showStatus(text) {
    this.status.textContent = text;
    this.status.hidden = false;
  }

  close() {
    const { title, content } = this.values(FIELDS);
    this.showStatus(title || content ? this.texts.closed_kept : this.texts.closed);
    this.form.hidden = !title && !content;
    this.code.hidden = this.send.hidden = true;
    this.say("");
    if (this.sending) this.status.focus();
  }

  say(text) {
    this.alert.textContent = text;
    this.alert.hidden = !text;
  }

  showErrors(errors, summary = this.texts.see_fields) {
    for (const input of this.form.elements) this.showError(input.name, "");
    const placed = errors.filter(({ field, message }) => this.showError(field, message));
    const other = errors.find((error) => !placed.includes(error));
    this.say(other ? other.message : errors.length ? summary : "");
    if (placed.length) this.input(placed[0].field).focus();
  }

  showError(field, message) {
    const place = field && this.form.querySelector(`#${CSS.escape(field)}-error`);
    if (!place) return false;
    place.textContent = message;
    place.hidden = !message;
    // The field of a code is out of sight until there is something to say of it.
    if (message) place.parentElement.hidden = false;
    this.input(field).setAttribute("aria-invalid", Boolean(message));
    return true;
  }

  listenForReplies() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a.reply[data-parent]");
      if (!link || !this.isConnected) return;
      event.preventDefault();
      this.replyTo(link.dataset.parent, link.dataset.name || "");
      this.scrollIntoView({ block: "start" });
      this.input("name").focus({ preventScroll: true });
    });
  }

  replyTo(parent, name = "") {
    this.parent = parent;
    this.parentName = name;
    this.replying.hidden = !parent;
    const cancel = element("button", { type: "button" }, this.texts.reply_not);
    cancel.addEventListener("click", () => this.replyTo(""));
    this.replying.replaceChildren(`${this.texts.reply} `, element("bdi", {}, name), " ", cancel);
    this.saveDraft();
  }

  values(names) { return Object.fromEntries(names.map((name) => [name, this.input(name).value])); }

  get draftKey() { return `commentdesk:draft:${this.article}`; }

  saveDraft() {
    const draft = { ...this.values(DRAFTED), parent: this.parent, parentName: this.parentName };
    try {
      if (draft.title || draft.content) sessionStorage.setItem(this.draftKey, JSON.stringify(draft));
      else sessionStorage.removeItem(this.draftKey);
    } catch { /* storage is off */ }
  }

  restoreDraft() {
    try {
      const draft = JSON.parse(sessionStorage.getItem(this.draftKey) || "{}");
      for (const name of DRAFTED) this.input(name).value = draft[name] || "";
      if (draft.parent) this.replyTo(draft.parent, draft.parentName);
    } catch { /* storage is off */ }
  }

  announce(name, detail) {
    this.dispatchEvent(new CustomEvent(`commentdesk:${name}`, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("comment-desk", CommentDesk);
})();
