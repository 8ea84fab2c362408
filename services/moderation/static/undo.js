// What can be taken back: this tab's deeds, the last first, whichever view they were done in.

import { call, Refused } from "./calls.js";
import { announce, element, say } from "./texts.js";

const KEPT = `commentdesk.deeds.${document.body.dataset.login}`;
const MOST = 50;
const SHOWN_SECONDS = 6;

const toast = document.getElementById("toast");
let deeds = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
let ticking = null;
let undoing = false;

/** A deed: `text` says what was done, `calls` ([method, path], the last first) take it back. */
export function remember(deed) {
  deeds = [...deeds.slice(1 - MOST), { ...deed, key: crypto.randomUUID(), at: Date.now() }];
  keep();
  showToast(deeds.at(-1));
  announce(deed.text);
  return deeds.at(-1);
}

/** A page opened within the seconds of grace still offers them. */
export function offerLast() {
  const last = deeds.at(-1);
  if (last && secondsLeft(last) > 0) showToast(last);
}

/** Take back a deed, or the last one; each item that came back is told to the page. */
export async function undo(deed = deeds.at(-1)) {
  if (!deed) {
    tell(say("script.nothing_to_undo"));
    return;
  }
  // The second press of one undo is not an undo of the deed before.
  if (undoing) return;
  undoing = true;
  try {
    await takeBack(deed);
  } finally {
    undoing = false;
  }
}

/** A line that goes away by itself. */
export function tell(text, ...more) {
  if (!toast) return;
  clearInterval(ticking);
  toast.replaceChildren(element("span", { text }), ...more);
  toast.hidden = false;
  ticking = setTimeout(hide, SHOWN_SECONDS * 1000);
  announce(text);
}

async function takeBack(deed) {
  const results = [];
  try {
    for (const [method, path] of deed.calls) {
      const answer = await call(method, path, method === "DELETE" ? undefined : {});
      results.push(...(answer?.results ?? []));
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // What cannot be undone at all is not offered again; what the line swallowed is.
    if (error.status) forget(deed);
    results.push(...(error.problem.results ?? []));
    if (!results.length) {
      tell(error.status ? error.message : say("script.no_connection"));
      return;
    }
  }
  forget(deed);
  document.dispatchEvent(new CustomEvent("undone", { detail: { deed, results } }));
  const failed = results.filter((one) => one.result !== "done").length;
  const text = failed
    ? say("script.undone_in_part", { done: results.length - failed, failed })
    : say("script.undone", { text: deed.text });
  tell(text);
}

function showToast(deed) {
  if (!toast) return;
  clearInterval(ticking);
  const left = element("span", { className: "left", ariaHidden: "true" });
  const button = element("button", { type: "button", text: say("act.undo"), onclick: () => undo(deed) });
  toast.replaceChildren(element("span", { text: deed.text }), button, left);
  toast.hidden = false;
  const tick = () => {
    const seconds = secondsLeft(deed);
    left.textContent = say("script.seconds", { count: seconds });
    if (seconds <= 0) hide();
  };
  tick();
  ticking = setInterval(tick, 250);
}

const secondsLeft = (deed) =>
  Math.ceil((deed.at - Date.now()) / 1000 + Math.max(deed.seconds ?? 0, SHOWN_SECONDS));

function hide() {
  clearInterval(ticking);
  toast.hidden = true;
}

function forget(deed) {
  deeds = deeds.filter((one) => one.key !== deed.key);
  keep();
}

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify(deeds));
}
