// The moderators' desk by hand and by key. Every action stands here once, for the keys, the help,
// the palette and the buttons.

import { can, decide } from "./decisions.js";
import { askBan, askHold, askNote, askReason } from "./dialogs.js";
import { openDrawer } from "./drawer.js";
import { listenToKeys } from "./keys.js";
import { cards, choose, currentCard, isOpen, step, watchList } from "./list.js";
import { refillAtEnd, watchChanges, watchPresence } from "./live.js";
import { openPalette } from "./palette.js";
import { selectAll, selected, toggle, watchSelection } from "./selection.js";
import { element, say, word } from "./texts.js";
import { offerLast, tell, undo } from "./undo.js";

const help = document.getElementById("keys");
const shown = (label, ...chords) => ({ label, chords });

/** `onCard`: needs a current card that is still to be decided. */
const ACTIONS = {
  next: { keys: shown("J", "KeyJ"), run: () => step(1) },
  previous: { keys: shown("K", "KeyK"), run: () => step(-1) },
  approve: { keys: shown("A", "KeyA"), onCard: (card) => give([card]) },
  reject: { keys: shown("R", "KeyR"), onCard: (card) => refuse([card]) },
  remove: { keys: shown("D", "KeyD"), onCard: (card) => only("remove", card, askReason) },
  restore: { keys: shown("S", "KeyS"), onCard: (card) => only("restore", card, decide) },
  hold: { keys: shown("T", "KeyT"), onCard: (card) => only("hold", card, (_, chosen) => askHold(chosen)) },
  note: { keys: shown("N", "KeyN"), onCard: askNote },
  ban: { keys: shown("B", "KeyB"), onCard: askBan },
  undo: { keys: shown("U", "KeyU"), run: () => undo() },
  evidence: { keys: shown("E", "KeyE"), onCard: (card) => flip(card.querySelector(".evidence")) },
  history: { keys: shown("H", "KeyH"), onCard: openDrawer },
  open: { keys: shown("Enter", "Enter", "NumpadEnter"), onCard: open },
  close: { keys: shown("Esc", "Escape"), onCard: shut },
  select: { keys: shown("X", "KeyX"), onCard: toggle },
  select_all: { keys: shown("Shift+X", "Shift+KeyX"), run: () => selectAll() },
  approve_selected: { keys: shown("Shift+A", "Shift+KeyA"), run: () => give(selected()) },
  reject_selected: { keys: shown("Shift+R", "Shift+KeyR"), run: () => refuse(selected()) },
  search: { keys: shown("/", "Slash"), run: search },
  views: { keys: shown("1 – 7"), run: null },
  help: { keys: shown("?", "Shift+Slash"), run: showHelp },
  palette: { keys: shown("Ctrl+K"), run: () => openPalette(offered) },
};
const BY_CHORD = new Map(
  Object.values(ACTIONS).flatMap((action) => action.keys.chords.map((chord) => [chord, action])),
);
const RETRACTS = { approve: "restore", reject: "remove" };

function find(code, shift, event) {
  if ((event.ctrlKey || event.metaKey) && code === "KeyK" && !event.altKey && !shift) return ACTIONS.palette.run;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (document.querySelector("dialog[open]")) return null;
  // A focused button or link keeps its own Enter.
  if (code.endsWith("Enter") && event.target.closest?.("a, button, summary, input")) return null;
  const view = /^Digit([1-7])$/.exec(code)?.[1];
  if (view && !shift) return () => document.querySelectorAll(".tabs a")[view - 1]?.click();
  const asked = event.key === "?" ? "Shift+Slash" : `${shift ? "Shift+" : ""}${code}`;
  const action = BY_CHORD.get(asked);
  return action && (() => perform(action));
}

function perform({ run, onCard }) {
  if (run) return run();
  const card = currentCard();
  return card && isOpen(card) ? onCard(card) : undefined;
}

// "Let it stand" and "away with it", whatever state the comment is in.
const give = (chosen) => eitherWay("approve", chosen, decide);
const refuse = (chosen) => eitherWay("reject", chosen, askReason);

function eitherWay(action, chosen, run) {
  const able = [action, RETRACTS[action]].find((one) => chosen.some((card) => can(card, one)));
  if (!able) return chosen.length ? cannot(chosen[0]) : tell(say("script.chosen", { count: 0 }));
  return run(able, chosen.filter((card) => can(card, able)));
}

const only = (action, card, run) => (can(card, action) ? run(action, [card]) : cannot(card));

const cannot = ({ dataset }) => tell(say("script.impossible", { state: word("state", dataset.state) }));

function flip(details) {
  if (details) details.open = !details.open;
}

function open(card) {
  card.classList.add("whole");
  for (const details of card.querySelectorAll(".evidence, .thread")) details.open = true;
  choose(card);
}

function shut(card) {
  card.classList.remove("whole");
  for (const details of card.querySelectorAll("details")) details.open = false;
  choose(card);
}

function search() {
  const field = document.querySelector(".search [name=q]");
  field?.focus();
  field?.select();
}

function offered() {
  return Object.entries(ACTIONS)
    .filter(([, action]) => (action.run || action.onCard) && action !== ACTIONS.palette)
    .map(([name, action]) => ({ name: say(`act.${name}`), keys: action.keys.label, run: () => perform(action) }));
}

function showHelp() {
  const lines = Object.entries(ACTIONS).map(([name, { keys }]) =>
    element("div", {}, element("dt", {}, element("kbd", { text: keys.label })), element("dd", { text: say(`act.${name}`) })),
  );
  help.querySelector("dl").replaceChildren(...lines);
  help.showModal();
}

// The second click of a double click falls on what moved into the place of the decided card.
document.addEventListener(
  "click",
  (event) => {
    if (event.detail > 1 && event.target.closest(".card button")) event.preventDefault();
  },
  { capture: true },
);

// Buttons and forms of the cards do by hand what the keys do.
document.addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  const name = event.target.closest("[data-do]")?.dataset.do;
  if (!card || !name || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (currentCard() !== card) choose(card);
  if (name === "unfold") card.classList.add("whole");
  else perform(ACTIONS[name]);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const action = form.dataset.action || (form.id === "bulk" && event.submitter?.value);
  if (!action) return;
  event.preventDefault();
  delete form.dataset.sent;
  const chosen = form.id === "bulk" ? selected() : [form.closest(".card")];
  if (action === "reject" || action === "remove") askReason(action, chosen);
  else decide(action, chosen);
});

for (const button of document.querySelectorAll("[data-opens]")) {
  button.hidden = false;
  button.addEventListener("click", () => perform(ACTIONS[button.dataset.opens]));
}
for (const dialog of document.querySelectorAll("dialog")) {
  // A press beside it closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
document.documentElement.classList.add("scripted");
listenToKeys(find);
watchList();
watchSelection();
watchChanges();
watchPresence();
refillAtEnd();
offerLast();
const aimed = location.hash.startsWith("#s-") && document.getElementById(location.hash.slice(1));
if (aimed || cards()[0]) choose(aimed || cards()[0], { focus: !document.activeElement || document.activeElement === document.body });
