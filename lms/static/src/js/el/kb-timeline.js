/* The drawn timeline: a range input over it seeks, the play head follows by its SVG attributes. */

import { clock, fill } from "../lib/time.js";

class KbTimeline extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input[type=range]");
    this.head = this.querySelector(".timeline-head");
    this.knob = this.querySelector(".timeline-knob");
    if (!this.range) return;
    this.range.hidden = false;
    this.abort = new AbortController();
    const { signal } = this.abort;
    document.addEventListener("kb:time", (event) => this.place(event.detail.time), { signal });
    this.range.addEventListener("input", () => this.seek(Number(this.range.value)), { signal });
    this.range.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.code];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const last = Number(this.range.max);
      this.seek(Math.min(last, Math.max(0, Number(this.range.value) + step)));
    }, { signal });
    this.place(Number(this.range.value));
    document.dispatchEvent(new CustomEvent("kb:ask"));
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  seek(time) {
    this.place(time);
    this.dispatchEvent(new CustomEvent("kb:seek", { bubbles: true, detail: { time } }));
  }

  place(time) {
    const last = Number(this.range.max) || 1;
    const x = `${Math.min(100, (time / last) * 100).toFixed(3)}%`;
    this.head.setAttribute("x1", x);
    this.head.setAttribute("x2", x);
    this.knob.setAttribute("cx", x);
    this.range.value = String(time);
    this.range.setAttribute("aria-valuetext", fill(this.dataset.msgAt, { time: clock(time), end: clock(last) }));
  }
}

customElements.define("kb-timeline", KbTimeline);
