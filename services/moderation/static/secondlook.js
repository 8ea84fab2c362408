// Keys of the second look: A, R and S answer, a digit chooses the reason. Without script the
// buttons do the same.
(() => {
  "use strict";

  const form = document.getElementById("answer");
  const reason = document.getElementById("reason");
  const REASON = /^(?:Digit|Numpad)([1-9])$/;

  function press(answer) {
    // The form remembers that it was sent: a second press finds nothing to do.
    if (!form.dataset.sent) form.querySelector(`button[value="${answer}"]`).click();
  }

  // Places on the keyboard, not letters: a Telex or VNI input method may be on.
  const KEYS = {
    KeyA: () => press("publish"),
    KeyR: () => press("reject"),
    KeyS: () => press("skip"),
  };

  document.addEventListener("keydown", (event) => {
    if (!form || event.isComposing || event.keyCode === 229 || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const chosen = REASON.exec(event.code);
    if (chosen && reason.options[chosen[1]]) reason.selectedIndex = Number(chosen[1]);
    else if (KEYS[event.code]) KEYS[event.code]();
    else return;
    event.preventDefault();
  });

  // Whoever reloads the page is told nothing twice.
  const address = new URL(location.href);
  if (address.searchParams.has("done")) {
    address.searchParams.delete("done");
    address.searchParams.delete("count");
    history.replaceState(null, "", address);
  }
})();
