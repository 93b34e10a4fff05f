/* The answer sheet: a cell a question, in words too. kb-exam draws it; a press fires kb:go { position }. */

import { fill } from "../lib/time.js";

class KbExamSheet extends HTMLElement {
  connectedCallback() {
    this.cells = [...this.querySelectorAll("[data-go]")];
    this.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-go]");
      if (!cell) return;
      this.dispatchEvent(new CustomEvent("kb:go", { bubbles: true, detail: { position: Number(cell.dataset.go) } }));
    });
  }

  /* answered, waiting, flagged: sets of positions; current: the position she is at. */
  draw({ answered, waiting, flagged, current }) {
    for (const cell of this.cells) {
      const position = Number(cell.dataset.go);
      const state = waiting.has(position) ? "held" : answered.has(position) ? "saved" : "empty";
      const flag = flagged.has(position);
      const said = { held: this.dataset.msgHeld, saved: this.dataset.msgSaved, empty: this.dataset.msgEmpty }[state];
      cell.dataset.state = state;
      cell.setAttribute("aria-label", [position, said, flag && this.dataset.msgFlagged].filter(Boolean).join(" "));
      cell.querySelector(".exam-cell-flag").hidden = !flag;
      if (position === current) cell.setAttribute("aria-current", "true");
      else cell.removeAttribute("aria-current");
    }
    const done = answered.size;
    this.querySelector("[data-count]").textContent = fill(this.dataset.msgCount, { done, open: this.cells.length - done });
  }
}

customElements.define("kb-exam-sheet", KbExamSheet);
