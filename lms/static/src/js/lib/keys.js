/* Which key presses are meant for the player. `event.code` is the place of the key: with a Chinese input method on,
   `event.key` only says "Process". */

const SETTING = "kb-shortcuts";

export function shortcutsOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true; // storage refused: keep the default
  }
}

export function setShortcuts(on) {
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    /* storage refused: the choice holds for this page only */
  }
}

export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

const TYPES_TEXT = new Set(["text", "search", "email", "tel", "url", "password", "date", "time", "datetime-local"]);

/* True where a letter would be typed. Number fields let letters through: they are player keys on the scoring desk. */
export function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && TYPES_TEXT.has(target.type);
}

/* True where the key already means something: Space on a button presses it. */
export function takesSpace(target) {
  return target instanceof HTMLElement && Boolean(target.closest("button, a, summary, input, label, select, textarea"));
}
