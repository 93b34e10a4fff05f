/* Lines of a transcript typed beside the player: Enter goes on, Alt+P plays the line and stops at its end, Alt+L confirms it. */

import { composing } from "../lib/keys.js";

class KbHeard extends HTMLElement {
  connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.lines = [...this.querySelectorAll("[data-start]")];
    const keys = this.querySelector(".heard-keys");
    if (keys) keys.hidden = false;
    this.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.addEventListener("input", () => {
      this.dirty = true;
    }, { signal });
    this.addEventListener("submit", () => {
      this.dirty = false;
    }, { signal });
    document.addEventListener("kb:time", (event) => this.mark(event.detail), { signal });
    addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    }, { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  onKey(event) {
    if (composing(event) || event.ctrlKey || event.metaKey) return;
    const line = event.target.closest("[data-start]");
    if (!line) return;
    const act = event.altKey
      ? { KeyP: () => this.play(line), KeyL: () => this.confirm(line) }[event.code]
      : event.target.type === "text" && {
        Enter: () => this.go(line, event.shiftKey ? -1 : 1), ArrowDown: () => this.go(line, 1), ArrowUp: () => this.go(line, -1),
      }[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  }

  go(line, step) {
    const next = this.lines[this.lines.indexOf(line) + step];
    (next ?? (step > 0 ? this.querySelector("[name=add_start]") : null))?.closest("[data-start], label")?.querySelector("input[type=text]")?.focus();
  }

  play(line) {
    this.until = Number(line.dataset.end);
    document.dispatchEvent(new CustomEvent("kb:seek", { detail: { time: Number(line.dataset.start), play: true } }));
  }

  confirm(line) {
    const box = line.querySelector("[name=heard]");
    if (!box) return;
    box.checked = !box.checked;
    this.dirty = true;
  }

  mark({ time, playing }) {
    for (const line of this.lines) {
      const now = Number(line.dataset.start) <= time && time < Number(line.dataset.end);
      line.toggleAttribute("data-now", now);
    }
    if (this.until === undefined) return;
    if (!playing && time < this.until - 0.3) return;
    if (time >= this.until) {
      const end = this.until;
      this.until = undefined;
      document.dispatchEvent(new CustomEvent("kb:seek", { detail: { time: end, play: false } }));
    }
  }
}

customElements.define("kb-heard", KbHeard);
