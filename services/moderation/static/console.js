// Small comforts of every page of the console; each page works without them.
(() => {
  "use strict";

  // A form sent twice would only find its own decision in the way.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // Phone and address in full, in their place.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.reveal) return;
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

  // What was told once is not told again when the page is loaded anew.
  const address = new URL(location.href);
  if (address.searchParams.has("done")) {
    for (const name of ["done", "count", "batch"]) address.searchParams.delete(name);
    history.replaceState(null, "", address);
  }
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
})();
