// Labelled inputs; hint, counter and error are tied to each. `mark` keeps the ids of one form apart
// from those of another in the same shadow root.
class Fields {
  constructor(texts, mark = "") {
    this.texts = texts;
    this.mark = mark;
    this.inputs = {};
  }

  add(name, input, { required = true, hint = "", label = this.texts[name] } = {}) {
    const id = this.mark + name;
    const count = element("p", { class: "hint count", hidden: true });
    const error = element("p", { class: "error", hidden: true });
    Object.assign(input, { id, name, required, dir: "auto", place: error });
    input.setAttribute("aria-describedby", `${id}-told`);
    this.inputs[name] = input;
    if (SITE.limits[name]) {
      input.count = () => this.count(input, SITE.limits[name], count);
      input.addEventListener("input", input.count);
    }
    return element("div", { class: `field ${input.type}` },
      element("label", { for: id }, label.replace(" (*)", "") + (required ? " (*)" : "")), input,
      element("div", { id: `${id}-told` }, count, element("p", { class: "hint" }, hint), error));
  }

  // Said aloud only where it begins to matter.
  count(input, limit, place) {
    const used = charactersOf(input.value);
    const [said, most] = [used, limit].map((number) => number.toLocaleString(this.texts.language));
    place.textContent = `${said} / ${most}`;
    place.hidden = used < (input.rows ? 1 : limit / 2);
    place.classList.toggle("over", used > limit);
    place.setAttribute("aria-live", used > limit * 0.9 ? "polite" : "off");
  }

  values(names) {
    return Object.fromEntries(names.filter((name) => this.inputs[name]).map((name) => [name, this.inputs[name].value]));
  }

  fill(values) {
    for (const [name, input] of Object.entries(this.inputs)) {
      if (values[name] !== undefined) input.value = values[name];
      input.count?.();
    }
  }

  // What is missing, as intake would tell it; of an empty box it tells better.
  mistakes() {
    const missing = (input) => input.required && input.offsetParent && !input.value.trim();
    return Object.keys(this.inputs).filter((field) => missing(this.inputs[field]))
      .map((field) => ({ field, message: this.texts.required }));
  }

  // Each at its field, the first of them focused; those that have a field here.
  show(errors) {
    for (const name of Object.keys(this.inputs)) this.showOne(name, "");
    const placed = errors.filter(({ field, message }) => this.showOne(field, message));
    if (placed.length) this.inputs[placed[0].field].focus();
    return placed;
  }

  showOne(name, message) {
    const input = this.inputs[name];
    if (!input) return false;
    input.place.textContent = message;
    input.place.hidden = !message;
    // A field out of sight comes into sight when there is something to say of it.
    if (message) input.closest(".field").hidden = false;
    input.setAttribute("aria-invalid", Boolean(message));
    return true;
  }
}
