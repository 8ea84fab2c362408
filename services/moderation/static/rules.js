// The pages of rules work without it: a rehearsal under way is looked at again by itself.
"use strict";
(() => {
  const box = document.querySelector("[data-rehearsal]");
  if (!box) return;
  const bar = box.querySelector("progress");
  const line = box.querySelector("[role=status]");
  const said = document.createElement("span");

  async function look() {
    let found;
    try {
      const response = await fetch(box.dataset.rehearsal, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      found = await response.json();
    } catch {
      setTimeout(look, 5000);
      return;
    }
    if (found.state !== "waiting" && found.state !== "running") {
      location.reload();
      return;
    }
    if (found.total) {
      bar.max = found.total;
      bar.value = found.seen;
      said.textContent = `${found.seen} / ${found.total}`;
      line.replaceChildren(said);
    }
    setTimeout(look, 1000);
  }
  setTimeout(look, 500);
})();
