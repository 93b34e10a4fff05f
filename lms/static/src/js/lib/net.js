/* Sending: no double submit, words while it runs, one line for what went wrong. */

export function guardForms(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    busy(event.submitter ?? form.querySelector("[type=submit], button:not([type=button])"));
  });
  // A page that comes back from the browser's cache is fresh again.
  addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) release(form);
  });
}

/* Not `disabled`: that would drop the button's own name and value from what is sent. */
export function busy(button) {
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-busy", "true");
  const words = button.dataset.msgBusy;
  if (words) {
    button.style.setProperty("min-width", `${button.offsetWidth}px`);
    button.dataset.label = button.textContent;
    button.textContent = words;
  }
}

export function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy=true]")) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
    if (button.dataset.label) button.textContent = button.dataset.label;
    delete button.dataset.label;
  }
}

export function reportFailures(root) {
  const alarm = document.getElementById("alarm");
  if (!alarm) return;
  const tell = (name) => {
    alarm.textContent = alarm.dataset[name] ?? alarm.dataset.msgError ?? "";
  };
  root.addEventListener("htmx:sendError", () => tell("msgOffline"));
  root.addEventListener("htmx:timeout", () => tell("msgOffline"));
  root.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.status === 429 ? "msgBusy" : "msgError"));
  root.addEventListener("htmx:afterOnLoad", () => {
    alarm.textContent = "";
  });
}
