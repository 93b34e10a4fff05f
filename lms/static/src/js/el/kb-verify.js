/* Compares a file with an issued certificate by SHA-256, in the browser: nothing is sent. */

import { sha256 } from "../lib/sha256.js";

const LARGEST = 20 * 1024 * 1024;

class KbVerify extends HTMLElement {
  connectedCallback() {
    this.drop = this.querySelector(".picker-drop");
    this.said = this.querySelector("[role=status]");
    if (!this.drop || !this.said) return;
    this.drop.hidden = false;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.addEventListener("change", (event) => this.compare(event.target.files?.[0]), { signal });
    this.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.drop.dataset.state = "over";
    }, { signal });
    this.addEventListener("dragleave", () => delete this.drop.dataset.state, { signal });
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      delete this.drop.dataset.state;
      this.compare(event.dataTransfer?.files?.[0]);
    }, { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  say(message, tone) {
    this.said.textContent = this.dataset[message] ?? "";
    this.said.dataset.tone = tone;
  }

  async compare(file) {
    if (!file) return;
    this.asked = file; // a file chosen meanwhile is the one that is answered
    if (file.size > LARGEST) {
      this.say("msgLarge", "bad");
      return;
    }
    this.say("msgReading", "info");
    try {
      const buffer = await file.arrayBuffer();
      const isPdf = new TextDecoder("latin1").decode(buffer.slice(0, 5)) === "%PDF-";
      const found = isPdf ? await sha256(buffer) : "";
      if (this.asked !== file) return;
      if (!isPdf) this.say("msgPicture", "warn");
      else if (found === this.dataset.sha256) this.say("msgSame", "ok");
      else this.say("msgOther", "bad");
    } catch {
      if (this.asked === file) this.say("msgFailed", "warn");
    }
  }
}

customElements.define("kb-verify", KbVerify);
