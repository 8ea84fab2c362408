// <comment-desk article="ID"></comment-desk>: the form and the thread of an article's comments, in
// a shadow root. No cookie, no third party, nothing but the host page and the services of its site.
const ORIGIN = document.currentScript && new URL(document.currentScript.src).origin;
// How far below the screen it begins to load.
const NEAR = "600px";
const SLOW = 2_000;
const RECEIPT_DAYS = 30;
const MOST_RECEIPTS = 10;
// What few need comes when it is needed: the solver of work, one-time codes, one's own comments.
let more;
const SHARED = { element, button, Fields, wait, backOff, reasonOf, receiptLink, SITE };
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(STYLE);

// The language of TEXTS nearest to a tag, as RFC 4647 looks up: "en-GB", then "en".
const spoken = (tag) => {
  for (let known = (tag || "").toLowerCase(); known; known = known.replace(/(^|-)[^-]*$/, "")) {
    if (TEXTS[known]) return known;
  }
  return LANGUAGE;
};

class CommentDesk extends HTMLElement {
  static observedAttributes = ["article", "lang"];

  connectedCallback() {
    const root = this.shadowRoot || this.attachShadow({ mode: "open" });
    root.replaceChildren(element("slot"));
    root.adoptedStyleSheets = [SHEET];
    this.life = new AbortController();
    this.article = this.getAttribute("article");
    this.path = `/v1/articles/${encodeURIComponent(this.article)}`;
    this.store = this.address("store", SITE.store) + this.path;
    Thread.viewed(this.store);
    if (this.isAwaited()) this.open();
    else this.watch();
  }

  disconnectedCallback() {
    this.life.abort();
    this.thread?.stop();
    this.opening = this.thread = this.form = this.receipts = undefined;
  }

  attributeChangedCallback(name, before, after) {
    if (before === null || before === after || !this.isConnected) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  // The interface of the host page

  async focusForm() {
    await this.open();
    this.form?.focus();
  }

  async reply(id, name) {
    await this.open();
    this.form?.replyTo(id, name);
    await this.focusForm();
  }

  async refresh() {
    this.thread?.stop();
    await (this.thread ? this.thread.start() : this.open());
  }

  // Opening

  address(name, otherwise) { return (this.getAttribute(name) || otherwise).replace(/\/$/, ""); }

  isAwaited() {
    return this.getAttribute("loading") === "eager" || location.hash.startsWith("#comment-")
      || kept.read(`draft:${this.article}`)?.pending;
  }

  watch() {
    // A busy device tells several moments at once: far away, and near.
    const seen = (moments) => { if (moments.some(({ isIntersecting }) => isIntersecting)) this.open(); };
    const observer = new IntersectionObserver(seen, { rootMargin: NEAR });
    observer.observe(this);
    this.life.signal.addEventListener("abort", () => observer.disconnect());
  }

  open() { return this.opening ??= this.build(); }

  async build() {
    const { life } = this;
    const tag = spoken(this.getAttribute("lang") || document.documentElement.lang);
    this.texts = { ...TEXTS[tag], ...JSON.parse(this.getAttribute("texts")), language: tag };
    this.line = new Line(this.address("intake", ORIGIN || SITE.intake), tag);
    this.thread = new Thread(this);
    if (this.hasAttribute("closed")) this.thread.close();
    else this.form = new Form(this);
    const desk = element("div", { class: "desk", part: "desk", lang: tag, dir: this.getAttribute("dir") || this.texts.dir },
      this.form?.element || element("p", { class: "hint" }, this.texts.closed), this.thread.element);
    // What the page has put there stays until there is something to put in its place.
    await Promise.race([this.thread.start(), wait(SLOW)]);
    if (life.signal.aborted) return;
    this.show(desk);
    this.follow(desk);
    if (this.receiptsKept().length) this.withReceipts((receipts) => receipts.start());
    this.announce("ready", {});
  }

  // In place of what the page has put there; a comment that is being read there is read on.
  show(desk) {
    const entryOf = (said) => this.thread.entries.get(said.parentElement.id.slice(8));
    const read = this.getBoundingClientRect().top < 0
      && [...this.querySelectorAll(".said")].find((said) => said.getBoundingClientRect().bottom > 0 && entryOf(said));
    still(read, () => this.shadowRoot.replaceChildren(desk), read && entryOf(read).said);
  }

  // Without it the comment is where it belongs all the same, and its page of status with it.
  // Without a line there is no second file: then it is asked for again the next time.
  more(use) {
    more ??= import(`${this.line.origin}/widget-more.js`).then((module) => module.default(SHARED));
    return more.then(use, () => { more = undefined; });
  }

  receiptsKept() { return kept.read(`receipts:${this.article}`) || []; }

  keepReceipts(receipts) { kept.write(`receipts:${this.article}`, receipts.slice(-MOST_RECEIPTS), RECEIPT_DAYS); }

  withReceipts(use) {
    const { life } = this;
    return this.more(({ Receipts }) => life.signal.aborted || use(this.receipts ??= new Receipts(this)));
  }

  // Light letters around it mean a dark page, whatever the device prefers. The outline is never
  // drawn: it is there to turn the page's colour into numbers, of which green weighs most in how
  // light it is.
  follow(desk) {
    const look = () => {
      const colour = getComputedStyle(desk).outlineColor;
      desk.classList.toggle("dark", colour.match(/[\d.]+/g)[1] > (colour.startsWith("rgb") ? 127 : 0.5));
    };
    look();
    desk.addEventListener("transitionend", look);
  }

  announce(name, detail) {
    this.dispatchEvent(new CustomEvent(`commentdesk:${name}`, { detail, bubbles: true, composed: true }));
  }
}

if (!customElements.get("comment-desk")) customElements.define("comment-desk", CommentDesk);
