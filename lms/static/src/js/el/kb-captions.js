/* The lines of captions beside a player: marks the one that is running, asks before typed words are left behind. */

class KbCaptions extends HTMLElement {
  connectedCallback() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.lines = [...this.querySelectorAll("[data-start]")];
    document.addEventListener("kb:time", (event) => this.mark(event.detail.time), { signal });
    document.dispatchEvent(new CustomEvent("kb:ask"));
    this.addEventListener("input", () => {
      this.dirty = true;
    }, { signal });
    this.addEventListener("submit", () => {
      this.dirty = false;
    }, { signal });
    addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    }, { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  mark(time) {
    const now = this.lines.find((line) => Number(line.dataset.start) <= time && time < Number(line.dataset.end));
    for (const line of this.lines) line.toggleAttribute("data-now", line === now);
  }
}

customElements.define("kb-captions", KbCaptions);
