/* Sends the plain upload form with progress in words. Without it the form works as it is.
   States of the file line: checking, ready, refused, uploading, waiting, failed, done. */

import { announce } from "../lib/announce.js";
import { clock, fileSize, fill } from "../lib/time.js";

class KbUpload extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file]");
    if (!this.form || !this.input) return;
    this.line = this.querySelector(".file");
    this.bar = this.line.querySelector("progress");
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.input.addEventListener("change", () => this.look(), { signal });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.send();
    }, { signal });
    this.line.querySelector("[data-role=stop]")?.addEventListener("click", () => this.stop(), { signal });
    const drop = this.querySelector(".picker-drop");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop?.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.dataset.state = kind === "dragover" ? "over" : "";
        if (kind === "drop" && event.dataTransfer.files.length) {
          this.input.files = event.dataTransfer.files;
          this.look();
        }
      }, { signal });
    }
    addEventListener("beforeunload", (event) => {
      if (this.request) event.preventDefault();
    }, { signal });
    if (this.input.files.length) this.look();
  }

  disconnectedCallback() {
    this.abort?.abort();
    clearTimeout(this.retry);
    this.request?.abort();
  }

  get file() {
    return this.input.files[0];
  }

  show(state, words, say = true) {
    this.line.hidden = false;
    this.line.dataset.state = state;
    this.line.querySelector(".file-state").textContent = words;
    const running = state === "uploading" || state === "waiting";
    this.bar.hidden = !running;
    const stop = this.line.querySelector("[data-role=stop]");
    if (stop) stop.hidden = !running;
    const button = this.form.querySelector("[data-role=send]");
    if (running || state === "done" || state === "refused") button?.setAttribute("aria-disabled", "true");
    else button?.removeAttribute("aria-disabled");
    if (say) announce(words);
  }

  /* What can be known before a byte is sent: size, and where the browser can read it, length and picture. */
  async look() {
    const { file } = this;
    if (!file) {
      this.line.hidden = true;
      return;
    }
    this.line.querySelector(".file-name").textContent = file.name;
    const facts = [fileSize(file.size)];
    const tell = () => {
      this.line.querySelector(".file-facts").textContent = facts.join(" · ");
    };
    tell();
    if (file.size > Number(this.dataset.max || Infinity)) {
      this.show("refused", fill(this.dataset.msgTooBig, { size: fileSize(file.size), max: fileSize(Number(this.dataset.max)) }));
      return;
    }
    this.show("checking", this.dataset.msgChecking, false);
    const seen = await this.probe(file);
    if (file !== this.file) return;
    if (seen) {
      facts.unshift(clock(seen.duration));
      if (seen.width) facts.push(`${seen.width}×${seen.height}`);
      tell();
      const least = Number(this.dataset.minDuration || 0);
      if (seen.duration && seen.duration < least - 0.5) {
        this.show("refused", fill(this.dataset.msgTooShort, { seconds: Math.floor(seen.duration), least }));
        return;
      }
    }
    this.show("ready", this.dataset.msgReady);
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

  send() {
    if (this.request || this.line.dataset.state === "refused") return;
    if (!this.complete()) return;
    const request = new XMLHttpRequest();
    this.request = request;
    this.started = performance.now();
    request.open("POST", this.form.action);
    request.responseType = "document";
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.onprogress = (event) => this.progress(event.loaded, event.total);
    request.onload = () => this.answered(request);
    request.onerror = () => this.failed(this.dataset.msgOffline);
    this.bar.value = 0;
    this.show("uploading", this.dataset.msgStarting);
    request.send(new FormData(this.form));
  }

  /* What is missing is said before a long upload, in the place and look of the server's own errors. */
  complete() {
    for (const old of this.form.querySelectorAll("[data-local]")) old.remove();
    const missing = [...this.form.elements].filter((control) => control.validity?.valueMissing);
    const told = new Set();
    for (const control of missing) {
      const field = control.closest(".field, .picker");
      if (!field || told.has(field)) continue;
      told.add(field);
      const line = document.createElement("p");
      line.className = "field-error";
      line.dataset.local = "";
      line.id = `${control.name}-missing`;
      line.textContent = control === this.input ? this.dataset.msgNoFile : this.dataset.msgRequired;
      const before = control === this.input ? null : control.closest(".field > :not(legend):not(label)") ?? control;
      field.insertBefore(line, before);
      control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
      control.setAttribute("aria-invalid", "true");
      control.addEventListener("input", () => {
        line.remove();
        control.removeAttribute("aria-invalid");
      }, { once: true });
    }
    missing[0]?.focus();
    return missing.length === 0;
  }

  progress(loaded, total) {
    if (!total) return;
    this.bar.value = loaded / total;
    const passed = (performance.now() - this.started) / 1000;
    const left = loaded ? (passed / loaded) * (total - loaded) : 0;
    const values = { percent: Math.floor((loaded / total) * 100), sent: fileSize(loaded), total: fileSize(total) };
    if (loaded >= total) {
      this.show("uploading", this.dataset.msgStoring);
    } else if (left < 60) {
      this.show("uploading", fill(this.dataset.msgSoon, values), false);
    } else {
      this.show("uploading", fill(this.dataset.msgMinutes, { ...values, minutes: Math.ceil(left / 60) }), false);
    }
  }

  answered(request) {
    this.request = null;
    const { status } = request;
    if (status >= 200 && status < 300) {
      this.show("done", this.dataset.msgDone);
      location.assign(request.responseURL);
    } else if (status === 422 && request.response) {
      this.refused(request.response);
    } else if (status === 429) {
      this.wait(Number(request.getResponseHeader("Retry-After")) || 15);
    } else if (status === 413) {
      this.show("refused", fill(this.dataset.msgTooBig, { size: fileSize(this.file.size), max: fileSize(Number(this.dataset.max)) }));
    } else {
      this.failed(this.dataset.msgError);
    }
  }

  /* The server's form with its errors takes this one's place; the chosen file moves over. */
  refused(page) {
    const fresh = page.querySelector("kb-upload");
    const main = document.getElementById("main");
    const theirs = page.getElementById("main");
    if (!fresh || !theirs) {
      this.failed(this.dataset.msgError);
      return;
    }
    const { files } = this.input;
    const moved = document.importNode(theirs, true);
    main.replaceWith(moved);
    const input = moved.querySelector("kb-upload input[type=file]");
    if (input && files.length) {
      input.files = files;
      input.dispatchEvent(new Event("change"));
    }
    moved.querySelector("[data-focus]")?.focus();
  }

  wait(seconds) {
    this.show("waiting", fill(this.dataset.msgQueue, { seconds }));
    this.bar.removeAttribute("value");
    this.retry = setTimeout(() => this.send(), seconds * 1000);
  }

  failed(words) {
    this.request = null;
    this.show("failed", words);
  }

  stop() {
    clearTimeout(this.retry);
    this.request?.abort();
    this.request = null;
    this.show("ready", this.dataset.msgStopped);
  }
}

customElements.define("kb-upload", KbUpload);
