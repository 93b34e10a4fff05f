/* Time left by the server's clock (lib/exam-clock.js), given as `clock`. Words at 15, 5 and 1 minutes; a press hides the
   figures. Fires kb:time-up once. */

import { announce } from "../lib/announce.js";
import { clock as figures, fill } from "../lib/time.js";

const SPOKEN = [15, 5, 1];
const LOW = 5 * 60_000;

class KbTimer extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.face = this.querySelector("[data-left]");
    this.button.addEventListener("click", () => {
      const hidden = this.button.getAttribute("aria-pressed") !== "true";
      this.button.setAttribute("aria-pressed", String(hidden));
      this.face.hidden = hidden;
    });
    this.beat = setInterval(() => this.draw(), 250);
  }

  disconnectedCallback() {
    clearInterval(this.beat);
  }

  draw() {
    const left = this.stopped ? null : this.clock?.left();
    if (left === null || left === undefined) return;
    const words = figures(Math.ceil(left / 1000));
    if (this.face.textContent !== words) this.face.textContent = words;
    this.dataset.tone = left < LOW ? "low" : "";
    const minutes = Math.ceil(left / 60_000);
    if (this.minutes !== undefined && minutes !== this.minutes && SPOKEN.includes(minutes)) {
      announce(fill(this.dataset.msgLeft, { minutes }));
    }
    this.minutes = minutes;
    if (left > 0) this.up = false;
    else if (!this.up) {
      this.up = true;
      this.dispatchEvent(new CustomEvent("kb:time-up", { bubbles: true }));
    }
  }
}

customElements.define("kb-timer", KbTimer);
