/* A message that stays until it is closed (button or Esc) or the page changes. */

class KbFlash extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button) return;
    button.hidden = false;
    this.abort = new AbortController();
    const { signal } = this.abort;
    button.addEventListener("click", () => this.close(), { signal });
    document.addEventListener("keydown", (event) => {
      if (event.code === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) this.close();
    }, { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  close() {
    const had = this.contains(document.activeElement);
    this.remove();
    if (had) document.getElementById("main")?.focus();
  }
}

customElements.define("kb-flash", KbFlash);
