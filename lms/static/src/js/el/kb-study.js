/* The clock of a lesson page. It reports what it sees, in beats; the server alone says what counts.
   A beat speaks for a stretch in which nothing changed: [number, ms since the opening, ms it speaks for, ms since the last
   touch, flags, place in the video, speed in percent]. Time is performance.now(): setting the device's clock changes nothing.
   What cannot be sent waits in this device and goes out when there is a network again. */

import { backOff } from "../lib/net.js";
import { fill } from "../lib/time.js";

const VISIBLE = 1;
const PLAYING = 2;
const ANSWERED = 4;
const BATCH = 60;
const HELD = "kb-study";
const DEVICE = "kb-device";
const MOST_HELD = 600;
const DRIFT = 5000;

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Without https (a school's own network) only the random bytes are there.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function stored(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or closed store: what is held lives as long as the page.
  }
}

async function post(url, leave, body, keepalive = false) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-Kaibo-Study": leave },
      credentials: "omit",
      keepalive,
    });
    return { status: answer.status, data: await answer.json() };
  } catch {
    return { status: 0 };
  }
}

class KbStudy extends HTMLElement {
  connectedCallback() {
    this.words = this.querySelector("[data-role=state]");
    this.minutes = this.querySelector("[data-role=counted]");
    this.meter = this.querySelector("progress");
    this.ask = this.querySelector("[data-role=ask]");
    this.number = (name) => Number(this.dataset[name]);
    this.counted = this.number("counted");
    this.held = stored(HELD, []);
    this.tries = 0;
    this.abort = new AbortController();
    if (!this.dataset.ticket) return;
    this.watch(this.abort.signal);
    this.start();
    this.ticker = setInterval(() => this.tick(), 1000);
  }

  disconnectedCallback() {
    this.close();
    this.abort?.abort();
    clearInterval(this.ticker);
    clearTimeout(this.retry);
  }

  watch(signal) {
    const touched = () => this.touch();
    for (const name of ["pointerdown", "keydown", "scroll", "input", "wheel", "touchmove"]) {
      document.addEventListener(name, touched, { signal, passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => {
      this.change();
      if (this.visible()) this.touched = performance.now(); // she came back to it
      else this.send(true);
      this.tick();
    }, { signal });
    addEventListener("pagehide", () => this.close(), { signal });
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.start();
    }, { signal });
    addEventListener("online", () => this.send(), { signal });
    for (const name of ["play", "playing", "pause", "ended", "seeking", "ratechange", "waiting"]) {
      document.addEventListener(name, () => this.change(), { signal, capture: true });
    }
    this.ask?.querySelector("button")?.addEventListener("click", () => this.answer(), { signal });
    // Handing in an answer to the lesson's own question is an answer to "still there?" too.
    document.addEventListener("submit", () => this.answer(), { signal, capture: true });
  }

  visible() {
    return document.visibilityState === "visible";
  }

  video() {
    return document.querySelector("video");
  }

  playing() {
    const video = this.video();
    return Boolean(video && !video.paused && !video.ended && !video.seeking && video.readyState > 2);
  }

  async start() {
    const asked = performance.now();
    this.leave = null;
    this.nonce = uuid();
    const device = stored(DEVICE, null) ?? uuid();
    store(DEVICE, device);
    const body = { nonce: this.nonce, device };
    let answer = { status: 0 };
    for (let attempt = 1; this.isConnected && answer.status === 0; attempt += 1) {
      answer = await post(this.dataset.open, this.dataset.ticket, body);
      if (answer.status === 0) {
        this.say("offline");
        await new Promise((done) => setTimeout(done, backOff(attempt)));
      }
    }
    if (answer.status !== 200) {
      this.say(answer.status === 403 ? "old" : "none", answer.data?.message);
      return;
    }
    // Never earlier than asked: what the server has waited for is what this page has waited for.
    this.zero = Math.max(asked, performance.now() - answer.data.age_ms);
    this.leave = answer.data.pass;
    this.seq = 0;
    this.since = performance.now();
    this.touched = this.since;
    this.answered = this.since;
    this.wasPlaying = this.playing();
    this.wasVisible = this.visible();
    this.say(this.wasVisible ? "running" : "hidden");
    this.send();
  }

  touch() {
    // The first touch after a long rest begins a stretch of its own.
    if (this.leave && this.resting()) this.change();
    this.touched = performance.now();
    if (this.state === "idle") this.say("running");
  }

  resting() {
    const limit = this.wasPlaying ? this.number("idleVideo") : this.number("idleText");
    return performance.now() - this.touched > limit * 1000;
  }

  change() {
    if (!this.leave) return;
    this.beat();
    this.wasPlaying = this.playing();
    this.wasVisible = this.visible();
  }

  beat(extra = 0) {
    const now = performance.now();
    const span = Math.round(now - this.since);
    if (span <= 0 && !extra) return;
    const video = this.video();
    const flags = (this.wasVisible ? VISIBLE : 0) | (this.wasPlaying ? PLAYING : 0) | extra;
    this.seq += 1;
    this.held.push([
      this.leave,
      [
        this.seq,
        Math.max(0, Math.floor(now - this.zero)),
        Math.max(0, span),
        Math.max(0, Math.round(now - this.touched)),
        flags,
        video ? Math.round(video.currentTime * 1000) : null,
        Math.min(1000, Math.round((video?.playbackRate ?? 1) * 100)),
      ],
    ]);
    this.held = this.held.slice(-MOST_HELD);
    this.since = now;
  }

  tick() {
    if (!this.leave) return;
    const now = performance.now();
    if (this.wasPlaying !== this.playing() || this.wasVisible !== this.visible()) this.change();
    if (now - this.since >= this.number("interval") * 1000) {
      this.beat();
      this.send();
    }
    const every = this.number("presenceEvery") * 1000;
    const asked = every && now - this.answered >= every;
    const over = every && now - this.answered >= every + this.number("presenceGrace") * 1000;
    if (this.ask) this.ask.hidden = !asked;
    if (over && this.playing()) this.video().pause();
    if (!this.wasVisible) this.say("hidden");
    else if (over) this.say("asked");
    else if (this.resting()) this.say("idle");
    else if (this.required() && this.counted >= this.required()) this.say("full");
    else if (this.tries) this.say("offline");
    else this.say("running");
  }

  required() {
    return this.number("required");
  }

  answer() {
    if (!this.leave) return;
    this.touched = performance.now();
    this.beat(ANSWERED);
    this.answered = performance.now();
    if (this.ask) this.ask.hidden = true;
    this.send();
  }

  close() {
    if (!this.leave) return;
    this.beat();
    this.send(true);
    this.leave = null;
  }

  async send(last = false) {
    store(HELD, this.held);
    if ((this.sending && !last) || !this.held.length) return;
    const [leave] = this.held[0];
    const batch = this.held.filter(([one]) => one === leave).slice(0, BATCH);
    this.sending = true;
    const at = performance.now() - this.zero;
    const answer = await post(this.dataset.beat, leave, batch.map(([, beat]) => beat), last);
    this.sending = false;
    if (answer.status === 0 || answer.status >= 500) {
      this.tries += 1;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.send(), backOff(this.tries));
      return;
    }
    this.tries = 0;
    const gone = new Set(batch);
    this.held = this.held.filter((one) => !gone.has(one));
    store(HELD, this.held);
    if (this.held.length) this.send();
    else if (leave === this.leave) this.askCount();
    // A device that slept has a clock that stood still: what follows belongs to a page opened anew.
    if (leave === this.leave && (answer.status === 403 || answer.data.age_ms - at > DRIFT)) {
      this.leave = null;
      this.start();
    }
  }

  async askCount() {
    if (performance.now() - (this.told ?? -Infinity) < 30000) return;
    this.told = performance.now();
    const answer = await post(this.dataset.count, this.leave, {});
    if (answer.status !== 200) return;
    this.counted = answer.data.counted_s;
    if (this.minutes) this.minutes.textContent = fill(this.dataset.msgCounted, { minutes: Math.floor(this.counted / 60) });
    if (this.meter) this.meter.value = Math.min(this.meter.max, this.counted);
  }

  say(state, message) {
    if (state === this.state && !message) return;
    this.state = state;
    this.dataset.state = state;
    const words = message || this.dataset[`msg${state[0].toUpperCase()}${state.slice(1)}`];
    if (this.words && words) this.words.textContent = words;
  }
}

customElements.define("kb-study", KbStudy);
