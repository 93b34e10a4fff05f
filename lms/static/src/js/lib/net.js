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

/* Milliseconds before the next try: 1, 2, 4 … 30 seconds, each somewhere between its half and its whole. */
export function backOff(attempt) {
  return Math.min(30, 2 ** (attempt - 1)) * 1000 * (0.5 + Math.random() / 2);
}

const PATIENCE = 15000;

/* Posts JSON; never throws. { status, data }: status 0 when there was no answer, 401 when somebody must sign in again.
   `token` is the form's field: after a sign-in in another tab it is renewed from the page and the post tried once more. */
export async function send(url, body, { token, last = false, again = true } = {}) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE);
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token.value },
      credentials: "same-origin",
      redirect: "manual",
      keepalive: last,
      signal: limit.signal,
    });
    if (answer.type === "opaqueredirect") return { status: 401 };
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      return { status: answer.status, data: await answer.json() };
    }
    if (answer.status === 403 && again && (await renewed(token))) return send(url, body, { token, last, again: false });
    return { status: answer.status === 403 ? 401 : answer.status || 0 };
  } catch {
    return { status: 0 };
  } finally {
    clearTimeout(timer);
  }
}

async function renewed(token) {
  const page = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
  if (!page.ok) return false;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector(`[name=${token.name}]`);
  if (!fresh) return false;
  token.value = fresh.value;
  return true;
}
