/* The desk's keys, inside its kb-player. Single letters: only on pages that can turn them off (WCAG 2.1.4). */

import { announce } from "../lib/announce.js";
import { composing, setShortcuts, shortcutsOn, takesSpace, typing } from "../lib/keys.js";

const FRAME = 1 / 25;

class KbKeys extends HTMLElement {
  connectedCallback() {
    this.player = this.closest("kb-player");
    this.abort = new AbortController();
    const { signal } = this.abort;
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.keys = shortcutsOn();
    const choice = document.querySelector("[data-shortcuts]");
    if (!choice) return;
    choice.checked = this.keys;
    choice.addEventListener("change", () => {
      this.keys = choice.checked;
      setShortcuts(choice.checked);
    }, { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  /* The next finding after now, or the one before; it is shown, marked and played. */
  finding(step) {
    const all = [...document.querySelectorAll("[data-finding]")].sort((a, b) => a.dataset.start - b.dataset.start);
    const now = this.player.time;
    const next = step > 0
      ? all.find((each) => Number(each.dataset.start) > now + 0.3)
      : all.reverse().find((each) => Number(each.dataset.start) < now - 1.5);
    if (!next) {
      announce(this.player.dataset.msgNoMore);
      return;
    }
    for (const each of all) each.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    next.dispatchEvent(new CustomEvent("kb:reveal", { bubbles: true }));
    this.player.seek(Number(next.dataset.start), true);
    next.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    // The switch that turns them on again can always be reached.
    if (event.code === "Slash" && event.shiftKey) {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("kb:open", { detail: "shortcuts" }));
      return;
    }
    if (!this.keys || !(this.player?.video || event.code === "Slash") || (event.code === "Space" && takesSpace(event.target))) return;
    // A score has a point in it.
    if (event.target.type === "number" && ["Comma", "Period"].includes(event.code)) return;
    const act = {
      Space: () => this.player.toggle(),
      KeyK: () => this.player.toggle(),
      KeyJ: () => this.player.nudge(-this.player.step),
      KeyL: () => this.player.nudge(this.player.step),
      Comma: () => this.player.seek(this.player.time - FRAME, false),
      Period: () => this.player.seek(this.player.time + FRAME, false),
      BracketLeft: () => this.player.faster(-1),
      BracketRight: () => this.player.faster(1),
      KeyF: () => this.finding(event.shiftKey ? -1 : 1),
      KeyS: () => document.querySelector("[data-search]:not([hidden])")?.focus(),
      Slash: () => document.querySelector("[data-comment], [data-state=now] textarea")?.focus(),
    }[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

customElements.define("kb-keys", KbKeys);
