/* Search in the transcript beside it: every hit marked and counted, the next and the one before by Enter, Shift+Enter or button.
   Going to a hit takes the player there, so that a transcript that follows stays at it. Nothing is marked in the page itself:
   the browser paints ranges (CSS.highlights); one that cannot has the line framed. */

import { announce } from "../lib/announce.js";
import { composing } from "../lib/keys.js";
import { fill } from "../lib/time.js";

class KbFind extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.count = this.querySelector(".find-count");
    this.steps = [...this.querySelectorAll("[data-step]")];
    this.cues = [...document.querySelectorAll(".cue")];
    this.hits = [];
    this.at = -1;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.field.addEventListener("input", (event) => {
      if (!event.isComposing) this.search();
    }, { signal });
    this.field.addEventListener("compositionend", () => this.search(), { signal });
    this.field.addEventListener("keydown", (event) => this.onKey(event), { signal });
    for (const button of this.steps) {
      button.addEventListener("click", () => this.go(Number(button.dataset.step)), { signal });
    }
    document.addEventListener("kb:time", (event) => {
      this.now = event.detail.time;
    }, { signal });
    document.dispatchEvent(new CustomEvent("kb:ask"));
  }

  disconnectedCallback() {
    this.abort?.abort();
    this.paint([], []);
  }

  onKey(event) {
    if (composing(event)) return;
    if (event.code === "Enter" || event.code === "NumpadEnter") {
      event.preventDefault();
      this.go(event.shiftKey ? -1 : 1);
    }
    if (event.code === "Escape" && this.field.value) {
      event.preventDefault();
      this.field.value = "";
      this.search();
    }
  }

  search() {
    const wanted = this.field.value.trim().toLowerCase();
    this.hits = wanted ? this.cues.flatMap((cue) => hits(cue, wanted)) : [];
    this.at = -1;
    this.show(Boolean(wanted));
    if (wanted) announce(this.words);
  }

  /* From the place that is playing, then round and round. */
  go(step) {
    const all = this.hits.length;
    if (!all) return;
    if (this.at < 0) {
      const next = this.hits.findIndex((hit) => hit.start >= (this.now ?? 0) - 0.05);
      this.at = step > 0 ? Math.max(0, next) : (next < 0 ? all : next) - 1;
    } else {
      this.at += step;
    }
    this.at = (this.at + all) % all;
    this.show(true);
    const { cue, start } = this.hits[this.at];
    this.dispatchEvent(new CustomEvent("kb:seek", { bubbles: true, detail: { time: start } }));
    cue.scrollIntoView({ block: "center" });
    announce(`${this.words}: ${cue.querySelector(".cue-text").textContent.trim()}`);
  }

  show(searching) {
    const number = this.hits.length;
    this.count.hidden = !searching;
    for (const button of this.steps) button.hidden = !number;
    const words = !number ? this.dataset.msgNone : this.at < 0 ? this.dataset.msgFound : this.dataset.msgAt;
    this.words = fill(words, { number, at: this.at + 1 });
    this.count.textContent = this.at < 0 ? this.words : `${this.at + 1}/${number}`;
    const current = this.hits[this.at];
    this.paint(this.hits.filter((hit) => hit !== current), current ? [current] : []);
  }

  paint(others, current) {
    if (window.CSS?.highlights && window.Highlight) {
      CSS.highlights.set("found", new Highlight(...others.map((hit) => hit.range)));
      CSS.highlights.set("found-now", new Highlight(...current.map((hit) => hit.range)));
      return;
    }
    for (const cue of this.cues) cue.toggleAttribute("data-hit", current.some((hit) => hit.cue === cue));
  }
}

/* Every place of the words in a line: over the marks of findings, not in a hidden name or in the tag behind the line. */
function hits(cue, wanted) {
  const pieces = [];
  const walk = document.createTreeWalker(cue.querySelector(".cue-text"), NodeFilter.SHOW_TEXT);
  let text = "";
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (node.parentElement.closest(".masked, .tag")) {
      text += "\0"; // nothing that is typed matches over a hidden name
      continue;
    }
    pieces.push({ node, from: text.length });
    text += node.data;
  }
  const place = (at) => {
    const piece = pieces.findLast((each) => each.from <= at);
    return [piece.node, at - piece.from];
  };
  const found = [];
  const low = text.toLowerCase();
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) {
    const range = document.createRange();
    range.setStart(...place(at));
    const [node, offset] = place(at + wanted.length - 1);
    range.setEnd(node, offset + 1);
    found.push({ cue, start: Number(cue.dataset.start), range });
  }
  return found;
}

customElements.define("kb-find", KbFind);
