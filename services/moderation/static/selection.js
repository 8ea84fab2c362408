// Which cards are ticked, and the bar that decides them all.

import { cards, isOpen } from "./list.js";

const bar = document.getElementById("bulk");
const boxOf = (card) => card.querySelector(".choose:enabled");

export const selected = () => cards().filter((card) => boxOf(card)?.checked && !card.classList.contains("decided"));

export function watchSelection() {
  if (!bar) return;
  const every = document.getElementById("choose-all");
  let due = false;
  every.closest("label").hidden = false;
  bar.querySelector(".chosen").hidden = false;
  every.addEventListener("change", () => selectAll(every.checked));
  document.addEventListener("change", (event) => {
    if (event.target.classList.contains("choose")) recountSoon();
  });
  for (const happening of ["selected", "cards", "undone"]) document.addEventListener(happening, recountSoon);
  recount();

  // A hundred cards that change at once are counted once.
  function recountSoon() {
    if (!due) requestAnimationFrame(recount);
    due = true;
  }

  function recount() {
    due = false;
    const open = cards().filter((card) => isOpen(card) && boxOf(card));
    const chosen = selected().length;
    bar.querySelector(".chosen b").textContent = chosen;
    bar.classList.toggle("idle", chosen === 0);
    every.checked = chosen > 0 && chosen >= open.length;
    every.indeterminate = chosen > 0 && chosen < open.length;
  }
}

export function toggle(card) {
  boxOf(card)?.click();
}

/** All that are listed, or none where all are selected already. */
export function selectAll(on = selected().length < cards().filter((card) => isOpen(card) && boxOf(card)).length) {
  for (const card of cards()) {
    const box = boxOf(card);
    if (box) box.checked = on && isOpen(card);
  }
  document.dispatchEvent(new Event("selected"));
}
