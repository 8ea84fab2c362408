// The phone field of a form that asks for one-time codes: have one sent, type it in. Served where
// the site wants codes (services/intake/widget.py).
class PhoneCode {
  constructor(form) {
    this.form = form;
    this.texts = withMore(form.texts);
    form.codes.append(...this.render());
    form.fields.fill({ phone: form.phone });
  }

  render() {
    const t = this.texts;
    const { fields } = this.form;
    const phone = element("input", { type: "tel", autocomplete: "tel" });
    this.phone = fields.add("phone", phone, {
      hint: { offered: t.phone_offered, required: t.phone_required }[SITE.phone_codes], required: this.form.asked("phone") === "required",
    });
    this.button = button(t.get_code, () => this.ask(), { part: "get-code" });
    this.hint = this.phone.querySelector(".hint:not(.count)");
    const beside = element("div", { class: "beside" }, this.button);
    phone.before(beside);
    beside.prepend(phone);
    // There before it says something, or a screen reader stays silent.
    this.status = element("p", { class: "hint", "aria-live": "polite" });
    const code = element("input", { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 20 });
    this.code = fields.add("phone_code", code, { required: false, label: t.phone_code });
    this.code.hidden = true;
    return [this.phone, this.status, this.code];
  }

  values() {
    const code = this.form.inputs.phone_code.value;
    return this.session ? { phone_code: code, phone_code_session: this.session } : { phone_code: code };
  }

  async ask() {
    if (this.asking) return;
    const { form, texts } = this;
    const { captcha, inputs } = form;
    this.refuse();
    this.tell("");
    if (!inputs.phone.value.trim()) return this.refuse({ field: "phone", message: texts.required });
    if (!captcha.now || (captcha.isTyped && !inputs.captcha_answer.value.trim())) {
      return this.refuse({ field: "captcha_answer", message: texts.picture_first });
    }
    this.setAsking(true);
    this.answered(await form.line.request("/v1/phone-codes", {
      phone: inputs.phone.value, article: form.article, ...await captcha.answer(),
      ...(this.session && { phone_code_session: this.session }),
    }));
    this.setAsking(false);
  }

  // What it says takes the place of the hint.
  tell(text) {
    this.status.textContent = text;
    this.hint.hidden = Boolean(text);
  }

  // No comment was sent, so nothing is said of one: what has a field is told there alone.
  refuse(...errors) {
    const { form } = this;
    form.say(form.fields.show(errors).length ? "" : errors[0]?.message || "");
  }

  setAsking(asking) {
    this.asking = asking;
    this.button.setAttribute("aria-disabled", asking);
  }

  answered(answer) {
    const { form, texts } = this;
    const { status, found } = answer;
    if (found.captcha) form.captcha.show(found.captcha);
    if (status === 202) {
      this.session = found.phone_code_session;
      const { code_on_its_way_offered: offered, code_on_its_way_required: required } = texts;
      this.tell({ offered, required }[SITE.phone_codes]);
      this.button.textContent = texts.code_again;
      this.code.hidden = false;
      form.inputs.phone_code.focus();
    } else if (status === 409) form.close();
    else if (found.errors?.length) this.refuse(...found.errors);
    else form.say(reasonOf(answer, texts));
  }

  // A code is good for one comment.
  used() {
    this.session = undefined;
    this.form.inputs.phone_code.value = "";
    this.tell("");
    this.button.textContent = this.texts.get_code;
    this.code.hidden = true;
  }
}
