// The published comments under an article: pages, replies, permalinks, and news as they come. What
// readers typed goes in as text nodes alone; nothing that is being read is moved.
const COMMENTS = 20;
const MOST_NEWS = 50;
const TICK = 30_000;
const MINUTE = 60_000;
// In minutes.
const HOUR = 60;
const DAY = 24 * HOUR;

// As the portal prints it, in the site's own time: 09:50 24/06/2020.
const printed = (moment) => moment
  .toLocaleString("sv", { timeZone: SITE.time_zone, dateStyle: "short", timeStyle: "short" })
  .replace(/(\d+)-(\d+)-(\d+) (.+)/, "$4 $3/$2/$1");

// Does it and leaves the element, or what takes its place, where it is on the screen.
const still = (anchor, deed, after = anchor) => {
  const before = anchor && anchor.getBoundingClientRect().top;
  deed();
  if (anchor) window.scrollBy(0, after.getBoundingClientRect().top - before);
};

// A list that is read page by page, both ways: the top comments, or the replies to one of them.
class Lane {
  constructor(thread, top) {
    Object.assign(this, { thread, top, unseen: new Set() });
    this.list = element("ol", { role: "list", class: top && "replies" });
    this.news = button("", () => this.showNews(), { class: "news" });
    this.up = button("", () => this.turn(true), { class: "go" });
    this.more = button("", () => this.turn(), { class: "go" });
    this.fill([]);
  }

  get sort() { return this.top ? "oldest" : this.thread.sort; }

  ask(query) { return this.thread.ask({ ...(this.top && { replies_of: this.top }), limit: COMMENTS, ...query }); }

  items(comments) {
    const { entries } = this.thread;
    return comments.filter(({ id }) => !entries.has(id)).map((comment) => this.thread.entry(comment, this).item);
  }

  fill(comments, next, previous, count = 0) {
    for (const { id } of this.list.children) this.thread.entries.delete(id.slice(8));
    Object.assign(this, { next, previous, count });
    this.list.replaceChildren(...this.items(comments));
    this.show();
  }

  // One page further; up: the list read the other way round.
  turn(up) {
    return this.thread.attempt(async () => {
      const turned = this.sort === "newest" ? "oldest" : "newest";
      const { items, next } = await this.ask({ sort: up ? turned : this.sort, cursor: up ? this.previous : this.next });
      const found = this.items(items);
      // Above what is being read heights must be true at once, not guessed until they come near.
      if (up) for (const item of found) item.style.contentVisibility = "visible";
      if (up) still(this.list.firstElementChild, () => this.list.prepend(...[...found].reverse()));
      else this.list.append(...found);
      this[up ? "previous" : "next"] = next;
      found[0]?.focus({ preventScroll: true });
      this.show();
    });
  }

  // What came stands where the reader asked for it, however long it waited for a moderator: most is
  // among the newest, what is not is asked for by itself.
  showNews() {
    return this.thread.attempt(async () => {
      const ids = [...this.unseen];
      if (ids.length > MOST_NEWS) return this.thread.reload();
      const { items } = await this.ask({ sort: "newest", limit: MOST_NEWS });
      const among = items.filter(({ id }) => ids.includes(id));
      const missing = ids.filter((id) => !among.some((comment) => comment.id === id));
      const others = await Promise.all(missing.map((id) => this.thread.find(id)));
      const found = this.items([...among, ...others.filter(Boolean)]);
      this.unseen.clear();
      if (this.sort === "newest") this.list.prepend(...found);
      else this.list.append(...found.reverse());
      found[0]?.focus();
      return this.show();
    });
  }

  show() {
    const { thread, top, unseen, list } = this;
    const set = (control, count, key) => {
      control.hidden = !count;
      control.textContent = thread.counted(key, count || 0);
    };
    set(this.news, unseen.size, top ? "thread_new_replies" : "thread_news");
    set(this.up, this.previous && 1, top ? "thread_replies_up" : "thread_up");
    const rest = Math.max(1, this.count - list.children.length - unseen.size);
    set(this.more, this.next && rest, top ? "thread_replies" : "thread_more");
    if (!top && thread.none) thread.none.hidden = list.children.length;
  }
}

class Thread {
  // Tells the store that somebody sees the article, wherever the page came from.
  static viewed(store) {
    const send = () => navigator.sendBeacon?.(`${store}/views`);
    if (document.hidden) document.addEventListener("visibilitychange", send, { once: true });
    else send();
  }

  constructor(desk) {
    const { texts, texts: { language } } = desk;
    // What is the reader's own comes with own.js: until then there is none.
    Object.assign(this, { desk, texts, language, version: 0, own: new Map(), entries: new Map() });
    this.path = `${desk.store}/comments`;
    this.sort = desk.getAttribute("sort") || "newest";
    this.near = new Intl.RelativeTimeFormat(language);
    this.plural = new Intl.PluralRules(language);
    this.lane = new Lane(this);
    this.render(texts);
  }

  // Nobody can reply any more.
  close() { this.element.classList.add("closed"); }

  render(t) {
    const { news, up, list, more } = this.lane;
    const option = (value, text) => element("option", { value, selected: value === this.sort }, text);
    const order = element("select", {}, option("newest", t.thread_newest), option("oldest", t.thread_oldest));
    order.addEventListener("change", () => { this.sort = order.value; this.reload(); });
    this.number = element("span");
    this.said = element("p", { class: "aside", role: "status" });
    this.none = element("p", { class: "hint", hidden: true }, t.thread_none);
    this.trouble = element("p", { class: "hint", role: "alert", hidden: true }, t.thread_failed, " ", button(t.retry, () => this.again()));
    this.element = element("section", { class: "thread", part: "thread", "aria-label": t.thread_heading },
      element("div", { class: "head" }, element("h2", {}, t.thread_heading, " ", this.number),
        element("label", {}, t.thread_sort, " ", order)),
      this.said, news, up, list, this.none, more, this.trouble);
  }

  async start() {
    this.life = new AbortController();
    const { signal } = this.life;
    window.addEventListener("hashchange", () => this.follow(), { signal });
    // A page nobody looks at neither listens nor counts minutes; back in sight it catches up.
    document.addEventListener("visibilitychange", () => this.wake(!document.hidden), { signal });
    this.wake(!document.hidden);
    if (!await this.follow()) await this.reload();
    if (this.missed) await this.catchUp();
  }

  stop() {
    this.life?.abort();
    this.wake(false);
  }

  wake(up) {
    clearInterval(this.clock);
    this.stream?.close();
    if (!up) return;
    this.tick();
    this.clock = setInterval(() => this.tick(), TICK);
    this.stream = new EventSource(`${this.path}/events`);
    this.stream.addEventListener("comment", ({ data }) => this.heard(JSON.parse(data)));
    this.stream.addEventListener("ready", () => this.catchUp());
  }

  async follow() {
    const [, id] = location.hash.split("#comment-");
    return Boolean(id) && this.focusComment(decodeURIComponent(id));
  }

  // The version in the address keeps a cache from answering with less than is known here already.
  async ask(query, path = "") {
    const asked = Object.entries({ ...query, v: this.version }).filter(([, value]) => value != null);
    // Browsers too would give what proxies may while they ask.
    const answer = await fetch(`${this.path}${path}?${new URLSearchParams(asked)}`, { cache: "no-cache", credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    const found = await answer.json();
    this.know(found);
    return found;
  }

  know({ version, count }) {
    if (version < this.version) return;
    this.version = version;
    this.number.textContent = `(${count.toLocaleString(this.language)})`;
  }

  // Does it, or says that it failed and offers to do it again.
  async attempt(deed) {
    this.trouble.hidden = true;
    try {
      return await deed();
    } catch {
      this.again = () => this.attempt(deed);
      this.trouble.hidden = false;
    }
  }

  counted(key, count) {
    const text = this.texts[`${key}_${this.plural.select(count)}`] || this.texts[key];
    return text.replace("{count}", count.toLocaleString(this.language));
  }

  reload() {
    return this.attempt(async () => {
      const { items, next } = await this.lane.ask({ sort: this.sort });
      this.refill(items, next);
    });
  }

  refill(items, next, previous) {
    this.entries.clear();
    this.lane.unseen.clear();
    this.lane.fill(items, next, previous);
    for (const receipt of this.own.values()) this.showOwn(receipt);
  }

  // A comment

  entry(comment, lane) {
    const { id } = comment;
    const entry = {
      id, lane, time: element("time"), name: element("bdi", { class: "name" }),
      title: element("h3", { class: "title", dir: "auto" }), content: element("p", { class: "content", dir: "auto" }),
      item: element("li", { class: "comment", part: "comment", id: `comment-${id}`, tabindex: -1 }),
    };
    entry.link = element("a", { href: `#comment-${id}`, class: "permalink" }, entry.time);
    entry.reply = button(this.texts.thread_reply, () => this.desk.reply(id, entry.name.textContent), { class: "reply", part: "reply" });
    entry.said = element("div", { class: "said" }, element("p", { class: "byline" }, entry.name, entry.link), entry.title, entry.content, entry.reply);
    entry.item.append(entry.said);
    this.entries.set(id, entry);
    this.fill(entry, comment);
    if (!lane.top) {
      entry.replies = new Lane(this, id);
      entry.replies.fill(comment.replies || [], comment.replies_next, comment.replies_previous, comment.reply_count);
      const { up, list, more, news } = entry.replies;
      entry.item.append(up, list, more, news);
    }
    if (this.own.has(id)) this.mark(entry);
    return entry;
  }

  fill(entry, { removed, name, title, content, language, received_at: received }) {
    entry.removed = removed;
    if (removed) {
      entry.said.replaceChildren(element("p", { class: "hint tombstone" }, this.texts.thread_removed));
      return;
    }
    entry.at = new Date(received);
    entry.name.textContent = name;
    entry.title.textContent = title;
    entry.title.hidden = !title;
    entry.content.textContent = content;
    entry.title.lang = entry.content.lang = language || "";
    entry.reply.setAttribute("aria-label", this.texts.thread_reply_to.replace("{name}", () => name));
    entry.time.dateTime = received;
    entry.link.title = printed(entry.at);
    this.tell(entry);
  }

  tick() { for (const entry of this.entries.values()) if (!entry.removed) this.tell(entry); }

  tell({ at, time, link }) {
    const text = this.ago(at) || link.title;
    if (time.textContent !== text) time.textContent = text;
  }

  // Minutes and hours within a day; nothing beyond.
  ago(at) {
    const minutes = Math.floor((Date.now() - at) / MINUTE);
    if (minutes < 1) return this.texts.thread_now;
    if (minutes < HOUR) return this.near.format(-minutes, "minute");
    return minutes < DAY && this.near.format(-Math.floor(minutes / HOUR), "hour");
  }

  // News

  heard(change) {
    // Heard before the list is here, which may be from before it.
    if (!this.version) this.missed = true;
    // Something was missed on the way.
    if (change.version > this.version + 1) return this.catchUp();
    this.know(change);
    return this.apply(change);
  }

  async catchUp() {
    if (!this.version) return;
    try {
      const { items, complete } = await this.ask({ since: this.version }, "/changes");
      if (complete) for (const change of items.reverse()) this.apply(change);
      else await this.reload();
    } catch { /* the next news bring it up again */ }
  }

  apply({ id, type, thread }) {
    const entry = this.entries.get(id);
    const lane = id === thread ? this.lane : this.entries.get(thread)?.replies;
    if (type === "removed") this.takeDown(id, lane);
    else if (this.own.has(id)) this.showOwn({ ...this.own.get(id), status: "published" });
    else if (entry) this.renew(entry);
    else if (lane && !lane.unseen.has(id)) {
      lane.unseen.add(id);
      lane.count += 1;
      lane.show();
      this.said.textContent = lane.news.textContent;
    }
  }

  // What goes takes neither the focus with it nor the place of what is being read.
  takeDown(id, lane) {
    const entry = this.entries.get(id);
    if (lane && (lane.unseen.delete(id) || entry)) lane.count -= 1;
    lane?.show();
    if (!entry) return;
    if (entry.replies?.list.children.length) {
      this.fill(entry, { removed: true });
      return;
    }
    const { item } = entry;
    const beside = item.nextElementSibling || item.previousElementSibling || item.parentElement.closest(".comment");
    const held = item.contains(item.getRootNode().activeElement);
    still(item.getBoundingClientRect().bottom < 0 && beside, () => item.remove());
    if (held) beside?.focus({ preventScroll: true });
    this.entries.delete(id);
    this.own.delete(id);
    // A tombstone stands for its replies alone.
    const top = this.entries.get(lane?.top);
    if (top?.removed && !lane.list.children.length) this.takeDown(top.id, this.lane);
    lane?.show();
  }

  async renew(entry) {
    const comment = await this.find(entry.id).catch(() => undefined);
    if (!comment || comment.removed) return;
    if (entry.removed) entry.item.replaceWith(this.entry(comment, entry.lane).item);
    else this.fill(entry, comment);
  }

  async find(id) {
    const { items: [top] } = await this.ask({ thread: id });
    return top && [top, ...top.replies].find((comment) => comment.id === id);
  }

  // Permalinks

  // Brings the comment into sight, with the part of the list it stands in; false when it is gone.
  async focusComment(id) {
    if (!this.entries.has(id)) await this.attempt(() => this.bring(id));
    const item = this.entries.get(id)?.item;
    if (!item) return false;
    this.element.querySelector(".target")?.classList.remove("target");
    item.classList.add("target");
    this.reach(item);
    return true;
  }

  // As soon as the thread stands on the page.
  async reach(item) {
    while (!item.offsetParent && !this.life?.signal.aborted) await wait(50);
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
  }

  async bring(id) {
    const { items: [top], next } = await this.ask({ thread: id });
    if (!top) return;
    const shown = this.entries.get(top.id)?.replies;
    if (shown) {
      shown.fill(top.replies, top.replies_next, top.replies_previous, top.reply_count);
    } else {
      const following = await this.lane.ask({ sort: this.sort, cursor: next });
      this.refill([top, ...following.items], following.next, next);
    }
  }
}
