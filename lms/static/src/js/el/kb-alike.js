/* Two videos side by side: a stretch is opened in both, and both play together. The other runs at its own speed, so that the
   matching pictures stay beside each other; its sound is off, or nobody would understand either. */

import { clock } from "../lib/time.js";

class KbAlike extends HTMLElement {
  connectedCallback() {
    const [own, other] = ["own", "other"].map((side) => this.querySelector(`video[data-side="${side}"]`));
    this.both = this.querySelector('[data-role="both"]');
    this.where = this.querySelector('[data-role="where"]');
    for (const video of [own, other]) {
      video?.addEventListener("timeupdate", () => this.follow(video));
      for (const name of ["play", "pause", "ended"]) video?.addEventListener(name, () => this.label());
    }
    if (!own || !other) return;
    Object.assign(this, { own, other });
    this.both.hidden = false;
    this.both.addEventListener("click", () => this.toggle());
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-own]");
      if (button) this.go(button.dataset);
    });
    const first = this.querySelector("button[data-own]");
    if (first) this.go(first.dataset, false);
  }

  get playing() {
    return !this.own.paused || !this.other.paused;
  }

  go(span, play = true) {
    const [own, other, ownEnd, otherEnd] = [span.own, span.other, span.ownEnd, span.otherEnd].map(Number);
    this.set(this.own, own);
    this.set(this.other, other);
    const rate = ownEnd > own ? (otherEnd - other) / (ownEnd - own) : 1;
    this.other.playbackRate = Math.min(1.25, Math.max(0.8, rate || 1));
    this.where.textContent = `${clock(own)} – ${clock(ownEnd)} · ${clock(other)} – ${clock(otherEnd)}`;
    if (play) this.start();
  }

  set(video, second) {
    if (video.readyState >= 1) video.currentTime = second;
    else video.addEventListener("loadedmetadata", () => (video.currentTime = second), { once: true });
  }

  start() {
    this.other.muted = true;
    for (const video of [this.own, this.other]) video.play().catch(() => this.label());
  }

  toggle() {
    if (this.playing) for (const video of [this.own, this.other]) video.pause();
    else this.start();
  }

  label() {
    if (!this.own || !this.both) return;
    this.both.textContent = this.playing ? this.both.dataset.msgPause : this.both.dataset.msgPlay;
  }

  /* The line that is being said, kept in view inside its own box. */
  follow(video) {
    const box = this.querySelector(`[data-words="${video.dataset.side}"]`);
    const lines = [...box.querySelectorAll("[data-from]")];
    const now = lines.findLast((line) => Number(line.dataset.from) <= video.currentTime);
    if (now === this[`now_${video.dataset.side}`]) return;
    this[`now_${video.dataset.side}`] = now;
    for (const line of lines) line.toggleAttribute("data-now", line === now);
    if (now) box.scrollTop = now.offsetTop - box.offsetTop - box.clientHeight / 2;
  }
}

customElements.define("kb-alike", KbAlike);
