/* <kb-print><button hidden>…</button></kb-print>: prints the page; without JavaScript the browser's own menu does. */

class KbPrint extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

customElements.define("kb-print", KbPrint);
