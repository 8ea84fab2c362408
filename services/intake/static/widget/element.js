// What the parts of the widget share: making elements, filling in sentences, counting characters.
const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

const button = (text, onClick, attributes = {}) => {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
};

// What a receipt is called, and the page of it.
const receiptLink = ({ code, url }, { own_code }) => [
  ` ${own_code} `, element("a", { href: url, target: "_blank", part: "receipt" }, code),
];

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// How long to wait before asking once more, in milliseconds: longer each time, a minute at most.
const backOff = (tries) => Math.min(1_000 * 2 ** tries, 60_000);

// Characters as a reader sees them, after NFC, as intake counts them: an emoji is one, ệ is one.
const SEGMENTER = Intl.Segmenter && new Intl.Segmenter("en", { granularity: "grapheme" });
const charactersOf = (text) => {
  const composed = text.normalize("NFC").trim();
  return [...(SEGMENTER ? SEGMENTER.segment(composed) : composed)].length;
};
