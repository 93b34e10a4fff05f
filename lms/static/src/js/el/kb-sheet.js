/* The score sheet. Wraps a plain form whose controls also stand in the transcript (form="…"); saves by itself, tells the
   truth about it, and never lets go of what was typed: in the fields, in the session's store, in the guard on leaving.
   A key is `score-C1`, `comment-C1` or `F1`, a ruling: verdict, line break, reason. */

import { announce } from "../lib/announce.js";
import { composing, shortcutsOn, typing } from "../lib/keys.js";
import { backOff, send } from "../lib/net.js";
import { clock, fill } from "../lib/time.js";

const REST = 600; // milliseconds of quiet before a save
const SPOKEN = 10000; // a change of state is spoken at most this often
const NOTE = /^\[(\d+:\d\d)\]\s*(.*)$/;
const ICONS = { saved: "check-circle", saving: "arrow-path", held: "signal-slash", failed: "exclamation-triangle", elsewhere: "no-symbol" };

const number = (text) => text && String(Number(text));
const ruling = (verdict, reason) => verdict && `${verdict}\n${reason ?? ""}`;

class KbSheet extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form[data-sheet]");
    if (!this.form) return;
    this.line = document.querySelector("[data-save]");
    this.rows = [...this.form.querySelectorAll("[data-code]")];
    this.findings = [...this.querySelectorAll("[data-rule]")];
    this.note = this.querySelector("[data-comment]");
    this.revision = Number(this.dataset.revision);
    this.refused = new Map(); // key → the value the server would not take
    this.disputed = new Map(); // key → what another window saved
    this.attempt = 0;
    this.saved = this.read();
    // A form that came back: what the server holds differs from what stands in the field.
    for (const [key, at] of this.places) {
      if (at.dataset.stored === undefined) continue;
      this.saved.set(key, key.startsWith("score") ? number(at.dataset.stored) : at.dataset.stored.trim());
      if (this.dataset.stale !== undefined) this.disputed.set(key, this.saved.get(key));
    }
    this.abort = new AbortController();
    this.wire(this.abort.signal);
    for (const each of this.querySelectorAll("[data-plain]")) each.hidden = true;
    for (const each of this.querySelectorAll("[data-scripted]")) {
      each.hidden = false;
      each.disabled = false;
    }
    this.restore();
    this.row = this.rows.find((row) => this.problem(row) === null) ?? this.rows[0];
    this.ask();
    this.save();
  }

  disconnectedCallback() {
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  wire(signal) {
    const on = (target, name, act) => target.addEventListener(name, act, { signal, passive: false });
    on(this, "input", (event) => this.onInput(event));
    on(this, "focusin", (event) => this.enter(event.target.closest("[data-code]")));
    on(this, "click", (event) => this.onClick(event));
    on(this, "beforeinput", (event) => {
      if (event.target.type === "number" && /[^\d.]/.test(event.data ?? "")) event.preventDefault();
    });
    // Rolling the wheel over a field must not change a score.
    on(this, "wheel", (event) => {
      if (event.target.type === "number" && event.target === document.activeElement) event.preventDefault();
    });
    on(document, "keydown", (event) => this.onKey(event));
    on(document, "kb:time", (event) => this.onTime(event.detail));
    on(window, "online", () => this.save());
    on(window, "offline", () => this.draw());
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") this.save(true);
    });
    on(window, "beforeunload", (event) => {
      if (!this.leaving && !this.locked && (this.unsaved().length || this.note?.value.trim())) event.preventDefault();
    });
    on(this.form, "submit", (event) => {
      if (this.leaving) return;
      event.preventDefault();
      this.handIn(event.submitter?.hasAttribute("data-final"));
    });
  }

  /* ---- what stands in the fields ---- */

  /* key → the element that holds it. */
  get places() {
    return new Map([
      ...this.rows.flatMap((row) => [...row.querySelectorAll("input, textarea")].map((field) => [field.name, field])),
      ...this.findings.map((each) => [each.dataset.rule, each]),
    ]);
  }

  read() {
    return new Map([...this.places].map(([key, at]) => [key, this.value(at)]));
  }

  value(at) {
    if (at.dataset.rule) return ruling(at.querySelector(":checked")?.value ?? "", at.querySelector("[data-reason]").value.trim());
    return at.type !== "number" ? at.value.trim() : at.validity.badInput ? "?" : number(at.value);
  }

  write(key, value) {
    const at = this.places.get(key);
    if (!at?.dataset.rule) {
      if (at) at.value = value;
      return;
    }
    const [verdict, reason] = value.split("\n");
    for (const radio of at.querySelectorAll("[type=radio]")) radio.checked = radio.value === verdict;
    at.querySelector("[data-reason]").value = reason ?? "";
  }

  /* Keys whose value the server does not have. */
  unsaved() {
    return [...this.read()].filter(([key, value]) => value !== this.saved.get(key)).map(([key]) => key);
  }

  /* Those of them that can be sent as they stand. */
  ready() {
    const places = this.places;
    return this.unsaved().filter((key) => {
      const at = places.get(key);
      const value = this.value(at);
      if (this.disputed.has(key) || this.refused.get(key) === value || value === "dismiss\n") return false;
      return at.type !== "number" || !this.problem(at.closest("[data-code]"));
    });
  }

  /* null while empty, "" when fine, else what is wrong. */
  problem(row) {
    const field = row.querySelector("input");
    const score = Number(field.value);
    const maximum = Number(field.max);
    if (field.validity.badInput) return this.dataset.msgNumber;
    if (field.value === "") return null;
    if (score > maximum || score < 0) return fill(this.dataset.msgRange, { maximum, score });
    return score !== maximum && score % Number(field.step) ? fill(this.dataset.msgStep, { step: field.step }) : "";
  }

  /* ---- saving ---- */

  later() {
    clearTimeout(this.timer);
    this.keep();
    this.draw();
    this.timer = setTimeout(() => this.save(), REST);
  }

  /* True when nothing is left unsaved. One request at a time. */
  async save(last = false) {
    while (this.running) await this.running;
    clearTimeout(this.timer);
    let going = !this.locked;
    while (going && this.ready().length) {
      this.running = this.post(this.ready(), last);
      this.draw();
      going = await this.running;
      this.running = null;
    }
    this.keep();
    this.draw();
    return !this.locked && !this.unsaved().length;
  }

  async post(keys, last) {
    const now = this.read();
    const changes = { revision: this.revision, scores: {}, comments: {}, rulings: {} };
    for (const key of keys) {
      const [kind, code] = key.split("-");
      if (code) changes[`${kind}s`][code] = now.get(key);
      else changes.rulings[key.slice(1)] = [...now.get(key).split("\n"), ""].slice(0, 2);
    }
    const { status, data } = await send(this.dataset.saveUrl, changes, { token: this.form.csrfmiddlewaretoken, last });
    this.signedOut = status === 401;
    if (status === 200 || status === 422) {
      this.attempt = 0;
      this.taken(keys, now, data);
      return true;
    }
    if (status === 409) {
      if (data.code === "revision") this.merge(data.sheet);
      else this.lock(data.message);
      return true;
    }
    this.attempt += 1;
    this.timer = setTimeout(() => this.save(), backOff(this.attempt));
    return false;
  }

  taken(keys, sent, receipt) {
    this.revision = receipt.revision;
    this.savedAt = receipt.saved_at;
    for (const key of keys) {
      const [kind, code] = key.split("-");
      const error = receipt.errors?.[kind === "comment" ? `${code}.comment` : code ?? key];
      (error ? this.refused : this.saved).set(key, sent.get(key));
      this.complain(key, error);
    }
  }

  /* Another window saved meanwhile. What she did not touch follows it; comments keep both; the rest she is asked about. */
  merge({ revision, scores, comments, rulings }) {
    const mine = this.read();
    const latest = new Map([...mine.keys()].map((key) => [key, ""]));
    for (const code in scores) latest.set(`score-${code}`, number(scores[code]));
    for (const code in comments) latest.set(`comment-${code}`, comments[code].trim());
    for (const at in rulings) latest.set(`F${at}`, ruling(...rulings[at]));
    for (const [key, value] of latest) {
      const base = this.saved.get(key);
      const here = mine.get(key);
      if (here === base) this.write(key, value);
      else if (key.startsWith("comment")) this.write(key, [...new Set(`${value}\n${here}`.trim().split("\n"))].join("\n"));
      else if (value !== base && value !== here) this.disputed.set(key, value);
    }
    this.saved = latest;
    this.revision = revision;
    this.ask();
  }

  ask() {
    const lines = [...this.disputed].map(([key, theirs]) => fill(this.dataset.msgDispute, {
      name: this.name(key),
      mine: this.words(this.read().get(key)),
      theirs: this.words(theirs),
    }));
    this.tell("[data-dispute]", lines);
  }

  settle(mine) {
    for (const [key, value] of mine ? [] : this.disputed) this.write(key, value);
    this.disputed.clear();
    this.ask();
    this.save();
  }

  /* Handed in elsewhere, or not hers any more: nothing can be saved; what was not stays on the page to be copied. */
  lock(message) {
    const lost = this.unsaved().map((key) => `${this.name(key)} ${this.words(this.read().get(key))}`);
    this.locked = true;
    for (const control of this.form.elements) control.disabled = true;
    this.querySelector("[data-locked] p").textContent = message;
    this.tell("[data-locked]", lost, true);
  }

  tell(box, lines, always = false) {
    const place = this.querySelector(box);
    const shown = always || lines.length > 0;
    place.querySelector("ul").replaceChildren(...lines.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
    if (shown === !place.hidden) return;
    place.hidden = !shown;
    if (shown) place.focus();
  }

  name(key) {
    return this.places.get(key).closest("[data-name]").dataset.name;
  }

  words(value) {
    const [verdict, reason] = value.split("\n");
    return [{ confirm: this.dataset.msgConfirm, dismiss: this.dataset.msgDismiss }[verdict] ?? (verdict || "—"), reason].join(" ").trim();
  }

  /* What is not saved survives a reload in the session's store, and ends with the tab. */
  get shelf() {
    return `kb-sheet ${this.dataset.saveUrl}`;
  }

  keep() {
    const now = this.read();
    const values = this.unsaved().map((key) => [key, now.get(key)]);
    const kept = { revision: this.revision, values, draft: this.note?.value };
    try {
      if (values.length || kept.draft) sessionStorage.setItem(this.shelf, JSON.stringify(kept));
      else sessionStorage.removeItem(this.shelf);
    } catch {
      /* storage refused: fields and guard remain */
    }
  }

  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.shelf));
      if (!kept) return;
      // Kept on an older state of the sheet: the server answers with the latest, and they are merged.
      this.revision = Math.min(kept.revision, this.revision);
      for (const [key, value] of kept.values) this.write(key, value);
      if (this.note) this.note.value = kept.draft;
    } catch {
      /* nothing kept */
    }
  }

  /* ---- what she sees ---- */

  draw() {
    const now = this.read();
    let points = 0;
    let scored = 0;
    for (const row of this.rows) {
      const field = row.querySelector("input");
      const problem = this.problem(row);
      const fine = problem === "";
      points += fine ? Number(field.value) : 0;
      scored += fine ? 1 : 0;
      if (this.refused.get(field.name) !== now.get(field.name)) this.complain(field.name, problem);
      row.dataset.state = row === this.row ? "now" : this.disputed.has(field.name) ? "overwritten" : fine ? "done" : "todo";
      row.querySelector("[data-done]").hidden = !fine || row === this.row;
      row.querySelector("[data-more]")?.toggleAttribute("hidden", row !== this.row);
      const at = fine && this.band(row);
      for (const band of this.bands(row)) band.setAttribute("aria-pressed", String(band === at));
      this.drawNotes(row);
    }
    const ruled = this.findings.filter((each) => this.drawRuling(each)).length;
    const scores = this.rows.length - scored;
    const rulings = this.findings.length - ruled;
    const { msgBoth, msgScores, msgRulings } = this.dataset;
    this.missing = fill(scores && rulings ? msgBoth : scores ? msgScores : rulings ? msgRulings : "", { scores, rulings });
    const texts = { total: points.toFixed(this.dataset.places ?? 1), done: scored, missing: this.missing, about: this.row.dataset.name };
    for (const each of this.querySelectorAll("[data-sum]")) each.textContent = texts[each.dataset.sum];
    this.querySelector("[data-hand-in]").setAttribute("aria-disabled", String(Boolean(this.missing)));
    this.drawState();
  }

  drawState() {
    const { dataset } = this;
    const all = this.unsaved().length;
    const ready = this.ready().length;
    let [state, words] = ["saved", dataset.msgSaved];
    if (this.locked) [state, words] = ["elsewhere", dataset.msgLocked];
    else if (this.disputed.size) [state, words] = ["elsewhere", dataset.msgElsewhere];
    else if (ready && navigator.onLine === false) [state, words] = ["held", dataset.msgHeld];
    else if (ready && this.signedOut) [state, words] = ["failed", dataset.msgSignedOut];
    else if (ready && this.attempt) [state, words] = ["failed", dataset.msgFailed];
    else if (ready) [state, words] = ["saving", dataset.msgSaving];
    else if (all) [state, words] = ["held", dataset.msgFix];
    const time = this.savedAt ?? dataset.savedAt;
    words = fill(words, { time, number: ready || all });
    this.line.hidden = state === "saved" && !time;
    this.line.dataset.state = state;
    this.line.querySelector("span").textContent = words;
    const use = this.line.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[state]}`));
    if (state === "saving" || state === this.spoken) return;
    clearTimeout(this.voice);
    if (!this.spoken) this.spoken = state;
    else {
      this.voice = setTimeout(() => {
        this.spoken = state;
        this.spokenAt = Date.now();
        announce(words);
      }, (this.spokenAt ?? 0) + SPOKEN - Date.now());
    }
  }

  complain(key, words) {
    const place = document.getElementById(`${key}-error`);
    if (!place) return;
    place.textContent = words || "";
    place.hidden = !words;
    const at = this.places.get(key);
    (at.querySelector("[data-reason]") ?? at).setAttribute("aria-invalid", String(Boolean(words)));
  }

  /* True when it is ruled on. Ruled findings fold, unless she opened one again. */
  drawRuling(each) {
    const [verdict, reason] = this.value(each).split("\n");
    const dismissed = verdict === "dismiss";
    const ruled = Boolean(verdict && (!dismissed || reason));
    const open = !ruled || each.dataset.open === "true";
    const find = (name) => each.querySelector(`[data-${name}]`);
    find("choose").hidden = !open;
    find("why").hidden = !open || !dismissed;
    find("ruled").hidden = open;
    find("ruled").querySelector(".tag").dataset.tone = dismissed ? "mute" : "ok";
    find("said").textContent = dismissed ? this.dataset.msgDismissed : this.dataset.msgConfirmed;
    find("because").textContent = dismissed ? reason : "";
    return ruled;
  }

  drawNotes(row) {
    const dots = this.querySelector("[data-dots]");
    if (!dots) return;
    const text = row.querySelector("textarea").value.trim();
    if (row.noted === text) return;
    row.noted = text;
    const pattern = this.querySelector("template").content.firstElementChild;
    row.querySelector("[data-notes]").replaceChildren(...text.split("\n").filter(Boolean).map((line) => {
      const [, time, words] = line.match(NOTE) ?? [null, "", line];
      const [minutes, seconds] = time.split(":").map(Number);
      const item = pattern.cloneNode(true);
      const link = item.querySelector("a");
      link.hidden = !time;
      link.dataset.seek = minutes * 60 + seconds;
      link.href = `?t=${link.dataset.seek}`;
      link.setAttribute("aria-label", fill(link.dataset.msg, { time }));
      link.querySelector(".num").textContent = time;
      item.lastElementChild.textContent = words;
      return item;
    }));
    dots.replaceChildren(...[...this.querySelectorAll("[data-notes] a:not([hidden])")].map((link) => {
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      const at = { class: "timeline-note", cx: `${(link.dataset.seek / dots.dataset.duration) * 100}%`, cy: dots.dataset.y, r: 5 };
      for (const name in at) dot.setAttribute(name, at[name]);
      return dot;
    }));
  }

  /* ---- acting ---- */

  enter(row) {
    if (!row || row === this.row) return;
    this.row = row;
    this.draw();
    row.scrollIntoView({ block: "nearest" });
  }

  go(row) {
    const field = row?.querySelector("input") ?? this.querySelector("[data-hand-in]");
    field.focus();
    field.select?.();
  }

  bands(row) {
    return [...row.querySelectorAll("[data-low]")];
  }

  band(row) {
    return this.bands(row).find((band) => Number(row.querySelector("input").value) >= Number(band.dataset.low));
  }

  /* The middle of a band, in half points. */
  set(row, { dataset: { low, high } }) {
    row.querySelector("input").value = low === high ? low : Math.floor(Number(low) + Number(high)) / 2;
    this.later();
  }

  /* The next band up or down; from an empty field the lowest or the highest. */
  step(row, by) {
    const bands = this.bands(row);
    const at = row.querySelector("input").value === "" ? (by < 0 ? bands.length : -1) : bands.indexOf(this.band(row));
    this.set(row, bands[Math.min(bands.length - 1, Math.max(0, at + by))]);
  }

  onInput({ target }) {
    const each = target.closest("[data-rule]");
    if (target === this.note) {
      this.typed();
      this.keep();
      return;
    }
    if (target.form !== this.form) return;
    if (each) {
      each.dataset.open = String(target.value !== "confirm" || target.type !== "radio");
      this.drawRuling(each);
    }
    if (target.type === "radio") each.querySelector(target.value === "dismiss" ? "[data-reason]" : "[data-change]").focus();
    this.later();
  }

  onClick(event) {
    const on = (name) => event.target.closest(`[data-${name}]`);
    const row = on("code");
    if (on("low")) this.set(row, on("low"));
    else if (on("change")) {
      on("rule").dataset.open = "true";
      this.draw();
      on("rule").querySelector(":checked").focus();
    } else if (on("keep")) this.settle(on("keep").dataset.keep === "mine");
    else if (on("line")) this.enter(row);
    else if (on("hand-in")) {
      event.preventDefault();
      event.stopPropagation();
      this.handIn(false);
    }
  }

  onTime({ time, playing }) {
    this.time = time;
    this.playing = playing;
    if (this.noteAt === undefined) this.querySelector("[data-at]").textContent = clock(time);
  }

  /* Typing a comment stops the video and holds its second; Enter plays on. */
  typed() {
    if (!this.note.value) {
      this.noteAt = undefined;
    } else if (this.noteAt === undefined) {
      this.noteAt = this.time ?? 0;
      this.resume = this.playing;
      if (this.resume) this.play(false);
    }
  }

  play(play) {
    this.dispatchEvent(new CustomEvent("kb:seek", { bubbles: true, detail: { time: this.time, play } }));
  }

  comment() {
    const words = this.note.value.trim();
    if (!words) return;
    const area = this.row.querySelector("textarea");
    area.value = `${area.value.trim()}\n[${clock(this.noteAt ?? this.time)}] ${words}`.trim();
    this.note.value = "";
    this.noteAt = undefined;
    if (this.resume) this.play(true);
    announce(fill(this.dataset.msgNoted, { name: this.row.dataset.name }));
    this.later();
  }

  /* Nothing is ruled on unseen: the first press shows the next open finding. */
  rule(verdict) {
    const current = this.querySelector("[data-finding][aria-current=true] [data-rule]");
    if (current) {
      current.dataset.open = "true";
      this.drawRuling(current);
      current.querySelector(`[value=${verdict}]`).click();
      if (verdict === "dismiss") current.querySelector("[data-reason]").focus();
      return;
    }
    const next = this.findings.find((each) => !each.querySelector(":checked"));
    if (!next) return;
    this.reveal(next);
    next.closest("[data-finding]").setAttribute("aria-current", "true");
    announce(next.dataset.name);
  }

  reveal(each) {
    each.dispatchEvent(new CustomEvent("kb:reveal", { bubbles: true }));
    each.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    const { code, target } = event;
    if (composing(event) || this.locked || document.querySelector("dialog[open]")) return;
    const enter = code === "Enter" || code === "NumpadEnter";
    const digit = /^Digit(\d)$/.exec(code)?.[1];
    const step = { PageUp: -1, PageDown: 1 }[code];
    const verdict = { KeyY: "confirm", KeyN: "dismiss" }[code];
    const row = target.matches?.("[data-code] input") && target.closest("[data-code]");
    const keys = document.querySelector("[data-shortcuts]")?.checked ?? shortcutsOn();
    let act;
    if (event.ctrlKey || event.metaKey) act = enter ? () => this.handIn(false) : code === "KeyS" && (() => this.save());
    else if (event.altKey) act = digit && (() => this.go(this.rows[(Number(digit) + 9) % 10] ?? this.row));
    else if (target === this.note) act = enter ? () => this.comment() : code === "Escape" && (() => target.blur());
    else if (enter && target.matches?.("[data-reason]")) act = () => this.because(target);
    else if (code === "Escape" && target.matches?.("[data-code] textarea")) act = () => this.go(this.row);
    else if (row && enter) act = () => this.go(this.rows[this.rows.indexOf(row) + 1]);
    else if (row && step) act = () => this.step(row, step);
    else if (verdict && keys && !typing(target)) act = () => this.rule(verdict);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /* Enter after the reason folds the finding, which keeps the focus. */
  because(field) {
    const each = field.closest("[data-rule]");
    if (!field.value.trim()) return;
    each.dataset.open = "false";
    this.save();
    each.querySelector("[data-change]").focus();
  }

  /* What is missing takes the focus; everything is saved first; a dialog states the point of no return. */
  async handIn(final) {
    if (this.missing) {
      announce(this.missing);
      const row = this.rows.find((each) => this.problem(each) !== "");
      const each = this.findings.find((one) => !this.drawRuling(one));
      if (row) this.go(row);
      else {
        this.reveal(each);
        each.querySelector(each.querySelector(":checked") ? "[data-reason]" : "[type=radio]").focus();
      }
    } else if (!(await this.save())) {
      announce(this.line.textContent);
    } else if (final) {
      this.leaving = true;
      this.form.revision.value = this.revision;
      // No form is sent within its own submit event.
      setTimeout(() => this.form.requestSubmit(this.querySelector("[data-final]")));
    } else {
      document.dispatchEvent(new CustomEvent("kb:open", { detail: "hand-in" }));
    }
  }
}

customElements.define("kb-sheet", KbSheet);
