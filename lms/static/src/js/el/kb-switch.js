/* Text size and appearance without leaving the page: the form is sent in the background and the root's attribute set.
   If that fails the form is sent the plain way. */

class KbSwitch extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    if (!form) return;
    this.abort = new AbortController();
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!button) return;
      event.preventDefault();
      this.send(form, button);
    }, { signal: this.abort.signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  async send(form, button) {
    const value = button.value;
    const body = new FormData(form);
    body.append(button.name, value);
    this.show(button, value);
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(String(answer.status));
    } catch {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = button.name;
      field.value = value;
      form.append(field);
      form.submit();
    }
  }

  show(button, value) {
    document.documentElement.dataset[this.dataset.attribute] = value;
    const { on, off } = button.dataset;
    if (on) {
      const pressed = value === on;
      button.setAttribute("aria-pressed", String(pressed));
      button.value = pressed ? off : on;
      return;
    }
    for (const other of this.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  }
}

customElements.define("kb-switch", KbSwitch);
