// Keeps the comments under an article current. What readers typed goes in as text nodes alone.
(() => {
  "use strict";

  const list = document.getElementById("comment-list");
  if (!list || !("EventSource" in window)) return;

  const GATHER_MILLISECONDS = 100;
  const ASK_EACH_UP_TO = 5;
  const api = list.dataset.api;
  const awaited = new Set();
  let gathering = null;
  let broken = false;

  function listen() {
    const events = new EventSource(`${api}/events`);
    events.addEventListener("comment", (message) => changed(JSON.parse(message.data)));
    events.addEventListener("error", () => { broken = true; });
    events.addEventListener("ready", () => {
      if (broken) refresh().catch(() => {});
      broken = false;
    });
  }

  function changed({ id, type }) {
    if (type === "removed") {
      awaited.delete(id);
      remove(id);
    } else {
      awaited.add(id);
    }
    gathering ??= setTimeout(settle, GATHER_MILLISECONDS);
  }

  async function settle() {
    gathering = null;
    const ids = [...awaited];
    awaited.clear();
    try {
      await (ids.length > ASK_EACH_UP_TO ? refresh() : Promise.all(ids.map(bring)));
      await recount();
    } catch {
      broken = true;
    }
  }

  async function bring(id) {
    const { items } = await ask(`${api}?thread=${encodeURIComponent(id)}`);
    items.forEach(showThread);
  }

  async function refresh() {
    const { items } = await ask(`${api}?sort=newest`);
    items.forEach(showThread);
    await recount();
  }

  async function recount() {
    const { counts } = await ask(list.dataset.counts);
    document.getElementById("comment-count").textContent = counts[list.dataset.article];
  }

  async function ask(address) {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  function showThread(thread) {
    let item = find(thread.id);
    if (!item) {
      // An older page of the list shows no newcomers, only replies to what stands on it.
      if (!("first" in list.dataset)) return;
      item = build(thread);
      insert(list, item, (other) => timeOf(other) < timeOf(item));
    } else if (isTombstone(item) && !thread.removed) {
      const restored = build(thread);
      restored.querySelector(".replies").replaceWith(item.querySelector(".replies"));
      item.replaceWith(restored);
      item = restored;
    }
    const replies = item.querySelector(".replies");
    for (const reply of thread.replies) {
      if (find(reply.id)) continue;
      const answer = build(reply);
      answer.querySelector(".replies").remove();
      insert(replies, answer, (other) => timeOf(other) > timeOf(answer));
    }
    document.getElementById("no-comments").hidden = list.children.length > 0;
  }

  function build(comment) {
    const item = copy(comment.removed ? "tombstone-template" : "comment-template", comment);
    if (comment.removed) return item;
    item.classList.add("fresh");
    item.querySelector(".name").textContent = comment.name;
    for (const part of ["title", "content"]) {
      const element = item.querySelector(`.${part}`);
      element.textContent = comment[part];
      element.lang = comment.language;
    }
    item.querySelector(".permalink").href = `#${item.id}`;
    const time = item.querySelector("time");
    time.dateTime = comment.received_at;
    time.textContent = localTime(comment.received_at);
    const reply = item.querySelector(".reply");
    if (reply) {
      const address = new URL(reply.href);
      address.searchParams.set("parent_id", comment.id);
      reply.href = address.href;
      reply.dataset.parent = comment.id;
      reply.dataset.name = comment.name;
    }
    return item;
  }

  function copy(template, { id, received_at: receivedAt }) {
    const source = document.getElementById(template).content.querySelector(".comment");
    const item = document.importNode(source, true);
    item.id = `comment-${id}`;
    item.dataset.time = receivedAt;
    return item;
  }

  function remove(id) {
    const item = find(id);
    if (!item) return;
    const replies = item.querySelector(".replies");
    if (replies?.children.length) {
      item.querySelector(".said")?.replaceWith(
        document.getElementById("tombstone-template").content.querySelector(".tombstone").cloneNode(true),
      );
      return;
    }
    const top = item.parentElement.closest(".comment");
    item.remove();
    if (top && isTombstone(top) && !top.querySelector(".replies").children.length) top.remove();
    document.getElementById("no-comments").hidden = list.children.length > 0;
  }

  function insert(parent, item, comesAfter) {
    parent.insertBefore(item, [...parent.children].find(comesAfter) ?? null);
  }

  function find(id) {
    return document.getElementById(`comment-${id}`);
  }

  function isTombstone(item) {
    return Boolean(item.querySelector(":scope > .tombstone"));
  }

  function timeOf(item) {
    return Date.parse(item.dataset.time);
  }

  function localTime(moment) {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Asia/Ho_Chi_Minh",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      day: "2-digit",
      month: "2-digit",
      year: "numeric",
    }).formatToParts(new Date(moment));
    const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
    return `${part.hour}:${part.minute} ${part.day}/${part.month}/${part.year}`;
  }

  listen();
})();
