// Tells the page around the iframe how tall the widget is, and what happens in it. Only pages of
// the newsroom's own sites can frame this one (frame-ancestors), so that no other hears it.
(() => {
  const desk = document.querySelector("comment-desk");
  const tell = (type, more) => {
    parent.postMessage({ type: `commentdesk:${type}`, article: desk.getAttribute("article"), ...more }, "*");
  };
  const page = document.documentElement;
  new ResizeObserver(() => tell("height", { height: Math.ceil(page.getBoundingClientRect().height) })).observe(page);
  for (const name of ["ready", "submitted", "published", "error"]) {
    desk.addEventListener(`commentdesk:${name}`, ({ detail }) => tell(name, { detail }));
  }
})();
