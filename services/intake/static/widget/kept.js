// What is kept of the reader, why and how long: KEPT has it by language, from the site's settings,
// and PRIVACY where more of it is told.
const keptOf = (texts) => [
  `${KEPT[texts.language]} `,
  PRIVACY ? element("a", { href: PRIVACY, target: "_blank" }, withMore(texts).privacy) : "",
];
