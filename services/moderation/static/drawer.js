// The person's past, beside the list: the same phone, address, browser or text.

import { part, Refused } from "./calls.js";
import { say } from "./texts.js";

const drawer = document.getElementById("drawer");
const inside = drawer?.querySelector(".inside");

export async function openDrawer(card) {
  if (!drawer || drawer.open) return;
  inside.textContent = say("script.loading");
  drawer.showModal();
  try {
    const page = await part(`/submissions/${card.dataset.id}/person?part=person`);
    inside.replaceChildren(...[...page.body.children].map((child) => document.adoptNode(child)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    inside.textContent = error.status ? error.message : say("script.no_connection");
  }
}

// The key that opened it closes it.
drawer?.addEventListener("keydown", (event) => {
  if (event.code !== "KeyH" || event.ctrlKey || event.metaKey || event.altKey) return;
  // It would open it again.
  event.stopPropagation();
  drawer.close();
});
