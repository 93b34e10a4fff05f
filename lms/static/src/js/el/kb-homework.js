/* The draft of a hand-in. Wraps a plain form: the text saves by itself and says so, a chosen picture is sent at once.
   What is not saved stays in the field, in the session's store and in the guard on leaving. */

import { announce } from "../lib/announce.js";
import { backOff, send } from "../lib/net.js";
import { fill } from "../lib/time.js";

const REST = 1000; // milliseconds of quiet before a save
const ICONS = { saved: "check-circle", saving: "arrow-path", held: "signal-slash", failed: "exclamation-triangle", elsewhere: "no-symbol" };

class KbHomework extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.line = this.querySelector("[data-save]");
    this.field = this.querySelector("[data-text]");
    this.picture = this.querySelector("input[type=file]");
    this.attempt = 0;
    this.savedAt = this.dataset.savedAt;
    this.abort = new AbortController();
    const { signal } = this.abort;
    for (const each of this.querySelectorAll("[data-plain]")) each.hidden = true;
    this.picture?.addEventListener("change", () => {
      if (this.picture.files.length) this.form.requestSubmit(this.form.querySelector("[value=picture]"));
    }, { signal });
    this.form.addEventListener("submit", () => {
      this.leaving = true;
      clearTimeout(this.timer);
    }, { signal });
    if (!this.field) return;
    // A page refused for another window's text keeps its own as unsaved.
    this.stored = this.querySelector("[data-theirs]").hidden ? this.field.value : null;
    this.restore();
    this.field.addEventListener("input", () => this.later(), { signal });
    addEventListener("online", () => this.save(), { signal });
    addEventListener("offline", () => this.draw(), { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.save(true);
    }, { signal });
    addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.unsaved) event.preventDefault();
    }, { signal });
    addEventListener("pageshow", () => {
      this.leaving = false;
    }, { signal });
    if (this.unsaved && this.stored !== null) this.later();
  }

  disconnectedCallback() {
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  get unsaved() {
    return this.field.value !== this.stored;
  }

  get revision() {
    return this.form.elements.revision;
  }

  later() {
    clearTimeout(this.timer);
    this.keep();
    this.timer = setTimeout(() => this.save(), REST);
  }

  /* One request at a time; what was typed meanwhile goes with the next. */
  async save(last = false) {
    clearTimeout(this.timer);
    if (this.running || this.leaving || !this.unsaved) return;
    const text = this.field.value;
    this.running = true;
    this.draw("saving");
    const body = { text, revision: Number(this.revision.value || 0) };
    const { status, data } = await send(this.dataset.saveUrl, body, { token: this.form.csrfmiddlewaretoken, last });
    this.running = false;
    if (status === 200) {
      this.attempt = 0;
      this.stored = text;
      this.revision.value = data.revision;
      this.savedAt = data.saved_at;
      this.keep();
      this.draw("saved");
      if (this.unsaved) this.later();
    } else if (status === 409) {
      this.differ(data);
    } else if (status === 422) {
      this.draw("failed", data.message);
    } else {
      this.attempt += 1;
      this.draw(status === 401 ? "failed" : navigator.onLine === false ? "held" : "failed", status === 401 ? this.dataset.msgSignedOut : "");
      this.timer = setTimeout(() => this.save(), backOff(this.attempt));
    }
  }

  /* Another device saved meanwhile: both texts are shown, and the next save is of what stands in the field. */
  differ({ text, revision, message }) {
    this.revision.value = revision;
    const theirs = this.querySelector("[data-theirs]");
    theirs.querySelector("[data-words]").textContent = text;
    theirs.hidden = false;
    theirs.focus();
    this.draw("elsewhere", message);
  }

  get shelf() {
    return `kb-homework ${this.dataset.saveUrl}`;
  }

  keep() {
    try {
      if (this.unsaved) sessionStorage.setItem(this.shelf, this.field.value);
      else sessionStorage.removeItem(this.shelf);
    } catch {
      /* storage refused: the field and the guard remain */
    }
  }

  restore() {
    try {
      const kept = sessionStorage.getItem(this.shelf);
      if (kept !== null && this.stored !== null) this.field.value = kept;
    } catch {
      /* nothing kept */
    }
  }

  draw(state = navigator.onLine === false && this.unsaved ? "held" : this.line.dataset.state, said = "") {
    const { dataset } = this;
    const words = said || { saved: dataset.msgSaved, saving: dataset.msgSaving, held: dataset.msgHeld, failed: dataset.msgFailed, elsewhere: dataset.msgElsewhere }[state];
    this.line.hidden = state === "saved" && !this.savedAt;
    this.line.dataset.state = state;
    this.line.querySelector("span").textContent = fill(words, { time: this.savedAt });
    const use = this.line.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[state]}`));
    if (state !== "saving" && state !== this.spoken) announce(this.line.textContent.trim());
    if (state !== "saving") this.spoken = state;
  }
}

customElements.define("kb-homework", KbHomework);
