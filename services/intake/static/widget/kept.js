// What is kept of the reader, why and how long: KEPT has it by language, from the site's settings.
const keptOf = (texts) => [
  `${KEPT[texts.language]} `,
  SITE.privacy_url ? element("a", { href: SITE.privacy_url, target: "_blank" }, withMore(texts).privacy) : "",
];
