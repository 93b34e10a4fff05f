/* Follows the player, marks the cue that is being said, searches. Following stops when she scrolls; a button resumes it. */

import { announce } from "../lib/announce.js";
import { composing } from "../lib/keys.js";
import { fill } from "../lib/time.js";

class KbTranscript extends HTMLElement {
  connectedCallback() {
    this.scroller = this.querySelector(".transcript-scroll");
    this.resume = this.querySelector(".follow");
    this.cues = [...this.querySelectorAll(".cue")];
    this.starts = this.cues.map((cue) => Number(cue.dataset.start));
    this.following = true;
    this.abort = new AbortController();
    const { signal } = this.abort;
    document.addEventListener("kb:time", (event) => this.mark(event.detail.time), { signal });
    for (const kind of ["wheel", "touchmove"]) {
      this.scroller.addEventListener(kind, () => this.follow(false), { signal, passive: true });
    }
    // A press on the scroll bar lands here.
    this.scroller.addEventListener("pointerdown", (event) => {
      if (event.target === this.scroller) this.follow(false);
    }, { signal });
    this.scroller.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.resume?.addEventListener("click", () => {
      this.follow(true);
      this.reveal(this.current);
      this.current?.querySelector("[data-seek]")?.focus({ preventScroll: true });
    }, { signal });
    const field = document.getElementById(this.dataset.searchField);
    field?.addEventListener("input", () => this.search(field.value), { signal });
    field?.addEventListener("keydown", (event) => {
      if (event.code !== "Escape" || composing(event) || !field.value) return;
      event.preventDefault();
      field.value = "";
      this.search("");
    }, { signal });
    document.dispatchEvent(new CustomEvent("kb:ask"));
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  follow(on) {
    this.following = on;
    if (this.resume) this.resume.hidden = on || !this.current;
  }

  /* The last cue that has begun; none before the first. */
  at(time) {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= time + 0.05) low = middle + 1;
      else high = middle;
    }
    return this.cues[low - 1];
  }

  mark(time) {
    const cue = this.at(time);
    if (cue === this.current) return;
    this.current?.removeAttribute("aria-current");
    this.current = cue;
    if (!cue) return;
    cue.setAttribute("aria-current", "true");
    if (this.following) this.reveal(cue);
    else if (this.resume) this.resume.hidden = false;
  }

  /* Only the list scrolls, never the page. */
  reveal(cue) {
    if (!cue || this.scroller.scrollHeight <= this.scroller.clientHeight) return;
    const box = this.scroller.getBoundingClientRect();
    const at = cue.getBoundingClientRect();
    if (at.top >= box.top + 40 && at.bottom <= box.bottom - 60) return;
    this.scroller.scrollTop += at.top - box.top - box.height / 3;
  }

  onKey(event) {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["PageUp", "PageDown", "Home", "End"].includes(event.code)) {
      this.follow(false);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (!step) return;
    event.preventDefault();
    const shown = this.cues.filter((cue) => cue.dataset.found !== "false");
    const from = shown.indexOf(event.target.closest(".cue") ?? this.current);
    const next = shown[Math.min(shown.length - 1, Math.max(0, from + step))];
    this.follow(false);
    next?.querySelector("[data-seek]")?.focus();
  }

  search(words) {
    const wanted = words.trim().toLowerCase();
    let found = 0;
    for (const cue of this.cues) {
      const hit = !wanted || cue.textContent.toLowerCase().includes(wanted);
      if (hit) found += 1;
      cue.dataset.found = String(hit);
    }
    if (wanted) announce(fill(this.dataset.msgFound, { number: found }));
  }
}

customElements.define("kb-transcript", KbTranscript);
