/* The player. Takes the controls of a plain <video> over and listens for time links anywhere on the page.
   Out: kb:time { time, duration, playing, rate }. In: kb:seek { time, play }; kb:ask: tell the time once more.
   data-native keeps the browser's own controls beside the bar; data-step: seconds of back and forward (5). */

import { announce } from "../lib/announce.js";
import { clock, fill } from "../lib/time.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

class KbPlayer extends HTMLElement {
  connectedCallback() {
    this.video = this.querySelector("video");
    if (!this.video) return;
    this.abort = new AbortController();
    this.wireVideo(this.abort.signal);
    this.wireBar(this.abort.signal);
    this.wirePage(this.abort.signal);
    const asked = Number(new URLSearchParams(location.search).get("t") ?? this.dataset.start);
    if (Number.isFinite(asked)) this.seek(asked, false);
    else this.tell();
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  wireVideo(signal) {
    const on = (name, act) => this.video.addEventListener(name, act, { signal });
    const shape = () => {
      const wide = this.video.videoWidth > this.video.videoHeight;
      if (this.video.videoWidth) this.closest("[data-shape]")?.setAttribute("data-shape", wide ? "wide" : "tall");
    };
    if (this.video.readyState >= 1) shape();
    on("loadedmetadata", () => {
      shape();
      if (this.wanted !== undefined) this.video.currentTime = this.wanted;
      this.wanted = undefined;
      this.tell();
    });
    for (const name of ["timeupdate", "seeking", "seeked", "play", "pause", "ratechange", "ended"]) {
      on(name, () => this.tell());
    }
    if (!this.native) on("click", () => this.toggle());
    const broken = () => this.note(this.dataset.msgError);
    on("error", broken);
    this.video.querySelector("source")?.addEventListener("error", broken, { signal });
    on("playing", () => this.note(""));
    on("waiting", () => this.note(this.dataset.msgWaiting));
  }

  wireBar(signal) {
    const bar = this.querySelector(".player-bar");
    if (!bar) return;
    bar.hidden = false;
    this.video.controls = this.native;
    bar.addEventListener("click", (event) => {
      const role = event.target.closest("button")?.dataset.role;
      if (role === "play") this.toggle();
      if (role === "back") this.nudge(-this.step);
      if (role === "forward") this.nudge(this.step);
      if (role === "speed") this.faster(1, true);
      if (role === "captions") this.captions();
    }, { signal });
  }

  wirePage(signal) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-seek]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      this.seek(Number(link.dataset.seek), true);
    }, { signal });
    document.addEventListener("kb:ask", () => this.tell(), { signal });
    document.addEventListener("kb:seek", (event) => this.seek(event.detail.time, event.detail.play), { signal });
  }

  get native() {
    return "native" in this.dataset;
  }

  get step() {
    return Number(this.dataset.step) || 5;
  }

  get last() {
    return Number.isFinite(this.video.duration) ? this.video.duration : Number(this.dataset.duration) || 0;
  }

  get time() {
    return this.wanted ?? this.video.currentTime;
  }

  /* play: true starts, false stops, undefined leaves it as it is. */
  seek(time, play) {
    const to = Math.max(0, Math.min(time, this.last || time));
    if (this.video.readyState >= 1) {
      this.video.currentTime = to;
    } else {
      this.wanted = to;
      this.video.preload = "auto";
      this.video.load?.();
    }
    if (play === true) this.video.play()?.catch(() => this.tell());
    if (play === false) this.video.pause();
    this.tell();
  }

  nudge(seconds) {
    this.seek(this.time + seconds);
  }

  toggle() {
    if (this.video.paused) this.video.play()?.catch(() => this.tell());
    else this.video.pause();
  }

  faster(step, round) {
    const at = SPEEDS.indexOf(this.video.playbackRate);
    const to = round ? (at + step) % SPEEDS.length : Math.min(SPEEDS.length - 1, Math.max(0, at + step));
    this.video.playbackRate = SPEEDS[to];
    announce(fill(this.dataset.msgSpeed, { speed: SPEEDS[to] }));
  }

  captions() {
    const track = this.video.textTracks[0];
    if (!track) return;
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    this.querySelector("[data-role=captions]")?.setAttribute("aria-pressed", String(track.mode === "showing"));
  }

  note(words) {
    const line = this.querySelector(".player-note");
    if (line) line.textContent = words ?? "";
  }

  tell() {
    const playing = !this.video.paused && !this.video.ended;
    this.dataset.state = playing ? "playing" : "paused";
    const play = this.querySelector("[data-role=play]");
    play?.setAttribute("aria-label", playing ? this.dataset.msgPause : this.dataset.msgPlay);
    const now = this.querySelector(".player-now");
    if (now) now.textContent = clock(this.time);
    const speed = this.querySelector(".player-speed");
    if (speed) speed.textContent = `${this.video.playbackRate.toFixed(2).replace(/0$/, "")}×`;
    this.dispatchEvent(new CustomEvent("kb:time", {
      bubbles: true,
      detail: { time: this.time, duration: this.last, playing, rate: this.video.playbackRate },
    }));
  }
}

customElements.define("kb-player", KbPlayer);
