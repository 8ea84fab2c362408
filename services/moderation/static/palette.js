// Ctrl+K: every action and every page by name.

import { isComposed } from "./keys.js";
import { element, fold } from "./texts.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
let offered = [];
let place = 0;

/** `all()`: what can be done now, [{ name, keys, run }]. */
export function openPalette(all) {
  if (!dialog || dialog.open) return;
  field.value = "";
  const items = [...all(), ...pages()];
  field.oninput = () => offer(items);
  offer(items);
  dialog.showModal();
  field.focus();
}

dialog?.addEventListener("keydown", (event) => {
  if (isComposed(event)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    move(place + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Enter") {
    choose(offered[place]);
  } else return;
  event.preventDefault();
});

function pages() {
  return [...document.querySelectorAll(".tabs a, .sorts a, .top nav a")].map((link) => ({
    name: link.dataset.name || link.textContent.trim(),
    run: () => link.click(),
  }));
}

function offer(items) {
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  offered = items.filter(({ name }) => words.every((word) => fold(name).includes(word)));
  list.replaceChildren(...offered.map(option));
  move(0);
}

function option(item, number) {
  const made = element("li", { id: `palette-${number}`, role: "option" }, element("span", { text: item.name }));
  if (item.keys) made.append(element("kbd", { text: item.keys }));
  made.addEventListener("click", () => choose(item));
  return made;
}

function move(to) {
  const options = [...list.children];
  options[place]?.setAttribute("aria-selected", "false");
  place = options.length ? (to + options.length) % options.length : 0;
  const chosen = options[place];
  if (chosen) {
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", chosen.id);
  } else field.removeAttribute("aria-activedescendant");
}

function choose(item) {
  if (!item) return;
  dialog.close();
  item.run();
}
