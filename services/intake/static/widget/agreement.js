// What is kept of the reader, why and how long, and where the site asks for it, agreeing to that:
// KEPT says it as intake does, {version, privacy_url, words} with the words by language.
const tellKept = (form) => {
  const { version, privacy_url: href, words } = KEPT;
  const { kept, texts } = form;
  form.agreement = version;
  kept.id = "kept";
  kept.replaceChildren(`${words[texts.language]} `, href ? element("a", { href, target: "_blank" }, withMore(texts).privacy) : "");
  form.inputs.consent?.setAttribute("aria-describedby", "kept consent-told");
};

// Something else is asked for than when the page was opened, or it was not asked for then.
const askAnew = (form, { words, ...asked }) => {
  if (form.inputs.consent && asked.version === form.agreement) return;
  Object.assign(KEPT, asked);
  KEPT.words[form.texts.language] = words;
  if (!form.inputs.consent) form.alert.before(form.kept, form.field("consent", { type: "checkbox" }));
  form.inputs.consent.checked = false;
  tellKept(form);
};
