// What the script says: the texts come with the page, in the moderator's language.

const TEXTS = JSON.parse(document.getElementById("texts")?.textContent || "{}");

const LANGUAGE = document.documentElement.lang || undefined;
const PLURALS = new Intl.PluralRules(LANGUAGE);
const NUMBERS = new Intl.NumberFormat(LANGUAGE);

/** As the server says it: a count chooses the plural form, numbers are the language's. */
export function say(key, values = {}) {
  const { count } = values;
  const form = typeof count === "number" ? `${key}_${PLURALS.select(count)}` : key;
  const text = TEXTS[form] || TEXTS[key] || key;
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => {
    const value = values[name] ?? placeholder;
    return typeof value === "number" ? NUMBERS.format(value) : value;
  });
}

/** The text of a code, or the code itself: newsrooms have reasons of their own. */
export function word(kind, code) {
  return TEXTS[`${kind}.${code}`] || code;
}

/** Letters without case and diacritics, as one types in a hurry. */
export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** Tell a screen reader; the same words twice are told twice. */
export function announce(text) {
  const place = document.getElementById("announcer");
  if (place) place.textContent = place.textContent === text ? `${text}\u00a0` : text;
}

export function element(name, { text, ...properties } = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}
