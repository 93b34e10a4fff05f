/* Tabs over sections that all show without JavaScript: links to them become a tablist (arrow keys, Home, End). */

class KbTabs extends HTMLElement {
  connectedCallback() {
    this.tabs = [...this.querySelectorAll(".tab")];
    if (this.tabs.length < 2) return;
    const list = this.querySelector(".tabs");
    list.setAttribute("role", "tablist");
    this.abort = new AbortController();
    const { signal } = this.abort;
    for (const tab of this.tabs) {
      const panel = this.panel(tab);
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
    }
    list.addEventListener("click", (event) => {
      const tab = event.target.closest(".tab");
      if (!tab) return;
      event.preventDefault();
      this.choose(tab);
    }, { signal });
    list.addEventListener("keydown", (event) => {
      const at = this.tabs.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }[event.code];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const tab = this.tabs[(to + this.tabs.length) % this.tabs.length];
      this.choose(tab);
      tab.focus();
    }, { signal });
    const asked = this.tabs.find((tab) => tab.hash === location.hash && location.hash);
    this.choose(asked ?? this.tabs[0]);
    // A link elsewhere may point into a panel that is not showing.
    document.addEventListener("kb:reveal", (event) => {
      const tab = this.tabs.find((each) => this.panel(each).contains(event.target));
      if (tab) this.choose(tab);
    }, { signal });
  }

  disconnectedCallback() {
    this.abort?.abort();
  }

  panel(tab) {
    return document.getElementById(tab.hash.slice(1));
  }

  choose(chosen) {
    for (const tab of this.tabs) {
      const is = tab === chosen;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      this.panel(tab).hidden = !is;
    }
    for (const tool of this.querySelectorAll("[data-for-panel]")) {
      tool.hidden = tool.dataset.forPanel !== this.panel(chosen).id;
    }
  }
}

customElements.define("kb-tabs", KbTabs);
