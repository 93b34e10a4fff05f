/* Reads a question aloud with the browser's own voice, for who was granted it. A press on the same button stops it. Where the
   browser has no Chinese voice, the page says who reads instead. */

const LANGUAGE = "zh";

class KbExamAloud extends HTMLElement {
  connectedCallback() {
    this.paper = this.closest("kb-exam");
    this.voices = globalThis.speechSynthesis;
    if (!this.voices || !globalThis.SpeechSynthesisUtterance) {
      this.toggle(false);
      return;
    }
    this.paper.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-aloud]");
      if (button) this.pressed(button);
      else if (target.closest("[data-next], [data-back], [data-go]")) this.stop();
    });
    addEventListener("pagehide", () => this.stop());
    // Voices come late in some browsers; who has none after a while has none.
    this.voices.addEventListener?.("voiceschanged", () => this.toggle());
    setTimeout(() => this.toggle(), 2000);
  }

  disconnectedCallback() {
    this.stop();
  }

  get voice() {
    return this.voices.getVoices().find((one) => one.lang.toLowerCase().startsWith(LANGUAGE));
  }

  toggle(reads = Boolean(this.voice)) {
    this.hidden = reads;
    for (const button of this.paper.querySelectorAll("[data-aloud]")) button.hidden = !reads;
  }

  pressed(button) {
    const again = button === this.button;
    this.stop();
    if (again) return;
    this.button = button;
    button.setAttribute("aria-pressed", "true");
    const said = new SpeechSynthesisUtterance(this.words(button.closest("[data-position]")));
    said.voice = this.voice ?? null;
    said.lang = said.voice?.lang ?? "zh-CN";
    said.rate = 0.9;
    said.onend = said.onerror = () => {
      if (this.button === button) this.stop();
    };
    this.voices.speak(said);
  }

  stop() {
    this.voices?.cancel();
    this.button?.setAttribute("aria-pressed", "false");
    this.button = null;
  }

  /* Material, stem, options with their letters, in the order of the screen. */
  words(question) {
    const parts = [...question.querySelectorAll(".exam-stimulus > div, .exam-stem, .exam-option, .exam-pair")];
    return parts.map((part) => {
      const copy = part.cloneNode(true);
      for (const field of copy.querySelectorAll("input, select, textarea")) {
        field.replaceWith(field.matches(".exam-blank") ? this.dataset.msgBlank : "");
      }
      return copy.textContent.trim().replace(/\s+/g, " ");
    }).join("。");
  }
}

customElements.define("kb-exam-aloud", KbExamAloud);
