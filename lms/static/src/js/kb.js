/* Entry of every page: waits for what the page holds and loads only that. No globals, no inline code. */

import { announce } from "./lib/announce.js";
import { guardForms, reportFailures } from "./lib/net.js";

const LOADERS = {
  "kb-alike": () => import("./el/kb-alike.js"),
  "kb-captions": () => import("./el/kb-captions.js"),
  "kb-dialog": () => import("./el/kb-dialog.js"),
  "kb-flash": () => import("./el/kb-flash.js"),
  "kb-homework": () => import("./el/kb-homework.js"),
  "kb-heard": () => import("./el/kb-heard.js"),
  "kb-keys": () => import("./el/kb-keys.js"),
  "kb-leave": () => import("./el/kb-leave.js"),
  "kb-lesson": () => import("./el/kb-lesson.js"),
  "kb-lesson-video": () => import("./el/kb-lesson-video.js"),
  "kb-package": () => import("./el/kb-package.js"),
  "kb-player": () => import("./el/kb-player.js"),
  "kb-print": () => import("./el/kb-print.js"),
  "kb-sheet": () => import("./el/kb-sheet.js"),
  "kb-study": () => import("./el/kb-study.js"),
  "kb-switch": () => import("./el/kb-switch.js"),
  "kb-tabs": () => import("./el/kb-tabs.js"),
  "kb-timeline": () => import("./el/kb-timeline.js"),
  "kb-transcript": () => import("./el/kb-transcript.js"),
  "kb-upload": () => import("./el/kb-upload.js"),
  "kb-verify": () => import("./el/kb-verify.js"),
};

/* An element defined once upgrades by itself afterwards, so each loader is asked once. */
function load(root) {
  for (const [name, loader] of Object.entries(LOADERS)) {
    if (root.querySelector(name)) {
      loader();
      delete LOADERS[name];
    }
  }
}

function settle(root) {
  load(document);
  const told = root.closest?.("[data-announce]") ?? root.querySelector?.("[data-announce]");
  if (told) announce(told.dataset.announce);
}

load(document);
guardForms(document);
reportFailures(document);
document.querySelector("[data-focus]")?.focus();

document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target?.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.removeAttribute("aria-busy");
});
document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.elt ?? document.body;
  settle(target);
  // The swap took the focused element with it: go to the new heading.
  if (document.activeElement === document.body && target.dataset?.refocus !== undefined) {
    const heading = target.querySelector("h1, h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }
});
