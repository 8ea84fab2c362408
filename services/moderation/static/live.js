// What colleagues and the machine do meanwhile: told, counted, never moved under the eye.

import { call, part } from "./calls.js";
import { decidedElsewhere, foldDecided, uncheck, waitAgain } from "./decisions.js";
import { atEnd, cardOf, cards, choose, foldedCard, isListed, isOpen, more, replace, take, visible } from "./list.js";
import { announce, element, say, word } from "./texts.js";

const RECOUNT_MILLISECONDS = 1000;
const TRY_AGAIN_MILLISECONDS = 5000;
// Long enough to have begun to read; shorter would tell of cards that were only passed.
const LOOKED_MILLISECONDS = 1200;
const RENEW_MILLISECONDS = 30_000;
const MOST_ASKED = 100;

const main = document.getElementById("main");
const me = document.body.dataset.login;
const news = document.querySelector(".news");
const changedElsewhere = new Set();
const arrived = new Set();
let looking = null;
let counting = null;

export function watchChanges() {
  if (!main.dataset.live) return;
  listen();
  addEventListener("online", catchUp);
  news?.querySelector("a").addEventListener("click", showNews);
}

function listen() {
  const source = new EventSource(main.dataset.live);
  source.addEventListener("change", ({ data }) => changed(JSON.parse(data)));
  source.addEventListener("presence", ({ data }) => present(JSON.parse(data)));
  source.addEventListener("ready", () => {
    recountSoon();
    // What happened on this page's way, or while the line was down.
    catchUp();
  });
  // The browser comes back by itself unless it was turned away: then the session may be over.
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => call("GET", "/v1/stats").then(listen, listenLater), TRY_AGAIN_MILLISECONDS);
  });
}

const listenLater = () => setTimeout(listen, TRY_AGAIN_MILLISECONDS);

function changed({ id, state, actor, action, version }) {
  recountSoon();
  const card = cardOf(id);
  if (card) moved(card, { state, actor, action, version });
  else if (news) {
    changedElsewhere.add(id);
    looking ??= setTimeout(lookAtChanged, RECOUNT_MILLISECONDS);
  }
}

function moved(card, { state, actor, action, version }) {
  if (card.dataset.deciding || (version && Number(card.dataset.version) >= version)) return;
  if (card.classList.contains("decided")) {
    if (actor && actor !== me) tellOnFolded(card, actor, action);
  } else if (state === (main.dataset.state ?? state) && (actor || card.classList.contains("gone"))) {
    // Held for somebody, or back on the desk: the same comment with something new about it.
    if (!card.dataset.campaign) refresh(card);
    // One that stands for many stays as it is; its own decision is what counts.
    else if (card.classList.contains("gone")) waitAgain(card, { state, version });
  } else if (card.dataset.state !== state) {
    if (version) card.dataset.version = version;
    if (actor === me) foldDecided(card, action, { state, version });
    else decidedElsewhere(card, actor, action, state);
    uncheck(card);
  }
}

function tellOnFolded(card, actor, action) {
  const by = { actor: word("actor", actor), did: word("did", action) };
  card.querySelector(".folded b").textContent = say("script.decided_by", by);
}

async function refresh(card) {
  const page = await part(`/submissions/${card.dataset.id}?part=card`).catch(() => null);
  const copy = page?.querySelector(".card");
  if (copy && card.isConnected) replace(card, copy);
}

// Whether what changed belongs to this view, with its filters, only the server can tell.
async function lookAtChanged() {
  looking = null;
  const asked = [...changedElsewhere].slice(0, MOST_ASKED);
  for (const id of asked) changedElsewhere.delete(id);
  const query = new URLSearchParams(location.search);
  for (const name of ["cursor", "lang", "part", "sort"]) query.delete(name);
  if (!query.has("state")) query.set("view", main.dataset.view);
  query.set("id", asked.join(","));
  const answer = await call("GET", `/v1/submissions?${query}`, undefined, { renewable: false }).catch(() => null);
  if (!answer) return;
  for (const id of asked) arrived.delete(id);
  for (const { id, campaign, campaign_waiting: count } of answer.items) {
    const card = foldedCard(campaign);
    if (card) standFor(card, count);
    else if (!isListed(id)) arrived.add(id);
  }
  tellNews();
}

/** What is decided on it goes for all, so it says how many they are by now. */
function standFor(card, count) {
  card.dataset.count = count;
  card.querySelector(".campaign b").textContent = say("campaign.like_this", { count });
  for (const form of card.querySelectorAll(".actions form")) {
    form.querySelector("button").textContent = `${say(`act.${form.dataset.action}`)} (${count})`;
  }
}

function tellNews() {
  const text = say("script.news", { count: arrived.size });
  if (arrived.size && news.hidden) announce(text);
  news.hidden = arrived.size === 0;
  news.querySelector("a").textContent = text;
}

// Where new ones belong on top they are put there; at the end of the list, behind it.
async function showNews(event) {
  const newestFirst = main.dataset.sort !== "oldest";
  if (!newestFirst && !atEnd()) return;
  event.preventDefault();
  const fresh = await refill(newestFirst);
  if (fresh[0]) choose(fresh[0]);
}

async function refill(first) {
  const address = new URL(location.href);
  address.searchParams.delete("cursor");
  address.searchParams.set("part", "cards");
  const fresh = take(await part(`${address.pathname}${address.search}`), { first });
  arrived.clear();
  tellNews();
  return fresh;
}

function recountSoon() {
  counting ??= setTimeout(recount, RECOUNT_MILLISECONDS);
}

async function recount() {
  counting = null;
  const answer = await call("GET", "/v1/stats", undefined, { renewable: false }).catch(() => null);
  if (!answer) return;
  for (const shown of document.querySelectorAll("[data-count]")) {
    if (!(shown.dataset.count in answer.counts)) continue;
    shown.textContent = answer.counts[shown.dataset.count];
    shown.closest("a")?.classList.toggle("some", answer.counts[shown.dataset.count] > 0);
  }
  const here = document.querySelector(".tabs [aria-current] [data-count]")?.textContent;
  if (here) document.title = document.title.replace(/\(\d+\)/, `(${here})`);
}

async function catchUp() {
  const open = cards().filter(isOpen);
  const near = visible().filter(isOpen);
  const asked = [...new Set([...near, ...open])].slice(0, MOST_ASKED);
  if (!asked.length) return;
  const query = asked.map((card) => card.dataset.id).join(",");
  const answer = await call("GET", `/v1/submissions?id=${query}`, undefined, { renewable: false }).catch(() => null);
  for (const { id, state, version, decision, opened_by } of answer?.items ?? []) {
    const card = cardOf(id);
    if (!card) continue;
    for (const line of card.querySelectorAll(".opened")) line.remove();
    if (opened_by) present({ id, login: opened_by, open: true });
    if (Number(card.dataset.version) < version) {
      moved(card, { state, version, actor: decision?.actor, action: decision?.action });
    }
  }
}

/** Reaching the end of the list brings what came meanwhile. */
export function refillAtEnd() {
  document.addEventListener("current", ({ detail: card }) => {
    if (!card) return;
    const last = cards().length - cards().indexOf(card) <= 3;
    if (last && arrived.size && atEnd() && main.dataset.sort === "oldest") refill(false);
    else more(cards().indexOf(card));
  });
}

/** Colleagues see whose card is open. */
export function watchPresence() {
  if (!main.dataset.live) return;
  let open = null;
  let waiting = null;
  const tell = (id, isOpenNow) =>
    call("POST", `/v1/submissions/${id}/presence`, { open: isOpenNow }, { keepalive: true, renewable: false }).catch(
      () => null,
    );
  const leave = () => {
    clearTimeout(waiting);
    clearInterval(waiting);
    if (open) tell(open, false);
    open = null;
  };
  const look = (card) => {
    if (card && open === card.dataset.id) return;
    leave();
    if (!card) return;
    waiting = setTimeout(() => {
      if (document.hidden || !isOpen(card)) return;
      open = card.dataset.id;
      tell(open, true);
      waiting = setInterval(() => tell(open, true), RENEW_MILLISECONDS);
    }, LOOKED_MILLISECONDS);
  };
  document.addEventListener("current", ({ detail: card }) => look(card));
  addEventListener("pagehide", leave);
}

function present({ id, login, open }) {
  const card = cardOf(id);
  if (!card || login === me) return;
  card.querySelector(`.opened[data-login="${CSS.escape(login)}"]`)?.remove();
  if (!open) return;
  const line = element("span", { className: "opened", text: say("script.opened_by", { login }) });
  line.dataset.login = login;
  card.querySelector("header").append(line);
}
