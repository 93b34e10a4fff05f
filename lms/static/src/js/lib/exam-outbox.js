/* An attempt's answers on their way to the server (ADR 0018). Every answer is in IndexedDB before anything is said of it, and
   stays there, with its receipt, until the attempt is over: a server that lost something is told again.
   Answers of one device are numbered without a gap; a request carries those without a receipt, in order, and the receipt
   before the first. "Saved" is the server's receipt, nothing else. One tab carries at a time; tabs share the numbers. */

import { backOff } from "./net.js";

const STORE = "answers";
const MOST = 50;
const MOST_BYTES = 60_000;
const PATIENCE = 15_000;
const BEAT = 15_000;

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("kb-exam", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["stream", "sequence"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const key = (name) => `kb-exam-seen-${name}`;

/* What was noticed before a reload without a network. */
function remembered(name) {
  try {
    return JSON.parse(localStorage.getItem(key(name))) ?? [];
  } catch {
    return [];
  }
}

/* Events: `saved` { at, left } on receipts, `held` { left } when something waits, `stands` { state, deadline, now } on every
   answer, `away` when there was none, `ended` { code } when this page may send no more ("device", "token"). Strings are the page's. */
export class ExamOutbox extends EventTarget {
  /* attempt, epoch, token: as the server gave them; stream: { sequence, hash }, where the server's stream stood then; noticed:
     the last number it has of what the page noticed. */
  constructor({ attempt, epoch, token, stream, noticed = 0, url = "/x/save" }) {
    super();
    Object.assign(this, { attempt, token, stream, url, name: `${attempt}/${epoch}` });
    this.base = opened();
    this.seen = remembered(this.name);
    this.noticed = Math.max(noticed, ...this.seen.map((one) => one.number));
    this.tries = 0;
    this.over = "";
  }

  async open() {
    addEventListener("online", () => this.hurry());
    await this.hurry();
    return this;
  }

  /* Resolves when it is safely on this device. */
  async write(position, response) {
    await this.#within("readwrite", (store) => {
      const last = store.openKeyCursor(this.#mine(), "prev");
      last.onsuccess = () => {
        const known = last.result ? last.result.key[1] : 0;
        const sequence = Math.max(known, this.stream.sequence) + 1;
        store.add({ stream: this.name, sequence, position, response });
      };
      return last;
    });
    this.#tell("held", { left: await this.left() });
    this.hurry();
  }

  /* What the page noticed; sent along, information for people. */
  notice(kind) {
    this.noticed += 1;
    this.seen.push({ number: this.noticed, kind, at: Date.now() });
    this.#remember();
  }

  /* Positions she marked for later; the server keeps them for a change of device. */
  mark(flags) {
    this.flags = flags;
    this.hurry();
  }

  #remember() {
    try {
      if (this.seen.length) localStorage.setItem(key(this.name), JSON.stringify(this.seen));
      else localStorage.removeItem(key(this.name));
    } catch {
      /* what was noticed is information, no answer */
    }
  }

  async left() {
    return (await this.#rows()).filter((row) => !row.receipt && row.sequence > this.stream.sequence).length;
  }

  /* Positions of the answers that wait. */
  async waits() {
    const rows = await this.#rows();
    return new Set(rows.filter((row) => !row.receipt && row.sequence > this.stream.sequence).map((row) => row.position));
  }

  /* Position → the response last written here, for filling the page in again over what the server knew. */
  async written() {
    return new Map((await this.#rows()).map((row) => [row.position, row.response]));
  }

  /* The receipt to hand in with: { sequence, hash }. */
  async last() {
    const rows = (await this.#rows()).filter((row) => row.receipt);
    const row = rows.at(-1);
    return row && row.sequence > this.stream.sequence ? { sequence: row.sequence, hash: row.receipt } : this.stream;
  }

  /* Sends now what waits, and asks how it stands. */
  async hurry() {
    clearTimeout(this.timer);
    if (this.over) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    let wait = BEAT;
    try {
      do {
        this.again = false;
        wait = await this.#carry();
      } while (this.again || wait === 0);
    } finally {
      this.running = false;
    }
    if (!this.over) this.timer = setTimeout(() => this.hurry(), wait);
  }

  async #carry() {
    const once = () => this.#send();
    const wait = navigator.locks ? await navigator.locks.request(`kb-exam-${this.name}`, once) : await once();
    this.tries = wait === null ? this.tries + 1 : 0;
    return wait ?? backOff(this.tries);
  }

  /* One request. Milliseconds until the next, 0 at once, null after a failure. */
  async #send() {
    const rows = await this.#rows();
    const first = rows.findIndex((row) => !row.receipt && row.sequence > this.stream.sequence);
    const batch = [];
    let size = 0;
    for (const row of first < 0 ? [] : rows.slice(first, first + MOST)) {
      size += JSON.stringify(row.response ?? null).length * 3 + 80;
      if (batch.length && size > MOST_BYTES) break;
      batch.push(row);
    }
    const before = first > 0 && rows[first - 1].receipt && rows[first - 1].sequence > this.stream.sequence;
    const seen = this.seen.slice(0, MOST);
    const { flags } = this;
    const answer = await this.#post({
      previous: before ? rows[first - 1].receipt : this.stream.hash,
      answers: batch.map(({ sequence, position, response }) => ({ sequence, position, response })),
      seen: seen.map(({ number, kind, at }) => ({ number, kind, ago_ms: Math.max(0, Date.now() - at) })),
      flags,
    });
    if (answer.status === 200 && this.flags === flags) this.flags = undefined;
    return this.#hear(answer, batch, seen);
  }

  async #hear({ status, data }, batch, seen) {
    const receipts = new Map((data?.receipts ?? []).map((one) => [one.sequence, one]));
    if (receipts.size) {
      await this.#change(batch.filter((row) => receipts.has(row.sequence)), (row) => {
        const { hash, standing } = receipts.get(row.sequence);
        return { ...row, receipt: hash, standing };
      });
    }
    if (status === 200 || status === 423) this.#tell("stands", data);
    if (status === 0 || status >= 500) this.#tell("away", {});
    if (status === 200) {
      if (seen.length) {
        this.seen = this.seen.filter((one) => !seen.includes(one));
        this.#remember();
      }
      const left = await this.left();
      if (receipts.size) this.#tell("saved", { at: data.now, left });
      return left ? 0 : BEAT;
    }
    const left = await this.left();
    if (left) this.#tell("held", { left });
    if (status === 423) return BEAT / 3;
    if (status === 401) return this.#end("token");
    if (status === 409 && data.code === "device") return this.#end("device");
    if (status === 409 && data.stream) return this.#meet(data.stream);
    return null;
  }

  /* The server's stream stands elsewhere. It lacks what we have receipts for (a backup was restored): they are sent again. Or
     its end is none of ours: what waits is numbered anew behind it. */
  async #meet(stream) {
    const ours = (row) => row.sequence === stream.sequence && row.receipt === stream.hash;
    const shared = stream.hash === this.stream.hash || (await this.#rows()).some(ours);
    if (shared) {
      await this.#change(
        (await this.#rows()).filter((row) => row.receipt && row.sequence > stream.sequence),
        ({ receipt, standing, ...bare }) => bare,
      );
    }
    const from = shared ? stream.sequence : this.stream.sequence;
    const waits = (await this.#rows()).filter((row) => !row.receipt && row.sequence > from);
    if (waits.length && waits[0].sequence !== stream.sequence + 1) {
      await this.#within("readwrite", (store) => {
        for (const row of waits) store.delete([this.name, row.sequence]);
        waits.forEach((row, place) => store.put({ ...row, sequence: stream.sequence + 1 + place }));
      });
    }
    this.stream = { sequence: stream.sequence, hash: stream.hash };
    return null;
  }

  /* No more requests from this page. */
  stop() {
    this.over = "stopped";
    clearTimeout(this.timer);
  }

  #end(code) {
    this.over = code;
    this.#tell("ended", { code });
    return BEAT;
  }

  async #post(body) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", "Kaibo-Attempt": this.token },
        credentials: "omit",
        redirect: "error",
        signal: limit.signal,
      });
      return { status: answer.status, data: await answer.json() };
    } catch {
      return { status: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #mine() {
    return IDBKeyRange.bound([this.name, 0], [this.name, Infinity]);
  }

  async #rows() {
    return this.#within("readonly", (store) => store.getAll(this.#mine()));
  }

  async #change(rows, change) {
    await this.#within("readwrite", (store) => {
      for (const row of rows) store.put(change(row));
    });
  }

  async #within(mode, act) {
    const base = await this.base;
    return new Promise((resolve, reject) => {
      const work = base.transaction(STORE, mode, { durability: "strict" });
      let request;
      work.oncomplete = () => resolve(request?.result);
      work.onerror = () => reject(work.error);
      work.onabort = () => reject(work.error);
      request = act(work.objectStore(STORE));
    });
  }
}
