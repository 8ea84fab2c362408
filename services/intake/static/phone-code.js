// The phone field of a form that asks for one-time codes: have one sent, type it in. Served in
// front of widget.js where the site wants codes (services/intake/widget.py).
class PhoneCode {
  constructor(desk) {
    this.desk = desk;
    this.texts = desk.texts;
  }

  render() {
    const t = this.texts;
    const phone = element("input", { type: "tel", autocomplete: "tel" });
    this.phone = this.desk.field("phone", phone, t[`phone_${PHONE_CODES}`]);
    this.button = element("button", { type: "button", part: "get-code" }, t.get_code);
    this.button.addEventListener("click", () => this.ask());
    this.hint = this.phone.querySelector(".hint");
    this.phone.firstChild.after(element("div", { class: "beside" }, phone, this.button));
    // There before it says something, or a screen reader stays silent.
    this.status = element("p", { class: "hint", "aria-live": "polite" });
    const code = element("input", { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 20 });
    this.code = this.desk.field("phone_code", code);
    this.code.hidden = true;
    return [this.phone, this.status, this.code];
  }

  values() {
    const code = this.desk.input("phone_code").value;
    return this.session ? { phone_code: code, phone_code_session: this.session } : { phone_code: code };
  }

  async ask() {
    if (this.asking) return;
    const { desk, texts } = this;
    const sent = desk.values(["phone", "captcha_answer"]);
    desk.showErrors([]);
    this.tell("");
    if (!sent.phone.trim()) return this.refuse("phone", texts.required);
    if (!desk.captcha || !sent.captcha_answer.trim()) {
      return this.refuse("captcha_answer", texts.picture_first);
    }
    this.setAsking(true);
    const session = this.session && { phone_code_session: this.session };
    this.answered(await desk.request("/v1/phone-codes", {
      ...sent, ...session, article: desk.article, captcha_id: desk.captcha.id,
    }));
    this.setAsking(false);
  }

  // What it says takes the place of the hint.
  tell(text) {
    this.status.textContent = text;
    this.hint.hidden = Boolean(text);
  }

  // No comment was sent, so nothing is said of one.
  refuse(field, message) { this.desk.showErrors([{ field, message }], ""); }

  setAsking(asking) {
    this.asking = asking;
    this.button.setAttribute("aria-disabled", asking);
  }

  answered(answer) {
    const { desk, texts } = this;
    const { status, found } = answer;
    if (found.captcha) desk.showCaptcha(found.captcha);
    if (status === 202) {
      this.session = found.phone_code_session;
      this.tell(texts[`code_on_its_way_${PHONE_CODES}`]);
      this.button.textContent = texts.code_again;
      this.code.hidden = false;
      desk.input("phone_code").focus();
    } else if (status === 409) desk.close();
    else if (found.errors?.length) desk.showErrors(found.errors, "");
    else desk.say(desk.reason(answer));
  }

  // A code is good for one comment.
  used() {
    this.session = undefined;
    this.desk.input("phone_code").value = "";
    this.tell("");
    this.button.textContent = this.texts.get_code;
    this.code.hidden = true;
  }
}
