// <comment-desk article="ID" lang="vi"></comment-desk>: the comment form of Commentdesk.
// One file, no build, no cookie; the draft stays in the reader's own tab.
(() => {
"use strict";

const INTAKE = new URL(document.currentScript.src).origin;
const FIELDS = ["name", "phone", "title", "content"];
const POLLS = [500, 1000, 2000, 4000, 8000];

const TEXTS = {
  vi: {
    heading: "Ý kiến bạn đọc",
    intro: "Bình luận được kiểm tra trước khi hiện. Ô có dấu (*) là bắt buộc.",
    reply: "Trả lời bình luận của",
    noReply: "Bỏ trả lời",
    name: "Họ tên (*)", phone: "Số điện thoại", title: "Tiêu đề (*)", content: "Nội dung (*)",
    captcha_answer: "Mã xác nhận (*)",
    phoneHint: "Không hiện trên trang.",
    alt: "Năm chữ số cần nhập",
    reload: "Lấy lại mã bảo mật", listen: "Nghe mã", stop: "Dừng nghe", send: "Gửi bình luận",
    required: "Hãy điền ô này.",
    summary: "Chưa gửi được. Hãy xem lại các ô có báo lỗi.",
    received: "Cảm ơn bạn. Bình luận đã được nhận và đang chờ kiểm tra.",
    published: "Cảm ơn bạn. Bình luận đã hiện dưới bài viết.",
    held: "Cảm ơn bạn. Bình luận đang chờ biên tập viên xem.",
    offline: "Không gửi được: mất kết nối. Nội dung của bạn vẫn còn, hãy bấm gửi lại.",
    closed: "Bài viết này đã đóng bình luận.",
    picture: "Chưa tải được mã. Hãy bấm «Lấy lại mã bảo mật».",
  },
  en: {
    heading: "Readers’ comments",
    intro: "Comments are checked before they appear. Fields with (*) are needed.",
    reply: "Reply to",
    noReply: "Do not reply",
    name: "Name (*)", phone: "Phone number", title: "Title (*)", content: "Comment (*)",
    captcha_answer: "Code (*)",
    phoneHint: "Not shown on the page.",
    alt: "Five digits to type in",
    reload: "Get another code", listen: "Listen to the code", stop: "Stop", send: "Send comment",
    required: "Please fill in this field.",
    summary: "Not sent yet. Please look at the fields marked below.",
    received: "Thank you. Your comment has been received and is being checked.",
    published: "Thank you. Your comment is now under the article.",
    held: "Thank you. Your comment is waiting for a moderator.",
    offline: "Not sent: the connection is lost. Your text is still here, please send again.",
    closed: "Comments on this article are closed.",
    picture: "The code did not load. Please press “Get another code”.",
  },
};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

class CommentDesk extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.language = (this.getAttribute("lang") || document.documentElement.lang || "vi").slice(0, 2);
    this.texts = TEXTS[this.language] || TEXTS.vi;
    this.intake = (this.getAttribute("intake") || INTAKE).replace(/\/$/, "");
    this.article = this.getAttribute("article");
    this.parent = "";
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
    this.replying = element("p", { class: "hint", hidden: true });
    this.form = element(
      "form", { novalidate: true, part: "form" },
      element("p", { class: "hint" }, t.intro), this.replying, this.alert,
      this.field("name", element("input", { autocomplete: "name", maxlength: 1000 })),
      this.field("phone", element("input", { type: "tel", autocomplete: "tel" }), t.phoneHint),
      this.field("title", element("input", { autocomplete: "off" })),
      this.field("content", element("textarea", { rows: 7 })),
      this.captchaField(),
      this.send = element("button", { class: "send", type: "submit", part: "send" }, t.send),
    );
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.form.addEventListener("input", () => this.saveDraft());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
    return element("section", { class: "comment-form", part: "section", lang: this.language },
      element("h2", {}, t.heading), this.status, this.form);
  }

  field(name, input, hint = "") {
    input.id = input.name = name;
    input.dir = "auto";
    input.setAttribute("aria-describedby", `${name}-error`);
    if (name !== "phone") input.required = true;
    return element("div", { class: "field" },
      element("label", { for: name }, this.texts[name]), input,
      ...(hint ? [element("p", { class: "hint" }, hint)] : []),
      element("p", { class: "error", id: `${name}-error`, hidden: true }));
  }

  captchaField() {
    const t = this.texts;
    this.picture = element("img", { alt: t.alt, width: 240, height: 80 });
    this.picture.addEventListener("error", () => this.pictureFailed());
    this.sound = new Audio();
    this.sound.preload = "none";
    const reload = element("button", { type: "button", part: "reload" }, t.reload);
    reload.addEventListener("click", () => this.newCaptcha(true));
    this.listen = element("button", { type: "button", part: "listen" }, t.listen);
    this.listen.addEventListener("click", () => this.toggleSound());
    for (const end of ["ended", "pause", "emptied"]) {
      this.sound.addEventListener(end, () => { this.listen.textContent = t.listen; });
    }
    const input = element("input", { inputmode: "numeric", autocomplete: "off", spellcheck: "false" });
    const field = this.field("captcha_answer", input);
    field.insertBefore(element("div", { class: "captcha" }, this.picture, reload, this.listen), input);
    return field;
  }

  input(name) { return this.form.elements[name]; }

  async request(path, options = {}) {
    return fetch(this.intake + path, {
      ...options, credentials: "omit",
      headers: { "Accept-Language": this.language, ...(options.body && { "Content-Type": "application/json" }) },
    });
  }

  async newCaptcha(asked = false) {
    const body = JSON.stringify({ article: this.article, ...(this.captcha && { replaces: this.captcha.id }) });
    try {
      const answer = await this.request("/v1/captchas", { method: "POST", body });
      const found = await answer.json();
      if (answer.ok) this.showCaptcha(found);
      else if (answer.status === 409) this.close();
      else this.say(found.title);
    } catch {
      this.showErrors([{ field: "captcha_answer", message: this.texts.picture }]);
    }
    if (asked) this.input("captcha_answer").focus();
  }

  showCaptcha(captcha) {
    this.captcha = captcha;
    this.retried = false;
    this.picture.src = captcha.image_url;
    this.sound.pause();
    this.sound.src = captcha.audio_url;
    this.input("captcha_answer").value = "";
  }

  pictureFailed() {
    // An expired picture is replaced quietly, once; after that the reader decides.
    if (this.retried) return this.showErrors([{ field: "captcha_answer", message: this.texts.picture }]);
    this.newCaptcha().then(() => { this.retried = true; });
  }

  toggleSound() {
    if (!this.sound.paused) return this.sound.pause();
    this.sound.currentTime = 0;
    this.listen.textContent = this.texts.stop;
    this.sound.play().catch(() => { this.listen.textContent = this.texts.listen; });
  }

  async submit() {
    if (this.sending || !this.captcha) return;
    this.showErrors([]);
    const missing = [...this.form.elements].filter((input) => input.required && !input.value.trim());
    if (missing.length) {
      return this.showErrors(missing.map((input) => ({ field: input.name, message: this.texts.required })));
    }
    this.sending = this.send.disabled = true;
    try {
      await this.post();
    } catch {
      this.say(this.texts.offline);
    } finally {
      this.sending = this.send.disabled = false;
    }
  }

  async post() {
    const body = Object.fromEntries(FIELDS.map((name) => [name, this.input(name).value]));
    Object.assign(body, { captcha_id: this.captcha.id, captcha_answer: this.input("captcha_answer").value });
    if (this.parent) body.parent_id = this.parent;
    const path = `/v1/articles/${encodeURIComponent(this.article)}/comments`;
    const answer = await this.request(path, { method: "POST", body: JSON.stringify(body) });
    const found = await answer.json();
    if (answer.status === 202) return this.accepted(found);
    this.announce("error", { status: answer.status, code: found.code });
    if (found.captcha) this.showCaptcha(found.captcha);
    if (answer.status === 409) return this.close();
    if (found.errors?.length) this.showErrors(found.errors);
    else this.say(found.title);
  }

  accepted(found) {
    this.announce("submitted", { id: found.id });
    for (const name of ["title", "content"]) this.input(name).value = "";
    this.replyTo("");
    this.saveDraft();
    this.captcha = undefined;
    this.newCaptcha();
    this.showStatus(this.texts.received);
    this.status.focus();
    this.follow(found);
  }

  async follow(found) {
    for (const wait of POLLS) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      const answer = await this.request(`/v1/submissions/${found.id}`).catch(() => undefined);
      const state = answer?.ok && (await answer.json()).state;
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
    this.showStatus(this.texts.closed);
    this.form.hidden = true;
  }

  say(text) {
    this.alert.textContent = text;
    this.alert.hidden = !text;
  }

  showErrors(errors) {
    for (const shown of this.form.querySelectorAll(".error")) shown.hidden = true;
    for (const input of this.form.elements) input.removeAttribute("aria-invalid");
    const placed = errors.filter(({ field, message }) => this.showError(field, message));
    const other = errors.find((error) => !placed.includes(error));
    this.say(other ? other.message : errors.length ? this.texts.summary : "");
    if (placed.length) this.input(placed[0].field).focus();
  }

  showError(field, message) {
    const place = this.form.querySelector(`#${CSS.escape(field)}-error`);
    if (!place) return false;
    place.textContent = message;
    place.hidden = false;
    this.input(field).setAttribute("aria-invalid", "true");
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
    this.replying.hidden = !parent;
    const cancel = element("button", { type: "button" }, this.texts.noReply);
    cancel.addEventListener("click", () => this.replyTo(""));
    this.replying.replaceChildren(`${this.texts.reply} ${name} `, cancel);
  }

  get draftKey() { return `commentdesk:draft:${this.article}`; }

  saveDraft() {
    const draft = Object.fromEntries(FIELDS.map((name) => [name, this.input(name).value]));
    try { sessionStorage.setItem(this.draftKey, JSON.stringify(draft)); } catch { /* storage is off */ }
  }

  restoreDraft() {
    try {
      const draft = JSON.parse(sessionStorage.getItem(this.draftKey) || "{}");
      for (const name of FIELDS) this.input(name).value = draft[name] || "";
    } catch { /* storage is off */ }
  }

  announce(name, detail) {
    this.dispatchEvent(new CustomEvent(`commentdesk:${name}`, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("comment-desk", CommentDesk);
})();
