/* A candidate's paper (ADR 0018). One question a screen on phones, ten on desks. What she answers goes into the outbox, which
   alone says what is saved; the clock is the server's; without a network everything goes on. */

import { announce } from "../lib/announce.js";
import { answered, read, settleOrder, write } from "../lib/exam-answers.js";
import { ExamClock } from "../lib/exam-clock.js";
import { ExamOutbox } from "../lib/exam-outbox.js";
import { fill } from "../lib/time.js";
import "./kb-exam-sheet.js";
import "./kb-save.js";
import "./kb-timer.js";

const DESK = "(min-width: 64rem)";
const A_SCREEN = 10;
const TYPING = 800;

class KbExam extends HTMLElement {
  connectedCallback() {
    this.given = JSON.parse(document.getElementById("exam-given").textContent);
    this.questions = [...this.querySelectorAll("[data-position]")];
    const find = (name) => this.querySelector(`[data-${name}]`);
    this.parts = Object.fromEntries(["sheet", "first", "last", "paused", "elsewhere", "offline", "trouble", "hand-in",
      "back", "next", "flag-current", "sum", "wait", "done"].map((name) => [name, find(name)]));
    this.sheet = this.querySelector("kb-exam-sheet");
    this.saved = this.querySelector("kb-save");
    this.timer = this.querySelector("kb-timer");
    this.clock = this.timer.clock = new ExamClock(this.given);
    this.responses = new Map(Object.entries(this.given.answers).map(([position, response]) => [Number(position), response]));
    this.flags = new Set(this.stored("flags", this.given.flags));
    this.waiting = new Set();
    this.typing = new Map();
    this.writing = new Set();
    this.at = 0;
    this.wide = matchMedia(DESK);
    this.listen();
    this.layout();
    this.open();
  }

  stored(name, fallback) {
    try {
      return JSON.parse(localStorage.getItem(`kb-exam-${name}-${this.given.attempt}`)) ?? fallback;
    } catch {
      return fallback;
    }
  }

  store(name, value) {
    try {
      localStorage.setItem(`kb-exam-${name}-${this.given.attempt}`, JSON.stringify(value));
    } catch {
      /* flags are a help, no answer */
    }
  }

  /* ---- answers ---- */

  async open() {
    this.box = new ExamOutbox(this.given);
    const on = (name, act) => this.box.addEventListener(name, ({ detail }) => act(detail));
    on("saved", ({ at }) => this.heard(at));
    on("held", () => this.count());
    on("stands", (detail) => this.stands(detail));
    on("away", () => this.away(true));
    on("ended", ({ code }) => this.ended(code));
    try {
      for (const [position, response] of await this.box.written()) this.responses.set(position, response);
    } catch {
      this.trouble(this.dataset.msgStorage);
      return;
    }
    for (const question of this.questions) write(question, this.responses.get(Number(question.dataset.position)));
    await this.count();
    this.watch();
    this.apply(this.given.state);
    this.ready = true;
    this.dataset.ready = "1";
    this.keep();
    this.box.open();
  }

  /* A field has changed: at once, or when typing rests. */
  changed(question, rest) {
    const position = Number(question.dataset.position);
    clearTimeout(this.typing.get(position)?.timer);
    const put = () => {
      this.typing.delete(position);
      return this.put(position, read(question));
    };
    if (rest) {
      this.typing.set(position, { put, timer: setTimeout(put, TYPING) });
      this.saved.show("saving");
    } else put();
  }

  async flush() {
    await Promise.all([...this.typing.values()].map(({ put, timer }) => {
      clearTimeout(timer);
      return put();
    }));
  }

  async put(position, response) {
    if (!this.ready) return;
    if (JSON.stringify(this.responses.get(position) ?? null) === JSON.stringify(response)) {
      this.heard();
      return;
    }
    this.responses.set(position, response);
    this.writing.add(position);
    this.waiting.add(position);
    this.saved.show("saving");
    this.draw();
    try {
      await this.box.write(position, response);
    } catch {
      this.trouble(this.dataset.msgStorage);
      return;
    }
    this.writing.delete(position);
  }

  /* Receipts have come; at: when, by the server. */
  async heard(at = this.savedAt) {
    this.savedAt = at;
    await this.count();
    if (!this.waiting.size && at) this.saved.show("saved", { at });
  }

  /* What waits: without a receipt, on its way into the outbox, or still being typed. */
  async count() {
    this.waiting = new Set([...(await this.box.waits()), ...this.writing, ...this.typing.keys()]);
    if (this.waiting.size && (this.isAway || !navigator.onLine)) this.saved.show("held", { number: this.waiting.size });
    this.draw();
  }

  /* ---- how it stands ---- */

  async stands({ state, code, deadline, now }) {
    this.away(false);
    this.clock.set(now, deadline ?? this.clock.deadline);
    this.apply(state ?? code);
    if (this.timeUp && !(await this.box.left())) this.close();
  }

  apply(state) {
    const pause = state === "paused";
    this.timer.stopped = pause;
    this.querySelector("[data-questions]").inert = pause;
    const { paused } = this.parts;
    if (pause && !paused.open) paused.showModal();
    else if (!pause && paused.open) paused.close();
    if (state === "handed_in" || state === "voided") this.leave();
    else if (state === "timed_out") this.lock();
  }

  away(is) {
    this.isAway = is;
    this.parts.offline.hidden = !is;
    if (is) this.count();
    else if (this.parts.first.open) this.sum();
  }

  trouble(words) {
    this.parts.trouble.hidden = !words;
    this.parts.trouble.querySelector("p").textContent = words;
  }

  async ended(code) {
    if (code === "device") this.parts.elsewhere.showModal();
    else this.leave();
  }

  /* The time is up: nothing more is written; what waits goes out, then the paper closes. */
  async lock() {
    if (this.timeUp) return;
    await this.flush();
    this.timeUp = true;
    this.ready = false;
    for (const one of [this.parts.first, this.parts.last]) if (one.open) one.close();
    for (const field of this.querySelectorAll("[data-questions] :is(input, select, textarea)")) field.disabled = true;
    this.trouble(this.dataset.msgOver);
    this.box.hurry();
  }

  async close() {
    if (this.leaving) return;
    // Within the grace she hands in; after it the machine ends the attempt, and the page only has to be opened again.
    if (this.clock.left() > -this.given.grace) await this.handIn();
    else this.leave();
  }

  leave() {
    if (this.leaving) return;
    this.leaving = true;
    location.replace(location.pathname);
  }

  async handIn() {
    this.leaving = true;
    const form = this.parts["hand-in"];
    const { sequence, hash } = await this.box.last();
    form.elements.sequence.value = sequence;
    form.elements.head.value = hash;
    form.submit();
  }

  /* ---- the screen ---- */

  get size() {
    return this.wide.matches ? A_SCREEN : 1;
  }

  layout() {
    const { sheet } = this.parts;
    if (sheet.open) sheet.close();
    // On desks the sheet stands beside the questions; opened by its attribute, it takes no focus.
    if (this.wide.matches) sheet.open = true;
    // On a phone each question of a case stands alone, so its material does, too.
    else for (const material of this.querySelectorAll(".exam-stimulus")) material.open = true;
    this.show(this.at);
  }

  /* place: index of a question; the screen that holds it. */
  show(place, focus = false) {
    this.at = Math.min(Math.max(0, place), this.questions.length - 1);
    const from = Math.floor(this.at / this.size) * this.size;
    this.shown = this.questions.slice(from, from + this.size);
    for (const question of this.questions) question.hidden = !this.shown.includes(question);
    this.parts.back.disabled = from === 0;
    this.last = from + this.size >= this.questions.length;
    const { msgNext, msgNextPage, msgHandIn } = this.dataset;
    const words = this.wide.matches ? msgNextPage : msgNext;
    this.parts.next.querySelector("span").textContent = this.last ? msgHandIn : words;
    this.parts.back.setAttribute("aria-label", this.wide.matches ? this.dataset.msgBackPage : this.dataset.msgBack);
    this.draw();
    if (!focus) return;
    const question = this.questions[this.at];
    question.focus({ preventScroll: true });
    if (this.at === from) scrollTo(0, 0);
    else question.scrollIntoView({ block: "start" });
  }

  turn(by) {
    this.flush();
    this.show((Math.floor(this.at / this.size) + by) * this.size, true);
  }

  draw() {
    const done = new Set([...this.responses].filter(([, response]) => answered(response)).map(([position]) => position));
    this.done = done;
    this.sheet.draw({ answered: done, waiting: this.waiting, flagged: this.flags, current: this.at + 1 });
    this.querySelector("progress").value = done.size;
    this.parts.done.textContent = fill(this.dataset.msgPlace, { done: done.size, all: this.questions.length });
    for (const button of this.querySelectorAll("[data-flag]")) {
      button.setAttribute("aria-pressed", String(this.flags.has(Number(button.dataset.flag))));
    }
    for (const button of this.querySelectorAll("[data-clear]")) button.hidden = !done.has(Number(button.dataset.clear));
    this.parts["flag-current"].setAttribute("aria-pressed", String(this.flags.has(this.at + 1)));
    if (this.parts.first.open) this.sum();
  }

  flag(position) {
    if (!this.flags.delete(position)) this.flags.add(position);
    this.store("flags", [...this.flags]);
    this.box?.mark([...this.flags]);
    this.draw();
  }

  /* A radio button cannot be taken back by itself. */
  clear(question) {
    for (const field of question.querySelectorAll("input")) field.checked = false;
    this.changed(question, false);
    question.querySelector("input").focus();
  }

  /* ---- handing in ---- */

  async ask() {
    const { sheet, first } = this.parts;
    if (!this.wide.matches && sheet.open) sheet.close();
    await this.flush();
    this.sum();
    first.showModal();
  }

  sum() {
    const { sum, wait } = this.parts;
    const values = { done: this.done.size, all: this.questions.length };
    sum.textContent = fill(sum.dataset.msg, { ...values, open: values.all - values.done, flagged: this.flags.size });
    const away = this.isAway || !navigator.onLine;
    wait.hidden = !away && !this.waiting.size;
    wait.textContent = away ? this.dataset.msgAway : this.dataset.msgUploading;
    this.querySelector("[data-go-last]").disabled = !wait.hidden;
  }

  /* ---- events ---- */

  listen() {
    const form = this.querySelector("[data-questions]");
    const question = (event) => event.target.closest("[data-position]");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("focusin", ({ target }) => {
      if (target.matches("select")) target.dataset.before = target.value;
      const place = this.questions.indexOf(target.closest("[data-position]"));
      if (place >= 0 && place !== this.at) {
        this.at = place;
        this.draw();
      }
    });
    form.addEventListener("input", (event) => {
      if (event.target.matches(".exam-blank, .exam-text")) this.changed(question(event), true);
    });
    form.addEventListener("change", (event) => {
      const { target } = event;
      if (target.matches("select")) {
        settleOrder(question(event), target, target.dataset.before);
        target.dataset.before = target.value;
      }
      this.changed(question(event), false);
    });
    this.addEventListener("kb:go", ({ detail }) => {
      if (!this.wide.matches) this.parts.sheet.close();
      this.show(this.questions.findIndex((one) => Number(one.dataset.position) === detail.position), true);
    });
    this.addEventListener("kb:time-up", () => this.lock());
    this.addEventListener("click", (event) => this.pressed(event));
    this.parts.paused.addEventListener("cancel", (event) => event.preventDefault());
    this.parts["hand-in"].addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.handIn();
    });
    this.wide.addEventListener("change", () => this.layout());
    addEventListener("pagehide", () => this.flush());
  }

  pressed({ target }) {
    const on = (name) => target.closest(`[data-${name}]`);
    const { sheet, first, last } = this.parts;
    if (on("next")) this.last ? this.ask() : this.turn(1);
    else if (on("back")) this.turn(-1);
    else if (on("clear")) this.clear(target.closest("[data-position]"));
    else if (on("flag")) this.flag(Number(on("flag").dataset.flag));
    else if (on("flag-current")) this.flag(this.at + 1);
    else if (on("open-sheet")) sheet.showModal();
    else if (on("shut") || (target === sheet && !this.wide.matches)) sheet.close();
    else if (on("check")) this.ask();
    else if (on("go-last")) {
      first.close();
      last.showModal();
    } else if (on("cancel")) target.closest("dialog").close();
  }

  /* What the page notices goes along with the saves: information for people (ADR 0018). */
  watch() {
    const note = (kind) => this.box.notice(kind);
    document.addEventListener("visibilitychange", () => note(document.hidden ? "focus_lost" : "focus_back"));
    document.addEventListener("paste", () => note("pasted"));
    document.addEventListener("copy", () => note("copied"));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement) note("full_screen_left");
    });
    // Who hears another page of the same attempt on this device was there first.
    this.tabs = new BroadcastChannel(`kb-exam-${this.given.attempt}`);
    this.tabs.onmessage = () => note("second_tab");
    this.tabs.postMessage("here");
    addEventListener("offline", () => {
      note("offline");
      this.away(true);
      announce(this.parts.offline.textContent.trim());
    });
    addEventListener("online", () => note("online"));
    if (performance.getEntriesByType("navigation")[0]?.type === "reload") note("reloaded");
  }

  /* Leave this page on the device, with all it uses, until the attempt is over. */
  async keep() {
    if (!navigator.serviceWorker || !this.dataset.worker) return;
    try {
      await navigator.serviceWorker.register(this.dataset.worker, { scope: "/exam/" });
      const { active } = await navigator.serviceWorker.ready;
      const files = performance.getEntriesByType("resource").map((each) => new URL(each.name))
        .filter(({ origin, pathname }) => origin === location.origin && /^\/(static|exam\/files)\//.test(pathname));
      const pictures = [...this.querySelectorAll(".exam-question img")].map((image) => image.getAttribute("src"));
      active.postMessage({ type: "keep", page: location.pathname, files: [...new Set([...files.map(String), ...pictures])] });
    } catch {
      /* answers are safe without it; only a reload without a network is not */
    }
  }
}

customElements.define("kb-exam", KbExam);
