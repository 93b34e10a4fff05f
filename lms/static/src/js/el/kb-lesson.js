/* A lesson on the phone. Wraps a page that works without it; keeps where she is, her note, bookmarks, self-checks and
   questions in the outbox until the server has them, and says truthfully which. Blocks are #b1, #b2 …
   kb:time of the player gives the second of the video. */

import { announce } from "../lib/announce.js";
import { amend, deliver, put, waiting } from "../lib/outbox.js";
import { backOff } from "../lib/net.js";
import { fill } from "../lib/time.js";

const REST = 800; // milliseconds of quiet before a note is kept
const STAY = 3000; // so long at one place before it is told
const FILM = 15; // seconds of video between two tellings
const LINE = 0.6; // of the window's height: what is above it has been read
const ICONS = { saved: "check-circle", saving: "arrow-path", held: "signal-slash", failed: "exclamation-triangle" };

/* randomUUID needs https; random values do not. */
function key() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

class KbLesson extends HTMLElement {
  async connectedCallback() {
    this.token = this.querySelector("[name=csrfmiddlewaretoken]");
    if (!this.token) return;
    const { owner, url } = this.dataset;
    this.owner = owner;
    this.url = url;
    this.keep = this.dataset.keep !== undefined;
    this.blocks = [...this.querySelectorAll("[id^=b]")].filter((each) => /^b\d+$/.test(each.id));
    this.block = Number(this.dataset.block);
    this.second = this.dataset.second === "" ? null : Number(this.dataset.second);
    this.note = this.querySelector("[data-note] textarea");
    this.revision = Number(this.dataset.revision);
    this.attempt = 0;
    this.abort = new AbortController();
    await this.restore();
    if (!this.isConnected) return;
    this.wire(this.abort.signal);
    this.resume();
    this.mark(0, false);
    this.put("opened", { kind: "opened", block: this.block, second: this.second, key: key() });
    this.offline();
  }

  disconnectedCallback() {
    this.abort?.abort();
    for (const timer of [this.noting, this.staying, this.trying]) clearTimeout(timer);
  }

  wire(signal) {
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(window, "scroll", () => this.look());
    on(document, "kb:time", (event) => this.film(event.detail));
    // The body hears of a form before the document, where forms are guarded against being sent twice.
    on(document.body, "submit", (event) => this.submit(event));
    on(this, "click", (event) => this.click(event));
    if (this.note) on(this.note, "input", () => this.later());
    on(window, "online", () => this.send());
    on(window, "offline", () => this.draw("held"));
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") this.part();
    });
    on(window, "pagehide", () => this.part());
  }

  /* ---- what waits from before ---- */

  async restore() {
    const known = this.known();
    if (known?.at > Number(this.dataset.placeMs)) [this.block, this.second] = [known.block, known.second];
    for (const { url, body } of await waiting(this.owner)) {
      if (!url.startsWith(this.url)) continue;
      if (url.endsWith("/note") && this.note) this.note.value = body.text;
      if (url.endsWith("/progress") && body.kind === "read") [this.block, this.second] = [body.block, body.second];
      if (url.endsWith("/bookmark")) this.mark(body.block, body.marked);
      if (url.endsWith("/question")) this.asked(body.text);
      if (url.includes("/check/")) {
        const form = this.querySelector(`form[action="${url}"]`);
        if (form) this.judge(form, body.chosen);
      }
    }
    this.noted = this.note?.value;
  }

  /* To where she stopped, unless the address names a place; one press leads back to the beginning. */
  resume() {
    const place = this.blocks[this.block - 1];
    const video = document.querySelector("kb-player");
    if (this.second && video) {
      document.dispatchEvent(new CustomEvent("kb:seek", { detail: { time: this.second, play: false } }));
    }
    if (!place || this.block < 2 || location.hash) return;
    this.querySelector("[data-resumed]")?.removeAttribute("hidden");
    this.querySelector("[data-resume]")?.setAttribute("hidden", "");
    place.scrollIntoView({ block: "start" });
  }

  /* ---- where she is ---- */

  look() {
    clearTimeout(this.staying);
    this.staying = setTimeout(() => this.stay(), STAY);
  }

  /* The last block that begins above the line; at the very end, the last one. */
  get here() {
    const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
    if (end) return this.blocks.length;
    const line = window.innerHeight * LINE;
    const shown = this.blocks.filter((each) => each.offsetParent && each.getBoundingClientRect().top < line);
    return shown.length ? this.blocks.indexOf(shown.at(-1)) + 1 : 0;
  }

  stay() {
    if (!this.blocks.some((each) => each.offsetParent)) return; // another tab of the page shows
    const here = this.here;
    if (here === this.block) return;
    this.block = here;
    const choice = this.querySelector("#mark-block");
    if (choice && here) choice.value = String(here);
    this.place();
  }

  film({ time, playing }) {
    if (!playing || Math.abs(time - (this.second ?? 0)) < FILM) return;
    this.second = Math.floor(time);
    this.place();
  }

  /* A page kept for reading without a network is as old as its last visit: the place since then stands beside it. */
  known() {
    try {
      return JSON.parse(localStorage.getItem(`kb-place:${this.url}`));
    } catch {
      return null;
    }
  }

  place() {
    if (this.keep) {
      try {
        const place = { block: this.block, second: this.second, at: Date.now() };
        localStorage.setItem(`kb-place:${this.url}`, JSON.stringify(place));
      } catch {
        /* storage refused: the server's word alone */
      }
    }
    return this.put("place", { kind: "read", block: this.block, second: this.second, key: key() });
  }

  /* Leaving: what is only in the page goes to the outbox and, if it still can, out. */
  part() {
    clearTimeout(this.staying);
    this.stay();
    this.keepNote();
    this.send(true);
  }

  /* ---- the outbox ---- */

  /* what: progress by default; a slot holds only the latest. */
  async put(slot, body, what = "progress") {
    const entry = { owner: this.owner, url: `${this.url}${what}`, body, keep: this.keep };
    await put({ ...entry, slot: slot && `${this.url}${slot}` });
    return this.send();
  }

  async send(parting = false) {
    if (this.sending && !parting) {
      this.again = true;
      return this.sending;
    }
    clearTimeout(this.trying);
    this.sending = deliver(this.owner, {
      token: this.token,
      parting,
      hear: (entry, answer) => this.hear(entry, answer),
    });
    const { left, status } = await this.sending;
    this.sending = undefined;
    this.left = left;
    if (left && status !== 200) {
      this.attempt += 1;
      this.trying = setTimeout(() => this.send(), backOff(this.attempt));
      this.draw(status === 0 ? "held" : "failed", status);
    } else {
      this.attempt = 0;
      if (this.at) this.draw("saved");
    }
    if (this.again) {
      this.again = false;
      return this.send();
    }
    return left;
  }

  async hear({ url, body }, { status, data }) {
    const mine = url.startsWith(this.url);
    const what = mine ? url.slice(this.url.length) : "";
    if (data?.saved_at) this.at = data.saved_at;
    if (what === "note" && data) await this.heardNote(body, status, data);
    else if (what === "question" && status < 300) this.querySelector("[data-asked]:not([data-known])")?.setAttribute("data-known", "");
    else if (status >= 400 && data?.error) this.tell(data.error);
    const after = []; // what must be done before the next is sent
    this.dispatchEvent(new CustomEvent("kb:heard", { detail: { url, status, data, after } }));
    await Promise.all(after);
  }

  /* 409: the other device's text stays, ours is put below it; she sees both and nothing is lost. */
  async heardNote(body, status, data) {
    if (status === 409) {
      const ours = this.note.value.trim();
      if (data.text.trim() && !ours.includes(data.text.trim())) {
        this.note.value = data.text.includes(ours) ? data.text : `${data.text}\n\n${this.dataset.msgHere}\n${ours}`;
      }
      this.tell(this.dataset.msgMerged);
    } else if (status >= 400) {
      this.tell(data.error);
      return;
    }
    this.revision = data.revision;
    await amend(this.owner, `${this.url}note`, (later) => ({ ...later, revision: data.revision }));
    if (status === 409) {
      this.noted = undefined;
      this.keepNote(); // not awaited: it is sent after this delivery
    }
  }

  /* ---- note ---- */

  later() {
    clearTimeout(this.noting);
    this.draw("saving");
    this.noting = setTimeout(() => this.keepNote(), REST);
  }

  keepNote() {
    clearTimeout(this.noting);
    if (!this.note || this.note.value === this.noted) return undefined;
    this.noted = this.note.value;
    return this.put("note", { text: this.noted, revision: this.revision }, "note");
  }

  /* ---- self-checks, bookmarks, questions, the end ---- */

  submit(event) {
    const form = event.target;
    const kind = form.dataset.kind;
    const act = {
      check: () => this.check(form),
      bookmark: () => this.bookmark(form),
      question: () => this.ask(form),
      note: () => this.keepNote(),
      done: () => this.done(form),
    }[kind];
    if (!act) return;
    event.preventDefault();
    act();
  }

  click(event) {
    const gone = event.target.closest("[data-unmark]");
    if (gone) {
      event.preventDefault();
      this.mark(Number(gone.dataset.unmark), false);
      this.putMark(Number(gone.dataset.unmark), false);
    }
    const mark = event.target.closest("[data-goto]");
    if (mark) {
      event.preventDefault();
      const place = this.querySelector(mark.hash);
      place?.dispatchEvent(new CustomEvent("kb:reveal", { bubbles: true }));
      place?.scrollIntoView({ block: "start" });
    }
    if (event.target.closest("[data-restart]")) {
      event.preventDefault();
      window.scrollTo({ top: 0 });
      this.querySelector("[data-resumed]").hidden = true;
    }
  }

  check(form) {
    const chosen = [...form.querySelectorAll("input:checked")].map((input) => input.value);
    if (!chosen.length) {
      this.tell(this.dataset.msgChoose);
      form.querySelector("input").focus();
      return;
    }
    this.judge(form, chosen);
    announce(form.querySelector("[data-result]:not([hidden])")?.textContent.trim());
    this.put("", { key: key(), chosen }, form.getAttribute("action").slice(this.url.length));
  }

  /* The question is for learning, so its answer stands in the page: it is shown at once, also without a network. */
  judge(form, chosen) {
    let right = true;
    for (const input of form.querySelectorAll("input[value]")) {
      if (input.type === "hidden") continue;
      input.checked = chosen.includes(input.value);
      const correct = input.dataset.correct !== undefined;
      if (input.checked !== correct) right = false;
      const option = input.closest("[data-option]");
      if (correct) option.dataset.state = "right";
      else if (input.checked) option.dataset.state = "wrong";
      else delete option.dataset.state;
    }
    for (const line of form.querySelectorAll("[data-result]")) line.hidden = line.dataset.result !== (right ? "right" : "wrong");
    form.querySelector("[data-explained]").hidden = false;
  }

  bookmark(form) {
    const block = Number(form.elements.block.value);
    if (!block) return;
    this.mark(block, true);
    this.putMark(block, true);
    announce(this.dataset.msgMarked);
  }

  putMark(block, marked) {
    this.put(`mark-${block}`, { block, marked }, "bookmark");
  }

  mark(block, marked) {
    const lines = [...this.querySelectorAll("[data-bookmarks] > [data-block]")];
    const line = lines.find((each) => Number(each.dataset.block) === block);
    if (line) line.hidden = !marked;
    this.querySelector("[data-no-bookmarks]").hidden = lines.some((each) => !each.hidden);
  }

  ask(form) {
    const field = form.elements.text;
    const text = field.value.trim();
    if (!text) {
      field.focus();
      return;
    }
    this.asked(text);
    field.value = "";
    this.put("", { key: key(), text }, "question");
    announce(this.dataset.msgAsked);
  }

  asked(text) {
    const pattern = this.querySelector("template[data-question]");
    if (!pattern) return;
    const line = pattern.content.firstElementChild.cloneNode(true);
    line.querySelector("[data-words]").textContent = text;
    this.querySelector("[data-questions]").append(line);
    this.querySelector("[data-no-questions]")?.setAttribute("hidden", "");
  }

  /* The end is told, then on to the next lesson; without a network it is told later. */
  async done(form) {
    const sent = this.put("done", { kind: "completed", block: this.blocks.length, second: this.second, key: key() });
    await Promise.race([sent, new Promise((resolve) => { setTimeout(resolve, 3000); })]);
    location.assign(form.dataset.next);
  }

  /* ---- words ---- */

  tell(words) {
    const line = this.querySelector("[data-told]");
    line.textContent = words;
    line.hidden = !words;
    announce(words);
  }

  draw(state, status) {
    for (const line of document.querySelectorAll("[data-save]")) {
      const changed = line.dataset.state !== state || line.hidden;
      line.hidden = false;
      line.dataset.state = state;
      const use = line.querySelector("use");
      use?.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${ICONS[state]}`);
      const words = {
        saved: () => fill(this.dataset.msgSaved, { time: this.at }),
        saving: () => this.dataset.msgSaving,
        held: () => fill(this.dataset.msgHeld, { number: this.left || 1 }),
        failed: () => (status === 401 ? this.dataset.msgSignIn : this.dataset.msgFailed),
      }[state]();
      line.querySelector("span").textContent = words;
      if (changed && state !== "saving" && state !== this.spoken) {
        this.spoken = state;
        announce(words);
      }
    }
  }

  /* ---- without a network ---- */

  async offline() {
    if (!("serviceWorker" in navigator)) return;
    try {
      if (!this.keep) {
        const held = await navigator.serviceWorker.getRegistration("/study/");
        held?.active?.postMessage({ type: "forget" });
        return;
      }
      await navigator.serviceWorker.register("/study/sw.js", { scope: "/study/" });
      const { active } = await navigator.serviceWorker.ready;
      const used = performance.getEntriesByType("resource").map((each) => each.name);
      const files = used.filter((name) => name.startsWith(`${location.origin}/static/`));
      const next = document.querySelector("form[data-next]")?.dataset.next;
      active.postMessage({ type: "keep", page: location.pathname, next, files });
      document.documentElement.dataset.kept = "";
    } catch {
      /* the lesson is read over the network, as before */
    }
  }
}

customElements.define("kb-lesson", KbLesson);
