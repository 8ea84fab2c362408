// Keys by their place on the keyboard, not by their letter: a Telex or VNI input method may be on.

const TYPED_INTO = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";
// Two presses closer than this are one press of a trembling finger or a worn key.
const DOUBLE_MILLISECONDS = 120;
// To move on twice, or to select and unselect, does no harm.
const DECIDING = new Set(["KeyA", "KeyR", "KeyD", "KeyS"]);

let composing = false;
let swallowed = false;
let last = {};
const held = new Set();

/** Whether the event belongs to somebody who writes. */
export function isWriting(event) {
  return event.isComposing || composing || Boolean(event.target.closest?.(TYPED_INTO));
}

/** Whether Enter or an arrow belongs to an input method that is still at work. */
export const isComposed = (event) => event.isComposing || event.keyCode === 229;

/** `find(code, shift, event)` gives what the key does, or nothing. */
export function listenToKeys(find) {
  document.addEventListener("compositionstart", () => {
    composing = true;
  });
  document.addEventListener("compositionend", () => {
    composing = false;
  });

  document.addEventListener("keydown", (event) => {
    const { code } = event;
    held.add(code);
    // Whoever pressed another key meanwhile does not tremble.
    if (code && code !== last.code) last = {};
    // Some input methods take a key and send its letter instead, with no place on the keyboard.
    swallowed = code === "" && !isWriting(event);
    if (event.repeat || isWriting(event)) return;
    if (press(code, event)) event.preventDefault();
  });

  // Of a key so taken only the release comes through.
  document.addEventListener("keyup", (event) => {
    const pressed = held.delete(event.code);
    if (pressed || !swallowed || isWriting(event)) return;
    swallowed = false;
    press(event.code, event);
  });
  window.addEventListener("blur", () => held.clear());

  function press(code, event) {
    const run = find(code.replace(/^Numpad(?=\d)/, "Digit"), event.shiftKey, event);
    if (!run) return false;
    if (!isDouble(code, event)) run();
    return true;
  }
}

function isDouble(code, event) {
  const { shiftKey: shift, timeStamp: at } = event;
  const double = code === last.code && shift === last.shift && at - last.at < DOUBLE_MILLISECONDS;
  if (!double) last = { code, shift, at };
  return double && DECIDING.has(code);
}
