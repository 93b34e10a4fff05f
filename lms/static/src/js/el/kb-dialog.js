/* Opens its native dialog from the button marked data-open, gives the focus back when it closes. */

class KbDialog extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    if (!dialog?.showModal) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.addEventListener("click", (event) => {
      const opener = event.target.closest("[data-open]");
      if (opener && !dialog.open) {
        event.preventDefault();
        this.open(opener);
      } else if (event.target.closest("[data-close]")) {
        event.preventDefault();
        dialog.close();
      } else if (event.target === dialog) {
        dialog.close(); // the backdrop
      }
    }, { signal });
    // Something else asks for it, such as the player's ? key.
    document.addEventListener("kb:open", (event) => {
      if (event.detail === this.id && !dialog.open) this.open(this.querySelector("[data-open]"));
    }, { signal });
    dialog.addEventListener("close", () => this.opener?.focus(), { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  open(opener) {
    this.opener = opener;
    this.querySelector("dialog").showModal();
  }
}

customElements.define("kb-dialog", KbDialog);
