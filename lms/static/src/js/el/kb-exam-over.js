/* After the end: the device's own copy of the paper goes; answers that had no way out before are brought now, as late ones; what
   stays uncounted, she is told. */

import { ExamOutbox } from "../lib/exam-outbox.js";

class KbExamOver extends HTMLElement {
  async connectedCallback() {
    const { attempt } = this.dataset;
    for (const name of ["flags", "clock"]) localStorage.removeItem(`kb-exam-${name}-${attempt}`);
    const names = (await globalThis.caches?.keys()) ?? [];
    await Promise.all(names.filter((name) => name.startsWith("kb-exam-")).map((name) => caches.delete(name)));
    await this.bring();
    await this.tell(attempt);
  }

  async tell(attempt) {
    this.querySelector("[data-left-over]")?.toggleAttribute("hidden", !(await late(attempt)));
  }

  /* What waits here still goes up: late, for the chief examiner to decide on, but no longer on this device alone. */
  async bring() {
    const given = document.getElementById("exam-given");
    if (!given) return;
    const box = new ExamOutbox(JSON.parse(given.textContent));
    if (!(await box.left())) return;
    const notice = this.querySelector("[data-bringing]");
    notice.hidden = false;
    box.addEventListener("saved", async ({ detail }) => {
      if (detail.left) return;
      box.stop();
      notice.hidden = true;
      await this.tell(this.dataset.attempt);
    });
    box.open();
  }
}

/* Whether an answer of this attempt waits, or was not counted. */
function late(attempt) {
  return new Promise((resolve) => {
    const request = indexedDB.open("kb-exam", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: ["stream", "sequence"] });
    request.onerror = () => resolve(false);
    request.onsuccess = () => {
      const rows = request.result.transaction("answers").objectStore("answers").getAll();
      rows.onsuccess = () => {
        request.result.close();
        resolve(rows.result.some((row) => row.stream.startsWith(attempt) && (!row.receipt || row.standing !== "counted")));
      };
    };
  });
}

customElements.define("kb-exam-over", KbExamOver);
