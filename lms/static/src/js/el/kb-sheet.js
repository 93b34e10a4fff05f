/* The score sheet. Wraps a plain form whose controls also stand in the transcript (form="…"); saves by itself, tells the
   truth about it, and never lets go of what was typed: in the fields, in the session's store, in the guard on leaving.
   A key is `score-C1`, `comment-C1` or `F1` (a ruling: verdict, line break, reason). */

import { announce } from "../lib/announce.js";
import { composing, shortcutsOn, typing } from "../lib/keys.js";
import { backOff, send } from "../lib/net.js";
import { clock, fill } from "../lib/time.js";

const REST = 600; // milliseconds of quiet before a save
const SPOKEN = 10000; // a change of state is spoken at most this often
const NOTE = /^\[((?:\d+:)?\d{1,2}:\d{2})\]\s*(.*)$/;
const ICONS = { saved: "check-circle", saving: "arrow-path", held: "signal-slash", failed: "exclamation-triangle", elsewhere: "no-symbol" };

class KbSheet extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form[data-sheet]");
    if (!this.form) return;
    this.line = document.querySelector("[data-save]");
    this.rows = [...this.form.querySelectorAll("[data-code]")];
    this.findings = [...this.querySelectorAll("[data-rule]")];
    this.note = this.querySelector("[data-comment]");
    this.revision = Number(this.dataset.revision);
    this.saved = this.read();
    this.refused = new Map();
    this.disputed = new Map();
    this.attempt = 0;
    this.abort = new AbortController();
    this.wire(this.abort.signal);
    for (const each of this.querySelectorAll("[data-plain]")) each.hidden = true;
    for (const each of this.querySelectorAll("[data-scripted]")) {
      each.hidden = false;
      each.disabled = false;
    }
    this.restore();
    this.row = this.rows.find((row) => this.problem(row) === null) ?? this.rows[0];
    this.draw();
    this.show();
    if (this.pending().length) this.save();
  }

  disconnectedCallback() {
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  wire(signal) {
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(this, "input", (event) => this.onInput(event));
    on(this, "focusin", (event) => this.enter(event.target.closest("[data-code]")));
    on(this, "click", (event) => this.onClick(event));
    on(this, "beforeinput", (event) => {
      if (event.target.type === "number" && /[^\d.]/.test(event.data ?? "")) event.preventDefault();
    });
    // Rolling the wheel over a field must not change a score.
    this.addEventListener("wheel", (event) => {
      if (event.target.type === "number" && event.target === document.activeElement) event.preventDefault();
    }, { signal, passive: false });
    on(document, "keydown", (event) => this.onKey(event));
    on(document, "kb:time", (event) => this.onTime(event.detail));
    on(window, "online", () => this.save());
    on(window, "offline", () => this.draw());
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") this.save(true);
    });
    on(window, "beforeunload", (event) => {
      if (!this.leaving && !this.locked && (this.pending(true).length || this.note?.value.trim())) event.preventDefault();
    });
    on(this.form, "submit", (event) => {
      if (this.leaving) return;
      event.preventDefault();
      if (event.submitter?.hasAttribute("data-final")) this.handIn(true);
      else this.handIn(false);
    });
  }

  /* ---- what stands in the fields ---- */

  read() {
    const values = new Map();
    for (const row of this.rows) {
      const score = row.querySelector("input");
      values.set(score.name, score.validity.badInput ? "?" : score.value && String(Number(score.value)));
      const comment = row.querySelector("textarea");
      values.set(comment.name, comment.value.trim());
    }
    for (const each of this.findings) {
      const verdict = each.querySelector(":checked")?.value ?? "";
      values.set(each.dataset.rule, verdict && `${verdict}\n${each.querySelector("[data-reason]").value.trim()}`);
    }
    return values;
  }

  write(key, value) {
    if (key[0] === "F") {
      const each = this.findings.find((one) => one.dataset.rule === key);
      const [verdict, reason] = value.split("\n");
      for (const radio of each.querySelectorAll("[type=radio]")) radio.checked = radio.value === verdict;
      each.querySelector("[data-reason]").value = reason ?? "";
    } else {
      this.form.elements[key].value = value;
    }
  }

  /* Keys that differ from what the server has; with `all`, also those that cannot be sent as they stand. */
  pending(all) {
    const now = this.read();
    return [...now.keys()].filter((key) => now.get(key) !== this.saved.get(key)
      && (all || (!this.disputed.has(key) && this.refused.get(key) !== now.get(key) && this.sendable(key, now.get(key)))));
  }

  sendable(key, value) {
    if (key[0] === "F") return value !== "dismiss\n";
    return !key.startsWith("score-") || !this.problem(this.form.elements[key].closest("[data-code]"));
  }

  /* null while empty, "" when fine, else what is wrong with the score. */
  problem(row) {
    const field = row.querySelector("input");
    if (field.validity.badInput) return this.dataset.msgNumber;
    if (field.value === "") return null;
    const score = Number(field.value);
    const maximum = Number(field.max);
    if (score > maximum || score < 0) return fill(this.dataset.msgRange, { maximum, score });
    if (score % Number(field.step)) return fill(this.dataset.msgStep, { step: field.step });
    return "";
  }

  /* ---- saving ---- */

  later() {
    clearTimeout(this.timer);
    this.keep();
    this.draw();
    this.timer = setTimeout(() => this.save(), REST);
  }

  /* True when everything that can be saved is saved. Only one request at a time. */
  async save(last = false) {
    if (this.running) await this.running;
    clearTimeout(this.timer);
    const keys = this.pending();
    if (this.locked) return false;
    if (!keys.length) {
      this.draw();
      return !this.pending(true).length;
    }
    this.running = this.post(keys, last);
    const done = await this.running;
    this.running = null;
    this.keep();
    this.draw();
    return done && !this.locked && (this.pending().length ? this.save() : !this.pending(true).length);
  }

  async post(keys, last) {
    const now = this.read();
    const sent = new Map(keys.map((key) => [key, now.get(key)]));
    this.draw("saving");
    const answer = await send(this.dataset.saveUrl, this.payload(sent), { token: this.form.csrfmiddlewaretoken, last });
    this.signedOut = answer.status === 401;
    if (answer.status === 200 || answer.status === 422) {
      this.attempt = 0;
      this.taken(sent, answer.data);
      return true;
    }
    if (answer.status === 409) {
      if (answer.data.code === "revision") return this.merge(answer.data.sheet);
      this.lock(answer.data.message);
      return false;
    }
    this.attempt += 1;
    this.timer = setTimeout(() => this.save(), backOff(this.attempt));
    return false;
  }

  payload(sent) {
    const changes = { revision: this.revision, scores: {}, comments: {}, rulings: {} };
    for (const [key, value] of sent) {
      const [verdict, reason] = value.split("\n");
      if (key[0] === "F") changes.rulings[key.slice(1)] = [verdict, reason ?? ""];
      else changes[key.startsWith("score") ? "scores" : "comments"][key.split("-")[1]] = value;
    }
    return changes;
  }

  taken(sent, receipt) {
    this.revision = receipt.revision;
    this.savedAt = receipt.saved_at;
    for (const [key, value] of sent) {
      const code = key.split("-")[1];
      const error = receipt.errors?.[key.startsWith("comment") ? `${code}.comment` : code ?? key];
      if (error) this.refused.set(key, value);
      else this.saved.set(key, value);
      this.complain(key, error);
    }
  }

  /* Another window saved meanwhile. What she did not touch follows it; comments keep both; the rest she is asked about. */
  merge(theirs) {
    const mine = this.read();
    const latest = new Map([...mine.keys()].map((key) => [key, ""]));
    for (const [code, score] of Object.entries(theirs.scores)) latest.set(`score-${code}`, score && String(Number(score)));
    for (const [code, text] of Object.entries(theirs.comments)) latest.set(`comment-${code}`, text.trim());
    for (const [number, [verdict, reason]] of Object.entries(theirs.rulings)) {
      latest.set(`F${number}`, verdict && `${verdict}\n${reason}`);
    }
    for (const [key, value] of latest) {
      const base = this.saved.get(key);
      if (mine.get(key) === base) this.write(key, value);
      else if (key.startsWith("comment")) this.write(key, [...new Set([...value.split("\n"), ...mine.get(key).split("\n")])].join("\n").trim());
      else if (value !== base && value !== mine.get(key)) this.disputed.set(key, value);
    }
    this.saved = latest;
    this.revision = theirs.revision;
    this.ask();
    return true;
  }

  ask() {
    const box = this.querySelector("[data-dispute]");
    box.hidden = !this.disputed.size;
    if (box.hidden) return;
    const mine = this.read();
    box.querySelector("ul").replaceChildren(...[...this.disputed].map(([key, value]) => {
      const line = document.createElement("li");
      line.textContent = fill(this.dataset.msgDispute, { name: this.name(key), mine: this.words(mine.get(key)), theirs: this.words(value) });
      return line;
    }));
    box.focus();
  }

  settle(mine) {
    for (const [key, value] of this.disputed) {
      if (!mine) this.write(key, value);
    }
    this.disputed.clear();
    this.ask();
    this.keep();
    this.draw();
    this.save();
  }

  name(key) {
    return key[0] === "F"
      ? this.findings.find((each) => each.dataset.rule === key).dataset.name
      : this.form.elements[key].closest("[data-code]").dataset.name;
  }

  words(value) {
    const [verdict, reason] = value.split("\n");
    const said = { confirm: this.dataset.msgConfirm, dismiss: this.dataset.msgDismiss }[verdict] ?? verdict;
    return [said || "—", reason].filter(Boolean).join(" ");
  }

  /* Handed in elsewhere, or not hers any more: nothing can be saved; what was not stays on the page to be copied. */
  lock(message) {
    const lost = this.pending(true).map((key) => `${this.name(key)} ${this.words(this.read().get(key))}`);
    this.locked = message;
    for (const control of this.form.elements) control.disabled = true;
    const box = this.querySelector("[data-locked]");
    box.querySelector("p").textContent = message;
    box.querySelector("ul").replaceChildren(...lost.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
    box.hidden = false;
    box.focus();
  }

  /* ---- the session's store: what is not saved survives a reload, and ends with the tab ---- */

  keep() {
    const now = this.read();
    const values = this.pending(true).map((key) => [key, now.get(key)]);
    const draft = this.note?.value ?? "";
    try {
      if (values.length || draft) sessionStorage.setItem(this.shelf, JSON.stringify({ revision: this.revision, values, draft }));
      else sessionStorage.removeItem(this.shelf);
    } catch {
      /* storage refused: the fields and the guard remain */
    }
  }

  get shelf() {
    return `kb-sheet ${this.dataset.saveUrl}`;
  }

  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.shelf));
      if (!kept) return;
      // Kept on an older state of the sheet: the server answers with the latest, and they are merged.
      this.revision = Math.min(kept.revision, this.revision);
      for (const [key, value] of kept.values) {
        if (this.saved.has(key)) this.write(key, value);
      }
      if (this.note) this.note.value = kept.draft;
    } catch {
      /* nothing kept */
    }
  }

  /* ---- what she sees ---- */

  draw(state) {
    const now = this.read();
    let points = 0;
    let scored = 0;
    for (const row of this.rows) {
      const problem = this.problem(row);
      const field = row.querySelector("input");
      if (problem === "") {
        points += Number(field.value) * 2;
        scored += 1;
      }
      if (this.refused.get(field.name) !== now.get(field.name)) this.complain(field.name, problem);
      row.dataset.state = row === this.row ? "now" : this.disputed.has(field.name) ? "overwritten" : problem === "" ? "done" : "todo";
      row.querySelector("[data-done]").hidden = problem !== "" || row === this.row;
      row.querySelector("[data-more]").hidden = row !== this.row;
      for (const band of row.querySelectorAll("[data-low]")) {
        band.setAttribute("aria-pressed", String(problem === "" && this.band(row) === band));
      }
      this.drawNotes(row);
    }
    const ruled = this.findings.filter((each) => this.drawRuling(each, now.get(each.dataset.rule))).length;
    this.missing = { scores: this.rows.length - scored, rulings: this.findings.length - ruled };
    const show = (role, words) => {
      for (const each of document.querySelectorAll(`[data-role=${role}]`)) each.textContent = words;
    };
    show("total", (points / 2).toFixed(1));
    show("done", scored);
    show("missing", this.left());
    this.querySelector("[data-hand-in]")?.setAttribute("aria-disabled", String(Boolean(this.left())));
    this.drawState(state);
  }

  left() {
    const { scores, rulings } = this.missing;
    const words = scores && rulings ? this.dataset.msgBoth : scores ? this.dataset.msgScores : rulings ? this.dataset.msgRulings : "";
    return fill(words, { scores, rulings });
  }

  drawState(asked) {
    const number = this.pending(true).length;
    const stuck = number - this.pending().length;
    const offline = navigator.onLine === false;
    let state = asked ?? "saved";
    let words = fill(this.dataset.msgSaved, { time: this.savedAt ?? this.dataset.savedAt });
    if (this.locked) [state, words] = ["elsewhere", this.dataset.msgLocked];
    else if (this.disputed.size) [state, words] = ["elsewhere", this.dataset.msgElsewhere];
    else if (asked === "saving") words = this.dataset.msgSaving;
    else if (number && stuck === number) [state, words] = ["held", fill(this.dataset.msgFix, { number })];
    else if (number && offline) [state, words] = ["held", fill(this.dataset.msgHeld, { number })];
    else if (number && this.signedOut) [state, words] = ["failed", this.dataset.msgSignedOut];
    else if (number && this.attempt) [state, words] = ["failed", this.dataset.msgFailed];
    else if (number) [state, words] = ["saving", this.dataset.msgSaving];
    else if (!this.savedAt && !this.dataset.savedAt) words = "";
    if (!this.line) return;
    this.line.dataset.state = state;
    this.line.hidden = !words;
    this.line.querySelector("span").textContent = words;
    const use = this.line.querySelector("use");
    use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[state]}`));
    if (state !== "saving") this.speak(state, words);
  }

  speak(state, words) {
    const first = this.spoken === undefined;
    if (state === this.spoken) return;
    clearTimeout(this.voice);
    if (first) {
      this.spoken = state;
      return;
    }
    const wait = Math.max(0, (this.spokenAt ?? 0) + SPOKEN - Date.now());
    this.voice = setTimeout(() => {
      this.spoken = state;
      this.spokenAt = Date.now();
      announce(words);
    }, wait);
  }

  complain(key, words) {
    const place = document.getElementById(`${key}-error`);
    if (!place) return;
    place.textContent = words || "";
    place.hidden = !words;
    const field = this.form.elements[key] ?? this.findings.find((each) => each.dataset.rule === key)?.querySelector("[data-reason]");
    if (words) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }

  drawRuling(each, value) {
    const [verdict, reason] = (value ?? "").split("\n");
    const dismissed = verdict === "dismiss";
    const ruled = verdict === "confirm" || (dismissed && Boolean(reason));
    const open = !ruled || each.dataset.open === "true";
    each.querySelector("[data-choose]").hidden = !open;
    each.querySelector("[data-why]").hidden = !open || !dismissed;
    each.querySelector("[data-ruled]").hidden = open;
    each.querySelector("[data-ruled] .tag").dataset.tone = dismissed ? "mute" : "bad";
    each.querySelector("[data-said]").textContent = dismissed ? this.dataset.msgDismissed : this.dataset.msgConfirmed;
    each.querySelector("[data-because]").textContent = reason ?? "";
    return ruled;
  }

  drawNotes(row) {
    const text = row.querySelector("textarea").value;
    if (row.noted === text) return;
    row.noted = text;
    const pattern = this.querySelector("template[data-note]").content.firstElementChild;
    row.querySelector("[data-notes]").replaceChildren(...text.split("\n").filter((line) => line.trim()).map((line) => {
      const [, at, words] = line.match(NOTE) ?? [null, "", line];
      const item = pattern.cloneNode(true);
      const link = item.querySelector("a");
      const seconds = at.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
      link.hidden = !at;
      link.dataset.seek = seconds;
      link.href = `?t=${seconds}`;
      link.setAttribute("aria-label", fill(link.dataset.msg, { time: at }));
      link.querySelector(".num").textContent = at;
      item.lastElementChild.textContent = words;
      return item;
    }));
    this.drawDots();
  }

  drawDots() {
    const dots = this.querySelector("[data-dots]");
    if (!dots) return;
    const last = Number(dots.dataset.duration) || 1;
    dots.replaceChildren(...[...this.querySelectorAll("[data-notes] a:not([hidden])")].map((link) => {
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      dot.setAttribute("class", "timeline-note");
      dot.setAttribute("cx", `${Math.min(100, (Number(link.dataset.seek) / last) * 100).toFixed(2)}%`);
      dot.setAttribute("cy", dots.dataset.y);
      dot.setAttribute("r", "5");
      return dot;
    }));
  }

  /* ---- acting ---- */

  enter(row) {
    if (!row || row === this.row) return;
    this.row = row;
    this.draw();
    this.show();
    row.scrollIntoView({ block: "nearest" });
  }

  /* Which criterion a comment goes to. */
  show() {
    const about = this.querySelector("[data-about]");
    if (about) about.textContent = this.row.dataset.name;
  }

  go(row) {
    const field = row?.querySelector("input") ?? this.querySelector("[data-hand-in]");
    field.focus();
    field.select?.();
  }

  band(row) {
    const score = Number(row.querySelector("input").value);
    return [...row.querySelectorAll("[data-low]")].find((band) => score >= Number(band.dataset.low));
  }

  /* The middle of a band, in half points. */
  set(row, band) {
    row.querySelector("input").value = Math.floor(Number(band.dataset.low) + Number(band.dataset.high)) / 2;
    this.later();
  }

  onInput(event) {
    const { target } = event;
    if (target === this.note) {
      this.typed();
      this.keep();
      return;
    }
    if (target.form !== this.form) return;
    const each = target.closest("[data-rule]");
    if (target.type === "radio") {
      each.dataset.open = String(target.value === "dismiss");
      this.draw();
      if (target.value === "dismiss") each.querySelector("[data-reason]").focus();
      else if (!each.contains(document.activeElement) || document.activeElement === target) each.querySelector("[data-change]").focus();
    } else if (each) {
      each.dataset.open = "true";
    }
    this.later();
  }

  onClick(event) {
    const band = event.target.closest("[data-low]");
    const each = event.target.closest("[data-rule]");
    if (band) this.set(band.closest("[data-code]"), band);
    else if (event.target.closest("[data-change]")) {
      each.dataset.open = "true";
      this.draw();
      each.querySelector(":checked").focus();
    } else if (event.target.closest("[data-keep]")) this.settle(event.target.closest("[data-keep]").dataset.keep === "mine");
    else if (event.target.closest("[data-line]")) this.enter(event.target.closest("[data-code]"));
    else if (event.target.closest("[data-hand-in]")) {
      event.preventDefault();
      event.stopPropagation();
      this.handIn(false);
    }
  }

  onTime({ time, playing }) {
    this.time = time;
    this.playing = playing;
    const at = this.querySelector("[data-at]");
    if (at && this.noteAt === undefined) at.textContent = clock(time);
  }

  /* Typing a comment stops the video and holds its second; Enter keeps the comment and plays on. */
  typed() {
    const empty = !this.note.value;
    if (empty) {
      this.noteAt = undefined;
    } else if (this.noteAt === undefined) {
      this.noteAt = this.time ?? 0;
      this.resume = this.playing;
      if (this.playing) this.player(false);
    }
  }

  player(play) {
    this.dispatchEvent(new CustomEvent("kb:seek", { bubbles: true, detail: { time: this.time, play } }));
  }

  comment() {
    const words = this.note.value.trim();
    if (!words) return;
    const area = this.row.querySelector("textarea");
    const lines = [...area.value.split("\n"), `[${clock(this.noteAt ?? this.time ?? 0)}] ${words}`];
    area.value = lines.filter((line) => line.trim()).join("\n");
    this.note.value = "";
    this.noteAt = undefined;
    if (this.resume) this.player(true);
    announce(fill(this.dataset.msgNoted, { name: this.row.dataset.name }));
    this.later();
  }

  rule(verdict) {
    const current = this.querySelector("[data-finding][aria-current=true] [data-rule]");
    if (!current) {
      // Nothing is ruled on unseen: the first press shows the next open finding, the second rules on it.
      const next = this.findings.find((each) => !each.querySelector(":checked"));
      next?.dispatchEvent(new CustomEvent("kb:reveal", { bubbles: true }));
      next?.closest("[data-finding]").setAttribute("aria-current", "true");
      next?.scrollIntoView({ block: "nearest" });
      if (next) announce(next.dataset.name);
      return;
    }
    current.dataset.open = "true";
    this.draw();
    current.querySelector(`[value=${verdict}]`).click();
  }

  onKey(event) {
    if (composing(event) || this.locked || document.querySelector("dialog[open]")) return;
    const { code, target } = event;
    const stop = () => event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      if (code === "Enter" || code === "NumpadEnter") stop(this.handIn(false));
      if (code === "KeyS") stop(this.save());
      return;
    }
    const digit = /^Digit(\d)$/.exec(code);
    if (event.altKey) {
      if (digit) stop(this.go(this.rows[(Number(digit[1]) + 9) % 10] ?? this.row));
      return;
    }
    const enter = code === "Enter" || code === "NumpadEnter";
    if (target === this.note) {
      if (enter) stop(this.comment());
      if (code === "Escape") stop(target.blur());
    } else if (target.matches?.("[data-reason]") && enter) {
      stop();
      const each = target.closest("[data-rule]");
      if (target.value.trim()) each.dataset.open = "false";
      this.save().then(() => {});
      this.draw();
      each.querySelector("[data-change]").focus();
    } else if (target.matches?.("[data-code] input")) {
      const row = target.closest("[data-code]");
      if (enter) stop(this.go(this.rows[this.rows.indexOf(row) + 1]));
      const step = { PageUp: -1, PageDown: 1 }[code];
      if (step) {
        stop();
        const bands = [...row.querySelectorAll("[data-low]")];
        const at = target.value === "" ? (step > 0 ? -1 : bands.length) : bands.indexOf(this.band(row));
        this.set(row, bands[Math.min(bands.length - 1, Math.max(0, at + step))]);
      }
    }
    const keys = document.querySelector("[data-shortcuts]")?.checked ?? shortcutsOn();
    if (event.defaultPrevented || typing(target) || !keys) return;
    const verdict = { KeyY: "confirm", KeyN: "dismiss" }[code];
    if (verdict) stop(this.rule(verdict));
  }

  /* Hand in: everything is saved first; what is missing takes the focus; a dialog states the point of no return. */
  async handIn(final) {
    if (this.left()) {
      announce(this.left());
      const row = this.rows.find((each) => this.problem(each) !== "");
      const each = this.findings.find((one) => !this.drawRuling(one, this.read().get(one.dataset.rule)));
      if (row) this.go(row);
      else {
        each.dispatchEvent(new CustomEvent("kb:reveal", { bubbles: true }));
        (each.querySelector(":checked") ? each.querySelector("[data-reason]") : each.querySelector("[type=radio]")).focus();
      }
      return;
    }
    if (!(await this.save())) {
      if (this.note) announce(this.line?.textContent);
      return;
    }
    if (final) {
      this.leaving = true;
      this.form.elements.revision.value = this.revision;
      this.form.requestSubmit(this.querySelector("[data-final]"));
    } else {
      document.dispatchEvent(new CustomEvent("kb:open", { detail: "hand-in" }));
    }
  }
}

customElements.define("kb-sheet", KbSheet);
