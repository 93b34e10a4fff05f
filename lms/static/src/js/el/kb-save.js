/* What the server has, in words: "saved" is said on a receipt alone. */

import { fill } from "../lib/time.js";

const ICONS = { saved: "check-circle", saving: "arrow-path", held: "signal-slash" };
const HOUR = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

class KbSave extends HTMLElement {
  /* state: saved { at }, saving, held { number }. */
  show(state, { at, number } = {}) {
    const line = this.querySelector(".save");
    const words = {
      saved: () => fill(this.dataset.msgSaved, { time: HOUR.format(at) }),
      saving: () => this.dataset.msgSaving,
      held: () => fill(this.dataset.msgHeld, { number }),
    }[state]();
    line.hidden = false;
    line.dataset.state = state;
    line.querySelector("span").textContent = words;
    const use = line.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[state]}`));
  }
}

customElements.define("kb-save", KbSave);
