/* What the evidence page alone needs, beside kb.js: the scoring desk has no room for it. */

import "./el/kb-find.js";
import { release } from "./lib/net.js";

const DOWNLOAD_MS = 2000;

// A download leaves the page as it is: the button may be pressed again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-download]")) setTimeout(() => release(form), DOWNLOAD_MS);
});
