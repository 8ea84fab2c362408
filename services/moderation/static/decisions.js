// Decisions without a new page: a card folds to one line at once, and unfolds where it was refused.

import { call, Refused } from "./calls.js";
import { advance, cardOf, choose, currentCard, isOpen, weight } from "./list.js";
import { announce, element, say, word } from "./texts.js";
import { remember, undo } from "./undo.js";

const MOST_ITEMS = 100;

/** A reason as the newsroom words it. */
function reasonName(code) {
  const offered = document.querySelector(`#ask-reason [value="${CSS.escape(code)}"]`);
  return offered?.dataset.name ?? word("why", code);
}

export const can = (card, action) => card.dataset.actions.split(" ").includes(action);

/** Decide cards; a folded campaign as one. `more`: reason, note, held_for. */
export async function decide(action, chosen, more = {}) {
  const cards = chosen.filter((card) => isOpen(card) && can(card, action));
  if (!cards.length) return false;
  const onward = cards.includes(currentCard()) ? currentCard() : null;
  for (const card of cards) {
    card.querySelector(".refused")?.remove();
    fold(card, say("script.deciding", { action: say(`act.${action}`), title: titleOf(card) }));
  }
  if (onward) advance(onward);
  const sent = await Promise.all(requests(cards).map((request) => send(request, action, more)));
  finish(action, cards, sent, more);
  return sent.every(({ results }) => results.every((one) => one.result === "done"));
}

/** Say on a card what was done to it by somebody else. */
export function decidedElsewhere(card, actor, action, state) {
  if (card.dataset.deciding) return;
  const what = actor
    ? say("script.decided_by", { actor: word("actor", actor), did: word("did", action) })
    : say("script.moved", { state: word("state", state) });
  card.dataset.state = state;
  refuse(card, what);
  card.classList.add("gone");
  for (const button of card.querySelectorAll(".actions button")) button.disabled = true;
  card.querySelector(".refused").append(
    " ",
    element("a", { href: `/submissions/${card.dataset.id}`, text: say("script.look") }),
  );
}

/** Taken back by whoever decided it: with all it stands for it waits again. */
export function waitAgain(card, { state, version }) {
  card.dataset.state = state;
  if (version) card.dataset.version = version;
  card.querySelector(".refused")?.remove();
  card.classList.remove("gone");
  for (const button of card.querySelectorAll(".actions button")) button.disabled = false;
}

/** Fold a card that this moderator decided by another way: with a ban, in another tab. */
export function foldDecided(card, action, result) {
  fold(card, "");
  settle(card, action, result, null, {});
}

/** Its title, or how it begins where it has none. */
export const titleOf = (card) => card.getAttribute("aria-label");

function requests(cards) {
  const single = cards.filter((card) => !card.dataset.campaign);
  const made = [];
  for (let place = 0; place < single.length; place += MOST_ITEMS) {
    const some = single.slice(place, place + MOST_ITEMS);
    const items = some.map(({ dataset }) => ({ id: dataset.id, seen_version: Number(dataset.version) }));
    made.push({ cards: some, body: { items } });
  }
  const folded = cards.filter((card) => card.dataset.campaign);
  return [
    ...made,
    ...folded.map((card) => ({ cards: [card], body: { campaign: card.dataset.campaign } })),
  ];
}

async function send({ cards, body }, action, more) {
  try {
    const answer = await call("POST", "/v1/decisions", { ...body, action, ...more });
    return { cards, ...answer };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const why = error.status ? reasonOf(error) : say("script.no_connection");
    const results = error.problem.results ?? cards.map(({ dataset }) => ({ id: dataset.id, why }));
    return { cards, results };
  }
}

function reasonOf(error) {
  return error.problem.errors?.[0]?.message || error.problem.title || error.message;
}

function finish(action, cards, sent, more) {
  const results = sent.flatMap((one) => one.results);
  const done = results.filter((one) => one.result === "done");
  const failed = new Map(results.filter((one) => one.result !== "done").map((one) => [one.id, one]));
  const batches = sent.map((one) => one.batch).filter(Boolean);
  const text =
    done.length === 1
      ? `${say(`script.${action}_done`)}: ${titleOf(cardOf(done[0].id) ?? cards[0])}`
      : say(`told.${action}`, { count: done.length });
  const deed = done.length
    ? remember({
        text,
        ids: done.map((one) => one.id),
        calls: batches.map((batch) => ["POST", `/v1/decisions/${batch}/undo`]),
        seconds: sent.find((one) => one.undo_seconds)?.undo_seconds,
      })
    : null;
  const byId = new Map(done.map((one) => [one.id, one]));
  for (const card of cards) {
    if (failed.has(card.dataset.id)) stay(card, failed.get(card.dataset.id));
    else settle(card, action, byId.get(card.dataset.id), deed, more);
  }
  if (failed.size) told(failed.size, cards);
}

function settle(card, action, result, deed, { reason, held_for: heldFor }) {
  delete card.dataset.deciding;
  if (result) Object.assign(card.dataset, { state: result.state, version: result.version });
  uncheck(card);
  const many = deed && deed.ids.length > 1;
  const why = reason ? ` (${reasonName(reason)})` : heldFor ? ` (${heldFor})` : "";
  const line = card.querySelector(".folded");
  const button = element("button", {
    type: "button",
    className: "plain",
    text: many ? say("script.undo_all", { count: deed.ids.length }) : say("act.undo"),
    onclick: () => undo(deed),
  });
  line.replaceChildren(
    element("b", { text: `${say(`script.${action}_done`)}${why}` }),
    ": ",
    element("bdi", { text: titleOf(card) }),
    weight(card) > 1 ? ` × ${weight(card)} ` : " ",
    ...(deed ? [button] : []),
  );
}

// What failed stays selected and says why.
function stay(card, { result, state, version, decision, why }) {
  unfold(card);
  const reason =
    why ??
    (decision
      ? say("script.conflict", { actor: word("actor", decision.actor), did: word("did", decision.action) })
      : say(`script.${result}`, { state: word("state", state) }));
  if (state && state !== card.dataset.state) decidedElsewhere(card, decision?.actor, decision?.action, state);
  else refuse(card, reason);
  if (version) card.dataset.version = version;
  const box = card.querySelector(".choose");
  if (box) box.checked = true;
  document.dispatchEvent(new Event("selected"));
}

function told(count, cards) {
  const first = cards.find((card) => card.querySelector(".refused"));
  announce(`${say("script.not_done", { count })} ${first?.querySelector(".refused").textContent ?? ""}`);
}

function refuse(card, text) {
  card.querySelector(".refused")?.remove();
  card.append(element("p", { className: "refused", role: "alert", text }));
}

function fold(card, text) {
  card.dataset.deciding = "yes";
  card.dataset.before = card.dataset.state;
  card.classList.add("decided");
  card.append(element("p", { className: "folded", text }));
}

function unfold(card) {
  delete card.dataset.deciding;
  card.classList.remove("decided");
  card.querySelector(".folded")?.remove();
}

export function uncheck(card) {
  const box = card.querySelector(".choose");
  if (box) box.checked = false;
  document.dispatchEvent(new Event("selected"));
}

document.addEventListener("undone", ({ detail: { deed, results } }) => {
  const back = new Map(results.map((one) => [one.id, one]));
  const ids = new Set([...(deed.ids ?? []), ...back.keys()]);
  const folded = [...ids].map(cardOf).filter((card) => card?.classList.contains("decided"));
  for (const card of folded) takeBack(card, back.get(card.dataset.id));
  const first = folded.find(isOpen);
  if (first) choose(first);
});

function takeBack(card, result) {
  if (!result) return;
  if (result.result === "done" && result.state === card.dataset.before) {
    unfold(card);
    Object.assign(card.dataset, { state: result.state, version: result.version });
    return;
  }
  // It is somewhere else now: what was published meanwhile was removed, say.
  card.querySelector(".folded b").textContent = word("state", result.state);
  card.querySelector(".folded button")?.remove();
}
