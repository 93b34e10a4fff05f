/* What a lesson's video has over a work's, inside its kb-player: the speed chosen last comes back, and of the [data-chapter]
   links of the page the running one is marked. */

const SPEED = "kb-speed";

class KbLessonVideo extends HTMLElement {
  connectedCallback() {
    this.player = this.closest("kb-player");
    const video = this.player?.querySelector("video");
    if (!video) return;
    this.recall(video);
    this.abort = new AbortController();
    const { signal } = this.abort;
    video.addEventListener("ratechange", () => this.keep(video.playbackRate), { signal });
    this.player.addEventListener("kb:time", (event) => this.mark(event.detail.time), { signal });
    document.dispatchEvent(new CustomEvent("kb:ask"));
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  keep(rate) {
    try {
      localStorage.setItem(SPEED, rate);
    } catch {
      /* storage refused: the choice holds for this page only */
    }
  }

  /* Before the file is there too: a load sets the speed back to the default one. */
  recall(video) {
    let kept = 0;
    try {
      kept = Number(localStorage.getItem(SPEED));
    } catch {
      /* storage refused */
    }
    if (!(kept >= 0.5 && kept <= 2)) return;
    video.defaultPlaybackRate = kept;
    video.playbackRate = kept;
  }

  mark(time) {
    const all = [...document.querySelectorAll("[data-chapter]")];
    const now = all.findLast((each) => Number(each.dataset.seek) <= time + 0.1);
    for (const each of all) {
      if (each === now) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
  }
}

customElements.define("kb-lesson-video", KbLessonVideo);
