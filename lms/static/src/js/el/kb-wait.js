/* The waiting room: counts down by the server's clock and opens the paper by itself. It asks the server nothing meanwhile; a
   place in the line and the pace say how many are before her. */

import { announce } from "../lib/announce.js";
import { clock as figures, fill } from "../lib/time.js";

const LEAST = 300;

class KbWait extends HTMLElement {
  connectedCallback() {
    const { now, opens, enters, place, pace } = this.dataset;
    Object.assign(this, { opens: Number(opens), enters: Number(enters), place: Number(place), pace: Number(pace) });
    this.base = Number(now) - (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0);
    this.checks();
    this.beat = setInterval(() => this.draw(), 250);
    this.draw();
    const wait = Math.max(LEAST, this.enters - this.now());
    // A timer longer than 24 days would fire at once.
    this.timer = setTimeout(() => this.enter(), Math.min(wait + Math.random() * 200, 2 ** 31 - 1));
  }

  disconnectedCallback() {
    clearInterval(this.beat);
    clearTimeout(this.timer);
  }

  now() {
    return this.base + performance.now();
  }

  draw() {
    const now = this.now();
    this.querySelector("[data-left]").textContent = figures(Math.ceil((this.enters - now) / 1000));
    const gone = now < this.opens ? 0 : Math.floor(((now - this.opens) * this.pace) / 60_000) + 1;
    const ahead = Math.max(0, this.place - 1 - gone);
    const line = this.querySelector("[data-line]");
    const words = ahead ? fill(this.dataset.msgAhead, { number: ahead }) : this.dataset.msgNext;
    if (!this.entering && line.textContent !== words) line.textContent = words;
  }

  enter() {
    this.entering = true;
    const line = this.querySelector("[data-line]");
    if (!navigator.onLine) {
      line.textContent = this.dataset.msgRetry;
      this.timer = setTimeout(() => this.enter(), 2000);
      return;
    }
    line.textContent = this.dataset.msgOpening;
    announce(this.dataset.msgOpening);
    this.querySelector("form").submit();
  }

  async checks() {
    this.tell("network", navigator.onLine);
    this.tell("browser", !/MicroMessenger/.test(navigator.userAgent));
    this.tell("storage", await usable());
    for (const name of ["online", "offline"]) addEventListener(name, () => this.tell("network", navigator.onLine));
  }

  tell(name, fine) {
    const line = this.querySelector(`[data-check=${name}]`);
    line.dataset.tone = fine ? "ok" : "warn";
    line.querySelector("span").textContent = fine ? line.dataset.ok : line.dataset.bad;
    const use = line.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, fine ? "#check-circle" : "#exclamation-triangle"));
  }
}

function usable() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open("kb-exam-check", 1);
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase("kb-exam-check");
        resolve(true);
      };
      request.onerror = () => resolve(false);
    } catch {
      resolve(false);
    }
  });
}

customElements.define("kb-wait", KbWait);
