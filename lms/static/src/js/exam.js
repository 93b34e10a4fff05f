/* Entry of the examination's pages: loads only what the page holds. No htmx, no globals. */

import { guardForms } from "./lib/net.js";

const LOADERS = {
  "kb-exam": () => import("./el/kb-exam.js"),
  "kb-exam-aloud": () => import("./el/kb-exam-aloud.js"),
  "kb-exam-over": () => import("./el/kb-exam-over.js"),
  "kb-flash": () => import("./el/kb-flash.js"),
  "kb-switch": () => import("./el/kb-switch.js"),
  "kb-wait": () => import("./el/kb-wait.js"),
};

for (const [name, loader] of Object.entries(LOADERS)) {
  if (document.querySelector(name)) loader();
}
guardForms(document);
