// One comment's own page: told when it changes; its forms go the plain way.

import { call } from "./calls.js";
import { element, say, word } from "./texts.js";

const card = document.querySelector(".card");
const source = new EventSource(document.getElementById("main").dataset.live);

source.addEventListener("change", ({ data }) => {
  const change = JSON.parse(data);
  if (change.id === card.dataset.id) moved(change.state);
});

// What happened while this page was on its way, or while the line was down.
source.addEventListener("ready", async () => {
  const found = await call("GET", `/v1/submissions/${card.dataset.id}`, undefined, { renewable: false }).catch(() => null);
  if (found) moved(found.state);
});

function moved(state) {
  // One's own decision is on its way and needs no telling.
  if (card.dataset.state === state || card.querySelector("[data-sent]")) return;
  card.dataset.state = state;
  card.querySelector(".refused")?.remove();
  const line = element("p", { className: "refused", role: "status", text: `${say("script.moved", { state: word("state", state) })} ` });
  line.append(element("a", { href: location.pathname, text: say("script.look") }));
  card.append(line);
  for (const button of card.querySelectorAll(".actions button")) button.disabled = true;
}
