/* After the end: the device's own copy of the paper goes; answers that came too late stay, and she is told. */

class KbExamOver extends HTMLElement {
  async connectedCallback() {
    const { attempt } = this.dataset;
    for (const name of ["flags", "clock"]) localStorage.removeItem(`kb-exam-${name}-${attempt}`);
    const names = (await caches?.keys()) ?? [];
    await Promise.all(names.filter((name) => name.startsWith("kb-exam-")).map((name) => caches.delete(name)));
    this.querySelector("[data-left-over]")?.toggleAttribute("hidden", !(await late(attempt)));
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
