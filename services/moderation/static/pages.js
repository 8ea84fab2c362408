// The pages the list came in: which card came with which, and those that are forgotten: where they
// were, how high, how many comments they stood for, and no more.

const origins = new WeakMap();
const forgotten = new Set();
// Forgotten before the first card that is known, in order: { address, height, weight }.
const past = [];

export const isForgotten = (id) => forgotten.has(id);
export const pastHeight = () => past.reduce((height, page) => height + page.height, 0);
export const pastWeight = () => past.reduce((weight, page) => weight + page.weight, 0);
export const lastPast = () => past.at(-1);
export const addressOf = (card) => origins.get(card)?.address;

/** These came together; without an address, as news do, they are never forgotten. */
export function cameWith(address, cards) {
  const origin = { address };
  for (const card of cards) {
    forgotten.delete(card.dataset.id);
    if (address) origins.set(card, origin);
  }
}

export function takesPlaceOf(card, newer) {
  if (origins.has(card)) origins.set(newer, origins.get(card));
}

/** Anything is still to be done with it. */
export const isHeld = (card) => card.dataset.deciding || card.querySelector(".choose:checked");

/** The cards from this end that came together; none where they cannot be forgotten. */
export function pageFrom(cards, end) {
  const origin = origins.get(cards.at(end));
  const by = end < 0 ? -1 : 1;
  const found = [];
  for (let at = end; origins.get(cards.at(at)) === origin && found.length < cards.length; at += by) {
    found.push(cards.at(at));
  }
  return origin && !found.some(isHeld) ? found : null;
}

export function forget(cards) {
  for (const { dataset } of cards) forgotten.add(dataset.id);
}

export function remember(address, height, weight) {
  past.push({ address, height, weight });
}

/** The last of them is known again. */
export const recalled = () => past.pop();

/** The address to begin at again when the eye is so many pixels below the top; none where near. */
export function backTo(top) {
  let height = 0;
  const place = past.findIndex((page) => (height += page.height) > top);
  if (place < 0 || place > past.length - 3) return null;
  const { address } = past[place];
  past.length = place;
  return address;
}
