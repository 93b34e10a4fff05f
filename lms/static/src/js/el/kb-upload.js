/* Sends chosen videos in pieces, with progress in words: pause, go on after a reload, try again by itself. Without it the
   form works as it is, in one long request. The words are the element's data-msg-*.
   States of a file line: checking, ready, refused, uploading, waiting, paused, done. */

import { announce } from "../lib/announce.js";
import { forget, keep, kept } from "../lib/shelf.js";
import { clock, fileSize, fill } from "../lib/time.js";
import { Transfer, fingerprint, standing } from "../lib/tus.js";

const RUNNING = new Set(["uploading", "waiting"]);

class KbUpload extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file][name]");
    this.pattern = this.querySelector(".file");
    if (!this.form || !this.input || !this.pattern || this.lines) return;
    this.lines = [];
    if (this.dataset.several) this.input.multiple = true;
    this.place = document.createComment("");
    this.pattern.replaceWith(this.place);
    this.page = location.pathname + location.search;
    this.abort = new AbortController();
    const on = (target, kind, act) => target?.addEventListener(kind, act, { signal: this.abort.signal });
    on(this.input, "change", () => this.chosen([...this.input.files]));
    on(this.form, "submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.send();
    });
    const camera = this.querySelector("[data-role=capture]");
    if (camera && matchMedia("(pointer: coarse)").matches) camera.closest("label").hidden = false;
    on(camera, "change", () => this.chosen([...camera.files]));
    const drop = this.querySelector(".picker-drop");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      on(drop, kind, (event) => {
        event.preventDefault();
        drop.dataset.state = kind === "dragover" ? "over" : "";
        if (kind === "drop") this.dropped(event.dataTransfer);
      });
    }
    this.remember().then(() => {
      if (this.input.files.length) this.chosen([...this.input.files]);
    });
  }

  disconnectedCallback() {
    this.abort?.abort();
    for (const line of this.lines ?? []) line.transfer?.pause();
  }

  get several() {
    return this.input.multiple;
  }

  async dropped(transfer) {
    const items = [...transfer.items].filter((item) => item.kind === "file");
    const files = [...transfer.files];
    const handles = await Promise.all(items.map((item) => item.getAsFileSystemHandle?.().catch(() => null)));
    this.chosen(files, handles);
  }

  /* ---- what the last visit left ---- */

  async remember() {
    for (const entry of await kept(this.dataset.owner, this.page)) {
      let now;
      try {
        now = await standing(entry.url);
      } catch {
        now = { state: "open", offset: 0 }; // no line just now: ask again when she goes on
      }
      if (now?.state === "open") {
        this.restore(entry, now);
      } else {
        forget(entry.key);
        if (now?.state === "done") {
          const line = this.add({ name: entry.name, size: entry.size });
          this.show(line, "done", this.dataset.msgDone);
          const link = document.createElement("a");
          Object.assign(link, { href: now.url, textContent: this.dataset.msgSee });
          line.root.querySelector(".file-state").append(" ", link);
        } else if (now?.message) {
          this.show(this.add({ name: entry.name, size: entry.size }), "refused", now.message);
        }
      }
    }
  }

  restore(entry, now) {
    const line = this.add({ name: entry.name, size: entry.size });
    Object.assign(line, { entry, sent: now.offset });
    for (const [name, value] of Object.entries(entry.said)) {
      for (const control of this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (control.type === "radio") control.checked = control.value === value;
        else if (control.type !== "file" && name !== "csrfmiddlewaretoken") control.value = value;
      }
    }
    line.bar.value = entry.size ? now.offset / entry.size : 0;
    const words = entry.handle ? this.dataset.msgPaused : this.dataset.msgAgain;
    this.show(line, "paused", fill(words, this.figures(line)));
  }

  /* ---- choosing ---- */

  add(file) {
    const root = this.pattern.cloneNode(true);
    const line = { root, file, sent: 0, state: "", bar: root.querySelector("progress") };
    root.querySelector(".file-name").textContent = file.name;
    root.querySelector(".file-facts").textContent = fileSize(file.size);
    const press = (role, act) => root.querySelector(`[data-role=${role}]`)?.addEventListener("click", () => act(line));
    press("pause", () => this.pause(line));
    press("go-on", () => this.goOn(line));
    press("other", () => this.drop(line));
    root.hidden = false;
    this.lines.push(line);
    this.place.after(...this.lines.map((each) => each.root));
    return line;
  }

  remove(line) {
    line.root.remove();
    this.lines = this.lines.filter((each) => each !== line);
    this.button();
  }

  async chosen(files, handles = []) {
    if (!files.length) return;
    for (const line of [...this.lines]) {
      // Those not begun yet make room; what is half sent waits for its file.
      if (!line.entry && !line.transfer) this.remove(line);
    }
    const picked = this.several ? files : files.slice(0, 1);
    await Promise.all(picked.map((file, place) => this.look(file, handles[place])));
  }

  /* What can be known before a byte is sent: size, and where the browser can read it, length and picture. */
  async look(file, handle) {
    const print = await fingerprint(file).catch(() => "");
    const before = this.lines.find((line) => line.entry && !line.transfer
      && line.entry.fingerprint === print && line.entry.size === file.size);
    if (before) {
      Object.assign(before, { file, handle });
      if (this.complete()) this.transfer(before);
      return;
    }
    const line = Object.assign(this.add(file), { print, handle });
    const facts = [fileSize(file.size)];
    const refuse = (words) => this.show(line, "refused", words);
    if (file.size > Number(this.dataset.max || Infinity)) {
      refuse(fill(this.dataset.msgTooBig, { size: fileSize(file.size), max: fileSize(Number(this.dataset.max)) }));
      return;
    }
    this.show(line, "checking", this.dataset.msgChecking, false);
    const seen = await this.probe(file);
    if (!this.lines.includes(line)) return;
    if (seen) {
      facts.unshift(clock(seen.duration));
      if (seen.width) facts.push(`${seen.width}×${seen.height}`);
      line.root.querySelector(".file-facts").textContent = facts.join(" · ");
      const least = Number(this.dataset.minDuration || 0);
      if (seen.duration && seen.duration < least - 0.5) {
        refuse(fill(this.dataset.msgTooShort, { seconds: Math.floor(seen.duration), least }));
        return;
      }
    }
    if (line.state === "checking") this.show(line, "ready", this.dataset.msgReady);
  }

  probe(file) {
    return new Promise((resolve) => {
      const video = document.createElement("video");
      const address = URL.createObjectURL(file);
      const done = (result) => {
        clearTimeout(limit);
        video.removeAttribute("src");
        URL.revokeObjectURL(address);
        resolve(result);
      };
      const limit = setTimeout(() => done(null), 4000);
      video.preload = "metadata";
      video.onloadedmetadata = () => done(Number.isFinite(video.duration)
        ? { duration: video.duration, width: video.videoWidth, height: video.videoHeight }
        : null);
      video.onerror = () => done(null);
      video.src = address;
    });
  }

  /* ---- showing ---- */

  figures(line) {
    const total = line.file.size;
    const percent = total ? Math.floor((line.sent / total) * 100) : 0;
    return { percent, sent: fileSize(line.sent), total: fileSize(total), name: line.file.name };
  }

  show(line, state, words, say = true) {
    line.state = state;
    line.root.dataset.state = state;
    line.root.querySelector(".file-state").textContent = words;
    line.bar.hidden = !(RUNNING.has(state) || state === "paused");
    const visible = { pause: RUNNING.has(state), "go-on": state === "paused" && (line.transfer || line.entry?.handle),
      other: RUNNING.has(state) || state === "paused" || state === "refused", leave: state === "uploading" };
    for (const [role, shown] of Object.entries(visible)) {
      const part = line.root.querySelector(`[data-role=${role}]`);
      if (part) part.hidden = !shown;
    }
    this.button();
    if (say) announce(words);
  }

  /* There is something to send, or the button says by its state that there is not. */
  button() {
    const send = this.form.querySelector("[data-role=send]");
    const states = this.lines.map((line) => line.state);
    const ready = !states.length || states.some((state) => state === "ready") || states.every((state) => state === "paused");
    if (ready && !states.some((state) => RUNNING.has(state))) send?.removeAttribute("aria-disabled");
    else send?.setAttribute("aria-disabled", "true");
  }

  /* What is missing is said before a long upload, in the place and look of the server's own errors. */
  complete() {
    for (const old of this.form.querySelectorAll("[data-local]")) old.remove();
    const many = this.lines.filter((line) => line.state === "ready").length > 1;
    const missing = [...this.form.elements].filter((control) => control.validity?.valueMissing
      && !(control === this.input && this.lines.length) && !(many && control.name === "title"));
    for (const control of missing) {
      this.wrong(control, control === this.input ? this.dataset.msgNoFile : this.dataset.msgRequired);
    }
    missing[0]?.focus();
    return missing.length === 0;
  }

  wrong(control, words) {
    const field = control.closest(".field, .picker") ?? control.parentElement;
    if (field.querySelector(":scope > [data-local]")) return;
    const said = document.createElement("p");
    Object.assign(said, { className: "field-error", id: `${control.name}-missing`, textContent: words });
    said.dataset.local = "";
    const before = control === this.input ? null : control.closest(".field > :not(legend):not(label)") ?? control;
    field.insertBefore(said, before);
    control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${said.id}`.trim());
    control.setAttribute("aria-invalid", "true");
    control.addEventListener("input", () => {
      said.remove();
      control.removeAttribute("aria-invalid");
    }, { once: true });
  }

  /* ---- sending ---- */

  send() {
    if (this.lines.some((line) => RUNNING.has(line.state)) || !this.complete()) return;
    const next = this.lines.find((line) => line.state === "ready");
    if (next) this.transfer(next);
    else this.goOn(this.lines.find((line) => line.state === "paused"));
  }

  declared(line) {
    const said = { ...JSON.parse(this.dataset.said || "{}"), filename: line.file.name, fingerprint: line.print };
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken" && value) said[name] = value;
    }
    if (this.lines.length > 1 && this.several) {
      said.title = line.file.name.replace(/\.\w+$/, "").slice(0, 60);
      said.token = crypto.randomUUID?.() ?? "";
    }
    return said;
  }

  transfer(line) {
    line.print ??= line.entry?.fingerprint;
    line.said = this.declared(line);
    line.began = { at: performance.now(), sent: null };
    line.transfer = new Transfer({
      endpoint: this.dataset.tus,
      file: line.file,
      said: line.said,
      tell: {
        begun: (url) => this.begun(line, url),
        moved: (sent) => this.moved(line, sent),
        waits: (status, seconds, words) => this.waits(line, status, seconds, words),
        done: (now) => this.done(line, now),
        refused: (status, words, errors) => this.refused(line, status, words, errors),
      },
    });
    this.show(line, "uploading", this.dataset.msgStarting);
    this.wake();
    line.transfer.start();
  }

  /* The screen stays on while it sends, where the browser allows that. */
  async wake() {
    this.awake = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  begun(line, url) {
    const { file, print, handle, said } = line;
    line.entry = { key: `${this.dataset.owner} ${url}`, owner: this.dataset.owner, page: this.page, url,
      name: file.name, size: file.size, fingerprint: print, said, handle };
    keep(line.entry).catch(() => keep({ ...line.entry, handle: undefined }));
  }

  moved(line, sent) {
    line.sent = sent;
    line.began.sent ??= sent;
    const total = line.file.size;
    line.bar.value = sent / total;
    const passed = (performance.now() - line.began.at) / 1000;
    const fresh = sent - line.began.sent;
    const values = this.figures(line);
    const left = fresh ? (passed / fresh) * (total - sent) : Infinity;
    if (sent >= total) this.show(line, "uploading", this.dataset.msgStoring);
    else if (left === Infinity) this.show(line, "uploading", fill(this.dataset.msgSent, values), false);
    else if (left < 60) this.show(line, "uploading", fill(this.dataset.msgSoon, values), false);
    else this.show(line, "uploading", fill(this.dataset.msgMinutes, { ...values, minutes: Math.ceil(left / 60) }), false);
  }

  waits(line, status, seconds, words) {
    const own = { 0: this.dataset.msgOffline, 202: this.dataset.msgStoring, 429: this.dataset.msgQueue };
    const said = words || fill(own[status] ?? this.dataset.msgError, { ...this.figures(line), seconds });
    this.show(line, "waiting", said);
  }

  done(line, now) {
    this.awake?.release();
    if (line.entry) forget(line.entry.key);
    this.show(line, "done", this.dataset.msgDone);
    if (this.next() || this.lines.some((each) => each.state === "refused")) return;
    const { length } = this.lines.filter((each) => each.state === "done");
    location.assign((length > 1 && this.dataset.after) || now.url);
  }

  /* The next of several, one after the other: the line is one. */
  next() {
    const ready = this.lines.find((each) => each.state === "ready");
    if (ready) this.transfer(ready);
    return ready;
  }

  refused(line, status, words, errors) {
    this.awake?.release();
    if (status === 401) {
      this.show(line, "paused", words || this.dataset.msgSignIn);
      return;
    }
    line.transfer = null;
    if (line.entry) forget(line.entry.key);
    line.entry = null;
    let first;
    for (const [name, said] of Object.entries(errors)) {
      const control = this.form.querySelector(`[name="${CSS.escape(name)}"]`);
      if (!control || control === this.input) continue;
      this.wrong(control, said);
      first ??= control;
    }
    if (first) {
      this.show(line, "ready", words);
      first.focus();
    } else {
      this.show(line, "refused", errors.video || words || this.dataset.msgError);
      this.next();
    }
  }

  pause(line) {
    line.transfer?.pause();
    this.awake?.release();
    this.show(line, "paused", fill(this.dataset.msgPaused, this.figures(line)));
  }

  async goOn(line) {
    if (!line) return;
    if (line.transfer && !line.transfer.running) {
      line.began = { at: performance.now(), sent: null };
      this.show(line, "uploading", this.dataset.msgStarting);
      line.transfer.start();
      return;
    }
    const handle = line.entry?.handle;
    try {
      if (handle && (await handle.requestPermission({ mode: "read" })) === "granted") {
        line.file = await handle.getFile();
        if ((await fingerprint(line.file)) === line.entry.fingerprint && this.complete()) this.transfer(line);
        return;
      }
    } catch {
      // Moved or deleted since: she chooses it again.
    }
    this.show(line, "paused", fill(this.dataset.msgAgain, this.figures(line)));
    this.input.focus();
  }

  /* Another video instead: this one goes, here and on the server. */
  async drop(line) {
    const { transfer, entry } = line;
    this.remove(line);
    this.awake?.release();
    this.input.value = "";
    if (entry) {
      forget(entry.key);
      await (transfer ?? new Transfer({ url: entry.url })).cancel();
    }
    this.input.focus();
  }
}

customElements.define("kb-upload", KbUpload);
