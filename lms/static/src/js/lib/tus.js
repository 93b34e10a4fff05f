/* One file on its way by tus 1.0, in pieces, until it has arrived or is refused for good. What goes wrong in between is
   tried again with growing pauses; the server's offset decides where it goes on. */

import { backOff } from "./net.js";
import { sha256 } from "./sha256.js";

const PIECE = 1 << 20;
const PATIENCE = 90000;
// Not worth another try: these answers will not change by themselves.
const FINAL = new Set([400, 401, 403, 404, 405, 410, 411, 412, 413, 415, 422]);

/* What is the same wherever the file is chosen again: the hash of its first and last MiB. */
export async function fingerprint(file) {
  const ends = new Blob([file.slice(0, PIECE), file.slice(Math.max(0, file.size - PIECE))]);
  return sha256(await ends.arrayBuffer());
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

class Stopped extends Error {
  constructor(status, said = {}, seconds = 0) {
    super(said.message ?? "");
    Object.assign(this, { status, errors: said.errors ?? {}, seconds, final: FINAL.has(status) });
  }
}

/* How an upload stands: { state, offset, length, url, message }, or null when it is not there (any more). */
export async function standing(url) {
  const answer = await fetch(url, { credentials: "same-origin", redirect: "manual" });
  if (answer.ok) return answer.json();
  if (answer.status === 404) return null;
  throw new Stopped(answer.status);
}

/* tell: { begun(url), moved(sent), waits(status, seconds, words), done(standing), refused(status, words, errors) } */
export class Transfer {
  constructor({ endpoint, file, said, url = "", tell }) {
    Object.assign(this, { endpoint, file, said, url, tell, running: false });
  }

  async start() {
    if (this.running) return;
    this.running = true;
    this.abort = new AbortController();
    let tries = 0;
    while (this.running) {
      try {
        let at = this.url ? await this.ask() : await this.begin();
        while (at < this.file.size) {
          this.tell.moved(at);
          at = await this.piece(at);
          tries = 0;
        }
        this.tell.moved(at);
        await this.ended();
        return;
      } catch (fault) {
        if (!this.running) return;
        const lost = this.url && (fault.status === 404 || fault.status === 410);
        if (fault.final && !lost) {
          this.running = false;
          this.tell.refused(fault.status, fault.message, fault.errors);
          return;
        }
        if (lost) this.url = ""; // it ran out, or was another's: from the beginning
        tries += 1;
        const pause = Math.max(fault.seconds ? fault.seconds * 1000 * (1 + Math.random() / 4) : 0, backOff(tries));
        this.tell.waits(fault.status ?? 0, Math.ceil(pause / 1000), fault instanceof Stopped ? fault.message : "");
        await this.rest(pause);
      }
    }
  }

  pause() {
    this.running = false;
    this.abort?.abort();
  }

  /* Forgets it on the server, too. */
  async cancel() {
    this.pause();
    if (this.url) await this.call(this.url, "DELETE", {}, undefined, null).catch(() => {});
  }

  /* A pause that ends early when the line comes back or the upload is stopped. */
  rest(milliseconds) {
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        removeEventListener("online", over);
        resolve();
      };
      const timer = setTimeout(over, milliseconds);
      addEventListener("online", over);
      this.abort.signal.addEventListener("abort", over, { once: true });
    });
  }

  async call(url, method, headers, body, signal = this.abort.signal) {
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, PATIENCE);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const answer = await fetch(url, {
        method, body, headers: { "Tus-Resumable": "1.0.0", ...headers },
        credentials: "same-origin", redirect: "manual", signal: limit.signal,
      });
      if (answer.ok) return answer;
      const words = await answer.text().catch(() => "");
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      const seconds = Number(answer.headers.get("Retry-After")) || 0;
      // A redirect leads to the sign-in page.
      throw new Stopped(answer.type === "opaqueredirect" ? 401 : answer.status, json ? JSON.parse(words) : {}, seconds);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  async begin() {
    const bytes = new TextEncoder();
    const said = Object.entries(this.said).map(([key, value]) => `${key} ${base64(bytes.encode(value))}`.trim());
    const headers = { "Upload-Length": String(this.file.size), "Upload-Metadata": said.join(",") };
    const answer = await this.call(this.endpoint, "POST", headers);
    this.url = new URL(answer.headers.get("Location"), location.href).pathname;
    this.tell.begun(this.url);
    return Number(answer.headers.get("Upload-Offset") ?? 0);
  }

  async ask() {
    const answer = await this.call(this.url, "HEAD", {});
    return Number(answer.headers.get("Upload-Offset"));
  }

  async piece(at) {
    const body = await this.file.slice(at, at + PIECE).arrayBuffer();
    const headers = { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" };
    if (globalThis.crypto?.subtle) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
      headers["Upload-Checksum"] = `sha256 ${base64(digest)}`;
    }
    const answer = await this.call(this.url, "PATCH", headers, body);
    return Number(answer.headers.get("Upload-Offset"));
  }

  /* Every byte is there: what has become of it. A large file is stored by the worker, that takes a while. */
  async ended() {
    for (let asked = 0; this.running; asked += 1) {
      const now = await standing(this.url);
      if (now?.state === "done") {
        this.running = false;
        this.tell.done(now);
      } else if (now?.state !== "received") {
        this.running = false;
        this.tell.refused(422, now?.message ?? "", {});
      } else {
        this.tell.waits(202, 0, now.message);
        await this.rest(Math.min(8000, 1000 + 500 * asked));
      }
    }
  }
}
