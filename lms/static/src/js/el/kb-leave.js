/* Nobody is signed in: what this device kept of somebody goes. Lessons kept for reading without a network always; what was
   not sent yet only on a shared computer, a phone of one's own keeps it for its owner. */

import { leave } from "../lib/outbox.js";

class KbLeave extends HTMLElement {
  async connectedCallback() {
    try {
      await leave();
      for (const name of Object.keys(localStorage)) if (name.startsWith("kb-place:")) localStorage.removeItem(name);
      for (const name of await caches.keys()) if (name.startsWith("kb-study-")) await caches.delete(name);
    } catch {
      /* nothing was kept, or nothing may be touched */
    }
  }
}

customElements.define("kb-leave", KbLeave);
