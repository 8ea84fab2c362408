// The list: the cards that are known, those in the document, and the current one.
// Cards far from the eye leave the document; pages still farther are forgotten but for where they
// were, and fetched anew. Further pages come before they are needed.

import { part } from "./calls.js";
import * as pages from "./pages.js";
import { announce, say } from "./texts.js";

const FAR = 50;
const STEP = 20;
const SOON = 25;
// Known beyond the document, on either side, before a page is forgotten.
const KEPT = 200;

const list = document.getElementById("list");
const known = list ? [...list.querySelectorAll(":scope > .card")] : [];
const ids = new Map(known.map((card) => [card.dataset.id, card]));
const heights = new WeakMap();
const above = spacer();
const below = spacer();
let from = 0;
let to = known.length;
let current = null;
let next = document.querySelector(".turn [rel=next]")?.getAttribute("href") ?? null;
let loading = null;
let recalling = null;

export const cards = () => known;
export const currentCard = () => current;
export const cardOf = (id) => ids.get(id);
/** Listed on this page, whether its card is at hand or not. */
export const isListed = (id) => ids.has(id) || pages.isForgotten(id);
/** The card that stands for all of the campaign, where one does. */
export const foldedCard = (campaign) => known.find((card) => isOpen(card) && card.dataset.campaign === campaign);
/** Still to be decided, as far as this page knows. */
export const isOpen = ({ classList }) => !classList.contains("decided") && !classList.contains("gone");
/** How many comments a card stands for. */
export const weight = (card) => Number(card.dataset.count) || 1;

export function watchList() {
  if (!list) return;
  pages.cameWith(`${location.pathname}${location.search}`, known);
  list.prepend(above);
  list.append(below);
  document.querySelector(".turn")?.classList.add("loaded-by-script");
  let asked = false;
  addEventListener(
    "scroll",
    () => {
      if (!asked) {
        requestAnimationFrame(() => {
          asked = false;
          look();
        });
      }
      asked = true;
    },
    { passive: true },
  );
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.(".card");
    if (card && card !== current && ids.has(card.dataset.id)) mark(card);
  });
  more(0);
}

/** Make a card the current one: in the document, in view, focused, its place told. */
export function choose(card, { focus = true } = {}) {
  if (!card) return;
  bring(card);
  mark(card);
  if (focus) card.focus({ preventScroll: true });
  show(card);
  const place = position(card);
  card.setAttribute("aria-posinset", place);
  announce(say("script.place", { place, total: total() }));
}

export async function step(by) {
  // Where the current one is forgotten, from where the eye is.
  const at = known.indexOf(current);
  let place = at < 0 ? placeInView() : at + by;
  while (known[place] && !isOpen(known[place])) place += by;
  if (!known[place] && by > 0 && (await more(known.length))) {
    await step(by);
    return;
  }
  if (!known[place] && by < 0 && (await earlier())) {
    await step(by);
    return;
  }
  if (known[place]) choose(known[place]);
}

/** On to the next that is open after `card`, or else before it; none where all is done. */
export async function advance(card) {
  const place = known.indexOf(card);
  const after = () => known.slice(known.indexOf(card) + 1).find(isOpen);
  const following = after() || ((await more(known.length)) && after());
  const chosen = following || known.slice(0, Math.max(place, 0)).reverse().find(isOpen);
  if (chosen) choose(chosen);
  else {
    mark(null);
    announce(say("script.all_done"));
  }
}

/** Load the next page when the place is near the end; whether cards came. */
export async function more(place) {
  if (!list || !next || known.length - place > SOON) return false;
  loading ??= load(next).finally(() => {
    loading = null;
  });
  return loading;
}

/** Put cards of another page where they belong, those that are known already left out. */
export function take(page, { first = false, address } = {}) {
  const fresh = [...page.querySelectorAll(".card")]
    .filter((card) => !ids.has(card.dataset.id))
    .map((card) => document.adoptNode(card));
  for (const card of fresh) ids.set(card.dataset.id, card);
  pages.cameWith(address, fresh);
  if (first) {
    putBefore(fresh);
    bring(known[0]);
  } else {
    const atEnd = to === known.length;
    known.push(...fresh);
    if (atEnd) {
      below.before(...fresh);
      to = known.length;
    }
  }
  if (fresh.length) document.querySelector(".empty")?.remove();
  list.dispatchEvent(new CustomEvent("cards", { detail: fresh, bubbles: true }));
  return fresh;
}

/** Put a newer copy in the place of a card. */
export function replace(card, copy) {
  const newer = document.adoptNode(copy);
  known[known.indexOf(card)] = newer;
  pages.takesPlaceOf(card, newer);
  ids.set(newer.dataset.id, newer);
  const focused = card.contains(document.activeElement);
  card.replaceWith(newer);
  if (current === card) mark(newer);
  if (focused) newer.focus({ preventScroll: true });
  list.dispatchEvent(new CustomEvent("cards", { detail: [newer], bubbles: true }));
  return newer;
}

export function visible() {
  return known.slice(from, to).filter((card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
}

export const atEnd = () => !next;

function mark(card) {
  current?.classList.remove("current");
  if (current) current.tabIndex = -1;
  current = card;
  document.querySelector(".all-done")?.toggleAttribute("hidden", Boolean(card));
  if (card) {
    card.tabIndex = 0;
    card.classList.add("current");
    more(known.indexOf(card));
  }
  document.dispatchEvent(new CustomEvent("current", { detail: card }));
}

function show(card) {
  const { top, height } = card.getBoundingClientRect();
  const block = height > innerHeight * 0.8 || top < 0 ? "start" : "nearest";
  card.scrollIntoView({ block });
}

function position(card) {
  let place = 1 + pages.pastWeight();
  for (const other of known) {
    if (other === card) break;
    if (isOpen(other)) place += weight(other);
  }
  return place;
}

function total() {
  const counted = document.querySelector(".tabs [aria-current] [data-count]")?.textContent;
  if (counted && !list.dataset.filtered) return Number(counted) || counted;
  const loaded = openWeight(known) + pages.pastWeight();
  return next ? `${loaded}+` : loaded;
}

const openWeight = (some) => some.filter(isOpen).reduce((weights, card) => weights + weight(card), 0);
const fetchPage = (address) => part(`${address}${address.includes("?") ? "&" : "?"}part=cards`);

async function load(address) {
  list.setAttribute("aria-busy", "true");
  try {
    const page = await fetchPage(address);
    next = page.querySelector("[rel=next]")?.getAttribute("href") ?? null;
    return take(page, { address }).length > 0;
  } catch {
    // The link to the next page is still there for the hand.
    document.querySelector(".turn")?.classList.remove("loaded-by-script");
    return false;
  } finally {
    list.setAttribute("aria-busy", "false");
    if (!next) document.querySelector(".turn [rel=next]")?.remove();
  }
}

// The page forgotten last; whether cards came.
function earlier() {
  if (!pages.lastPast()) return false;
  recalling ??= recall().then((came) => {
    recalling = null;
    // The eye may be before that page, too, and no scrolling tells so.
    if (came) requestAnimationFrame(look);
    return came;
  });
  return recalling;
}

function look() {
  if (!jumpBack()) keepNear(placeInView());
}

async function recall() {
  const gone = pages.lastPast();
  if (!gone) return false;
  const page = await fetchPage(gone.address).catch(() => null);
  if (!page || pages.lastPast() !== gone) return false;
  pages.recalled();
  const cards = [...page.querySelectorAll(".card")].filter((card) => !ids.has(card.dataset.id));
  for (const card of cards) heights.set(card, gone.height / cards.length);
  // What of it is decided meanwhile is not there any more: the next page before it, then.
  if (!take(page, { first: true, address: gone.address }).length) return recall();
  return true;
}

function putBefore(fresh) {
  known.unshift(...fresh);
  from += fresh.length;
  to += fresh.length;
  above.style.height = `${heightBefore()}px`;
}

function forget(gone) {
  for (const { dataset } of gone) ids.delete(dataset.id);
  pages.forget(gone);
}

// Whole pages, and none of which anything is still to be done.
function forgetFar() {
  while (from > KEPT) {
    const gone = pages.pageFrom(known, 0);
    if (!gone || gone.length > from) break;
    pages.remember(pages.addressOf(gone[0]), sum(0, gone.length), openWeight(gone));
    known.splice(0, gone.length);
    from -= gone.length;
    to -= gone.length;
    forget(gone);
  }
  while (known.length - to > KEPT) {
    const gone = pages.pageFrom(known, -1);
    if (!gone || loading || gone.length > known.length - to) break;
    next = pages.addressOf(gone[0]);
    known.splice(known.length - gone.length);
    forget(gone);
    below.style.height = `${sum(to, known.length)}px`;
  }
}

// Far above by one move of the bar: begin there again instead of fetching all between.
function jumpBack() {
  if (loading || recalling || known.some(pages.isHeld)) return false;
  const address = pages.backTo(-above.getBoundingClientRect().top);
  if (!address) return false;
  next = address;
  const gone = known.splice(0);
  for (const card of gone) card.remove();
  forget(gone);
  from = to = 0;
  above.style.height = `${heightBefore()}px`;
  below.style.height = `${innerHeight}px`;
  more(0);
  return true;
}

const heightBefore = () => pages.pastHeight() + sum(0, from);

function placeInView() {
  // Among those above that are not in the document, by their heights.
  let start = above.getBoundingClientRect().bottom;
  let place = from;
  while (place > 0 && start > 0) {
    place -= 1;
    start -= sum(place, place + 1);
  }
  while (place >= from && place < to && known[place].getBoundingClientRect().bottom <= 0) place += 1;
  return place;
}

function bring(card) {
  const place = known.indexOf(card);
  if (!card.isConnected) keepNear(place);
}

// Moves both edges of what is in the document, in steps, so that not every scroll costs.
function keepNear(place) {
  more(place);
  if (place < SOON) earlier();
  moveEdges(place);
  forgetFar();
}

function moveEdges(place) {
  if (known.length <= 2 * FAR) return widen(0, known.length);
  const first = Math.max(0, place - FAR);
  const last = Math.min(known.length, place + FAR);
  if (first >= to || last <= from) return restart(first, last);
  if (first - from >= STEP || first < from) moveStart(first);
  if (to - last >= STEP || last > to) moveEnd(last);
}

function widen(first, last) {
  if (first < from) moveStart(first);
  if (last > to) moveEnd(last);
}

function restart(first, last) {
  moveEnd(from);
  from = first;
  to = first;
  above.style.height = `${heightBefore()}px`;
  moveEnd(last);
}

function moveStart(first) {
  if (first > from) {
    const gone = known.slice(from, first);
    measure(gone);
    for (const card of gone) card.remove();
  } else {
    above.after(...known.slice(first, from));
  }
  from = first;
  above.style.height = `${heightBefore()}px`;
}

function moveEnd(last) {
  if (last < to) {
    const gone = known.slice(last, to);
    measure(gone);
    for (const card of gone) card.remove();
  } else {
    below.before(...known.slice(to, last));
  }
  to = last;
  below.style.height = `${sum(to, known.length)}px`;
}

function measure(gone) {
  const tops = gone.map((card) => card.getBoundingClientRect().top);
  gone.forEach((card, number) => {
    const following = card.nextElementSibling;
    const end = tops[number + 1] ?? following?.getBoundingClientRect().top;
    heights.set(card, end - tops[number]);
  });
}

function sum(first, last) {
  let height = 0;
  for (let place = first; place < last; place += 1) height += heights.get(known[place]) ?? 160;
  return height;
}

function spacer() {
  const made = document.createElement("div");
  made.setAttribute("aria-hidden", "true");
  return made;
}
