// The questions a deed may need: why, until when, for whom. What was typed stays until it is sent.

import { call, Refused } from "./calls.js";
import { choose, currentCard } from "./list.js";
import { decide, titleOf } from "./decisions.js";
import { isComposed } from "./keys.js";
import { element, say } from "./texts.js";
import { remember, tell } from "./undo.js";

const DRAFT = `commentdesk.note.${document.body.dataset.login}.`;

/** Why; then reject or remove. */
export function askReason(action, chosen) {
  const title = `${say(`act.${action}`)}: ${chosen.length === 1 ? titleOf(chosen[0]) : say("script.chosen", { count: chosen.length })}`;
  ask("reason", title, async (fields) => {
    close("reason");
    const done = await decide(action, chosen, {
      reason: fields.get("reason") ?? "",
      note: fields.get("note").trim(),
    });
    if (done) document.getElementById("ask-reason").querySelector("form").reset();
  });
}

/** For whom, or back to everybody. */
export function askHold(chosen) {
  ask("hold", `${say("act.hold")}: ${titleOf(chosen[0])}`, async (fields) => {
    close("hold");
    await decide("hold", chosen, { held_for: fields.get("held_for") });
  });
}

export function askNote(card) {
  const dialog = ask("note", `${say("act.note")}: ${titleOf(card)}`, async (fields) => {
    const text = fields.get("text").trim();
    if (!text) return;
    const { dataset } = card;
    const note = await call("POST", `/v1/submissions/${dataset.id}/notes`, { text });
    sessionStorage.removeItem(DRAFT + dataset.id);
    close("note");
    addNote(card, note);
    remember({ text: say("script.noted", { title: titleOf(card) }), note: note.id, calls: [["DELETE", `/v1/notes/${note.id}`]] });
  });
  const field = dialog.querySelector("textarea");
  field.value = sessionStorage.getItem(DRAFT + card.dataset.id) ?? "";
  field.oninput = () => sessionStorage.setItem(DRAFT + card.dataset.id, field.value);
  field.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isComposed(event)) field.form.requestSubmit();
  };
  field.focus();
}

export function askBan(card) {
  const dialog = ask("ban", `${say("act.ban")}: ${titleOf(card)}`, async (fields) => {
    const days = Number(fields.get("days"));
    const answer = await call("POST", "/v1/bans", {
      submission: card.dataset.id,
      kind: fields.get("kind"),
      ...(days ? { days } : {}),
      note: fields.get("note").trim(),
      reject_waiting: fields.has("reject_waiting"),
    });
    close("ban");
    dialog.querySelector("form").reset();
    const undoing = answer.batch ? [["POST", `/v1/decisions/${answer.batch}/undo`]] : [];
    remember({
      text: say("script.banned", { count: answer.rejected ?? 0 }),
      ids: [card.dataset.id],
      calls: [...undoing, ["DELETE", `/v1/bans/${answer.id}`]],
    });
  });
  for (const kind of ["phone", "address", "name"]) {
    const choice = dialog.querySelector(`[value=${kind}]`);
    const shown = kind === "name" ? card.querySelector(".name") : card.querySelector(`[data-personal=${kind}]`);
    choice.disabled = !shown;
    choice.parentElement.querySelector("bdi").textContent = shown?.textContent ?? "—";
  }
  const first = dialog.querySelector("[name=kind]:enabled");
  first.checked = true;
  first.focus();
}

function ask(name, title, send) {
  const dialog = document.getElementById(`ask-${name}`);
  const form = dialog.querySelector("form");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".alert")?.remove();
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (event.submitter?.value === "cancel") return close(name);
    if (form.dataset.busy) return undefined;
    form.dataset.busy = "yes";
    try {
      await send(new FormData(form));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      complain(dialog, error);
    } finally {
      delete form.dataset.busy;
    }
    return undefined;
  };
  dialog.showModal();
  return dialog;
}

function close(name) {
  document.getElementById(`ask-${name}`).close();
  const card = currentCard();
  if (card) choose(card);
}

function complain(dialog, error) {
  const why = error.status
    ? error.problem.errors?.[0]?.message || error.problem.title || error.message
    : say("script.no_connection");
  dialog.querySelector(".alert")?.remove();
  dialog.querySelector("h2").after(element("p", { className: "alert", role: "alert", text: why }));
}

function addNote(card, note) {
  const list = card.querySelector(".notes") ?? element("ul", { className: "notes" });
  const line = element("li", {}, element("bdi", { text: note.actor }), ": ", element("q", { dir: "auto", text: note.text }));
  line.dataset.note = note.id;
  list.append(line);
  if (!list.isConnected) (card.querySelector(".actions") ?? card.lastElementChild).before(list);
}

document.addEventListener("undone", ({ detail: { deed } }) => {
  if (deed.note) document.querySelector(`[data-note="${deed.note}"]`)?.remove();
});

// Digits choose a reason wherever the focus is, except in the note.
document.getElementById("ask-reason")?.addEventListener("keydown", (event) => {
  if (isComposed(event) && event.key === "Enter") event.preventDefault();
  if (event.target.matches("input:not([type=radio])") || event.ctrlKey || event.metaKey || event.altKey) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const choice = digit && event.currentTarget.querySelectorAll("[type=radio]")[digit - 1];
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
});

// The next ones like a campaign: held or rejected by themselves for some hours.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-order]");
  if (!form) return;
  event.preventDefault();
  const fields = new FormData(form);
  const path = `/v1/campaigns/${form.dataset.order}/order`;
  try {
    await call("POST", path, { action: fields.get("action"), hours: Number(fields.get("hours")) });
    remember({ text: say("script.ordered"), calls: [["DELETE", path]] });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.status === 404 ? say("script.no_orders") : error.message);
  }
});

