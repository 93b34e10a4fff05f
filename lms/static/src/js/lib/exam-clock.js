/* The server's clock on this page. A page out of the device's own store (data-kept on <html>) carries the hour at which it was
   stored: it goes by what the last fresh one, or the last answer of the server, left on this device. */

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export class ExamClock {
  /* now, deadline: milliseconds since 1970 on the server's clock; deadline null: none. */
  constructor({ attempt, now, deadline }) {
    this.key = `kb-exam-clock-${attempt}`;
    const last = document.documentElement.dataset.kept ? kept(this.key) : null;
    if (last) this.set(Date.now() + last.ahead, last.deadline);
    else this.set(now, deadline, performance.getEntriesByType("navigation")[0]?.responseStart ?? 0);
  }

  /* at: when that was, on this page's own clock, which nobody can set. */
  set(now, deadline, at = performance.now()) {
    this.base = now - at;
    this.deadline = deadline;
    try {
      localStorage.setItem(this.key, JSON.stringify({ ahead: this.now() - Date.now(), deadline }));
    } catch {
      /* only a page without a network will miss it */
    }
  }

  now() {
    return this.base + performance.now();
  }

  /* Milliseconds to the deadline, null without one. */
  left() {
    return this.deadline === null ? null : this.deadline - this.now();
  }
}
