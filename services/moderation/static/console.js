// Keys, live news and small comforts; every page works without it.
(() => {
  "use strict";

  const main = document.getElementById("main");
  const cards = () => [...document.querySelectorAll(".card")];
  const RECOUNT_MILLISECONDS = 2000;
  let current = null;

  function choose(card) {
    current?.classList.remove("current");
    current = card;
    if (!card) return;
    card.classList.add("current");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = cards();
    const place = current ? all.indexOf(current) + by : 0;
    if (all[place]) choose(all[place]);
  }

  function decide(action) {
    if (current?.classList.contains("gone")) return;
    current?.querySelector(`form[data-action="${action}"]`)?.requestSubmit();
  }

  const help = document.getElementById("keys");
  // Places on the keyboard, not letters: a Telex or VNI input method may be on.
  const KEYS = {
    KeyJ: () => step(1),
    KeyK: () => step(-1),
    KeyA: () => decide("approve"),
    KeyR: () => decide("reject"),
    KeyX: () => current?.querySelector(".choose:enabled")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
    if (event.key === "?") help?.showModal();
    else if (!event.shiftKey && KEYS[event.code]) KEYS[event.code]();
    else return;
    event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (card && card !== current) {
      current?.classList.remove("current");
      current = card;
      card.classList.add("current");
    }
  });

  // A form sent twice would only find its own decision in the way.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  function bulk() {
    const form = document.getElementById("bulk");
    if (!form) return;
    const boxes = [...document.querySelectorAll(".choose:enabled")];
    const every = document.getElementById("choose-all");
    const recount = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      form.querySelector(".chosen b").textContent = chosen;
      form.classList.toggle("idle", chosen === 0);
      every.checked = chosen === boxes.length;
      every.indeterminate = chosen > 0 && chosen < boxes.length;
    };
    every.closest("label").hidden = false;
    form.querySelector(".chosen").hidden = false;
    every.addEventListener("change", () => {
      for (const box of boxes) box.checked = every.checked && !box.closest(".gone");
      recount();
    });
    for (const box of boxes) box.addEventListener("change", recount);
    document.addEventListener("moved", recount);
    recount();
  }

  function reveal(form) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const response = await fetch(form.dataset.reveal, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRF-Token": document.body.dataset.csrf,
        },
        body: "{}",
      }).catch(() => null);
      if (!response?.ok) {
        HTMLFormElement.prototype.submit.call(form);
        return;
      }
      const found = await response.json();
      for (const shown of form.querySelectorAll("[data-personal]")) {
        shown.textContent = found[shown.dataset.personal] || shown.textContent;
      }
      form.querySelector("button").remove();
    });
  }

  function live() {
    const news = document.querySelector(".news");
    const arrived = new Set();
    let counting = null;
    const source = new EventSource(main.dataset.live);
    source.addEventListener("change", (message) => {
      const { id, state } = JSON.parse(message.data);
      const card = document.getElementById(`s-${id}`);
      if (card) moved(card, state);
      else if (news) arrive(id, state);
      counting ??= setTimeout(recount, RECOUNT_MILLISECONDS);
    });

    // What happened while this page was on its way, or while the line was down.
    source.addEventListener("ready", async () => {
      counting ??= setTimeout(recount, RECOUNT_MILLISECONDS);
      const [only, ...others] = cards();
      if (!only || others.length) return;
      const response = await fetch(`/v1/submissions/${only.dataset.id}`).catch(() => null);
      if (response?.ok) moved(only, (await response.json()).state);
    });

    function arrive(id, state) {
      if (main.dataset.state === state) arrived.add(id);
      else arrived.delete(id);
      news.hidden = arrived.size === 0;
      const text = arrived.size === 1 ? news.dataset.one : news.dataset.many;
      news.querySelector("a").textContent = text.replace("#", arrived.size);
    }

    async function recount() {
      counting = null;
      const response = await fetch("/v1/stats").catch(() => null);
      if (!response?.ok) return;
      const { counts } = await response.json();
      const { stuck, ...states } = counts;
      counts.all = Object.values(states).reduce((sum, count) => sum + count, 0);
      for (const shown of document.querySelectorAll("[data-count]")) {
        shown.textContent = counts[shown.dataset.count];
      }
    }
  }

  function moved(card, state) {
    if (card.dataset.state === state) return;
    card.dataset.state = state;
    // One's own decision is on its way and needs no telling.
    if (card.querySelector("[data-sent]") || document.querySelector("#bulk[data-sent]")) return;
    card.querySelector(".moved")?.remove();
    const line = document.getElementById("moved-template").content.cloneNode(true);
    line.querySelector("a").href = `/submissions/${card.dataset.id}`;
    line.querySelector("b").textContent = document.getElementById(`state-${state}`).content.textContent;
    card.append(line);
    card.classList.add("gone");
    for (const control of card.querySelectorAll(".actions button, .choose")) {
      control.disabled = true;
      control.checked = false;
    }
    document.dispatchEvent(new Event("moved"));
  }

  function forgetTold() {
    const address = new URL(location.href);
    if (!address.searchParams.has("done")) return;
    address.searchParams.delete("done");
    address.searchParams.delete("count");
    history.replaceState(null, "", address);
  }

  const showKeys = document.getElementById("show-keys");
  if (showKeys && matchMedia("(hover: hover)").matches) {
    showKeys.hidden = false;
    showKeys.addEventListener("click", () => help.showModal());
  }
  for (const form of document.querySelectorAll("[data-reveal]")) reveal(form);
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  bulk();
  forgetTold();
  if (location.hash.startsWith("#s-")) choose(document.getElementById(location.hash.slice(1)));
  if (main.dataset.live && "EventSource" in window) live();
})();
