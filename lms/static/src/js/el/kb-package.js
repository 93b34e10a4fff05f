/* A SCORM package in a lesson: a frame of another origin, shown once its state is here. What it says is believed only from
   that origin and that frame, is kept by the lesson's outbox, and is given back when it begins again, on any device. */

import { amend, waiting } from "../lib/outbox.js";

const FIELDS = ["status", "score", "location", "suspend_data"];
const MARK = "package";

class KbPackage extends HTMLElement {
  async connectedCallback() {
    await customElements.whenDefined("kb-lesson");
    this.lesson = this.closest("kb-lesson");
    if (!this.lesson || !this.isConnected) return;
    this.url = `${this.lesson.dataset.url}${this.dataset.what}`;
    this.abort = new AbortController();
    const { signal } = this.abort;
    window.addEventListener("message", (event) => this.message(event), { signal });
    window.addEventListener("online", () => this.frame || this.begin(), { signal });
    this.lesson.addEventListener("kb:heard", (event) => this.heard(event.detail), { signal });
    this.querySelector("[data-again]").addEventListener("click", () => this.begin(), { signal });
    await this.begin();
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  /* The state first: what waits on this device is newer than what the server has. */
  async begin() {
    const state = await this.fetched();
    this.toggle("[data-offline]", !state);
    if (!state || this.frame) return;
    this.toggle("[data-stale]", false);
    this.toggle("[data-plain]", false);
    this.revision = state.revision;
    this.state = state;
    const frame = document.createElement("iframe");
    frame.className = "package-frame";
    frame.setAttribute("sandbox", this.dataset.sandbox);
    frame.title = this.dataset.title;
    frame.referrerPolicy = "no-referrer";
    frame.src = this.dataset.src;
    this.frame = frame;
    this.prepend(frame);
  }

  async fetched() {
    try {
      const answer = await fetch(this.url, { credentials: "same-origin", redirect: "manual" });
      if (!answer.ok) return null;
      const state = await answer.json();
      const held = (await waiting(this.lesson.dataset.owner)).filter((entry) => entry.url === this.url).at(-1);
      return held ? { ...held.body } : state;
    } catch {
      return null;
    }
  }

  toggle(what, shown) {
    this.querySelector(what).hidden = !shown;
  }

  message(event) {
    const { origin } = this.dataset;
    if (event.origin !== origin || !this.frame || event.source !== this.frame.contentWindow) return;
    const { kaibo, type, state } = event.data ?? {};
    if (kaibo !== MARK) return;
    if (type === "ready") {
      this.frame.contentWindow.postMessage({ kaibo: MARK, type: "begin", state: this.state }, origin);
    } else if (type === "keep" && FIELDS.every((name) => typeof state?.[name] === "string")) {
      this.keep(state);
    }
  }

  /* Only what is new goes out; a package may commit as often as it likes. */
  keep(state) {
    const picked = Object.fromEntries(FIELDS.map((name) => [name, state[name]]));
    picked.seconds = Number.isFinite(state.seconds) ? Math.max(0, Math.floor(state.seconds)) : 0;
    const words = JSON.stringify(picked);
    if (words === this.last) return;
    this.last = words;
    this.state = picked;
    this.lesson.put(this.dataset.what, { ...picked, revision: this.revision }, this.dataset.what);
  }

  heard({ url, status, data, after }) {
    if (url !== this.url || !data) return;
    if (status === 409) {
      this.frame?.remove();
      this.frame = undefined;
      this.last = undefined;
      this.toggle("[data-stale]", true);
    } else if (status < 300) {
      this.revision = data.revision;
      after.push(amend(this.lesson.dataset.owner, this.url, (later) => ({ ...later, revision: data.revision })));
    }
  }
}

customElements.define("kb-package", KbPackage);
