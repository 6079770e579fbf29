// The page's side of MemoryBrowser. It keeps what is looked at and asks the kernel for everything else.
const POLL = 2500;

class App {
  constructor(model, root) {
    Object.assign(this, { model, root, version: "", tab: "browse", key: `lm${Math.random().toString(36).slice(2, 8)}` });
    this.live = el("div", { role: "status", "aria-live": "polite", class: "lm-hide" });
    this.notes = el("div", { class: "lm-note", hidden: true });
    this.top = el("div", { class: "lm-tabs", role: "tablist", "aria-label": T.name, onkeydown: (e) => this.steer(e) });
    this.main = el("div", { class: "lm-body" });
    root.classList.add("lm-browser");
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", T.name);
    // What is typed here is no shortcut of the notebook.
    this.quiet = (event) => { if (event.key !== "Tab") event.stopPropagation(); this.escape(event); };
    root.addEventListener("keydown", this.quiet);
    root.append(el("style", {}, STYLE), this.top, this.notes, this.main, this.live);
    this.kernel = new Kernel(model, (slow) => { root.classList.toggle("lm-slow", slow); if (slow) this.say(T.waiting); });
    this.start();
  }
  async start() {
    try { this.names = { projects: [], waiting: 0, ...(await this.kernel.call("hello")) }; } catch (error) { return this.fail(error); }
    Object.assign(this, { types: this.names.types, states: this.names.states });
    this.lists = { browse: new List(this), inbox: new List(this, { state: "held" }) };
    this.views = { ...this.lists, stats: new Statistics(this), options: new Settings(this), maintain: new Maintain(this) };
    this.panels = Object.fromEntries(Object.entries(this.views).map(([name, view]) => [name, el("div", { role: "tabpanel", id: `${this.key}-${name}`, "aria-labelledby": `${this.key}-${name}-tab`, hidden: true }, view.panel)]));
    this.top.replaceChildren(...Object.entries(T.tabs).map(([name, label]) => button(label, () => this.turn(name), { role: "tab", id: `${this.key}-${name}-tab`, "aria-controls": `${this.key}-${name}` })));
    this.main.replaceChildren(...Object.values(this.panels));
    this.heard = () => { const list = this.lists.browse; if (list.search.value !== this.model.get("text")) { list.search.value = this.model.get("text"); list.typed(); } };
    this.model.on("change:text", this.heard);
    await this.turn("browse");
    await this.refreshNames();
    this.timer = setInterval(() => this.poll(), POLL);
    this.kernel.onchange = () => this.poll();  // a store on a server tells at once
  }
  counted() {
    const n = this.names.waiting;
    this.top.children[1].textContent = T.tabs.inbox + (n ? ` (${n.toLocaleString("en")})` : "");
  }
  turn(name) {
    this.tab = name;
    [...this.top.children].forEach((tab, n) => {
      const on = Object.keys(T.tabs)[n] === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    });
    for (const [key, panel] of Object.entries(this.panels)) panel.hidden = key !== name;
    return this.load();
  }
  steer(event) {
    const names = Object.keys(T.tabs), n = names.indexOf(this.tab);
    const to = { ArrowRight: (n + 1) % names.length, ArrowLeft: (n + names.length - 1) % names.length, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.turn(names[to]);
    this.top.children[to].focus();
  }
  escape(event) {
    const list = this.lists?.[this.tab];
    if (event.key !== "Escape" || !list?.open || !list.pane.contains(event.target)) return;
    event.preventDefault();
    list.shut();
  }
  load() { return this.views[this.tab].load(); }
  async refreshNames() {
    try { Object.assign(this.names, await this.kernel.call("names")); } catch (error) { return this.fail(error); }
    this.counted();
    for (const list of Object.values(this.lists)) list.named();
  }
  // Other kernels and servers write as well: ask for the version while somebody looks, one question at a time.
  async poll() {
    if (this.kernel.waiting.size || document.visibilityState !== "visible" || !this.root.offsetParent) return;
    try {
      const version = await this.kernel.call("version");
      if (!this.version || version === this.version) { this.version = version; return; }
      this.version = version;
      const list = this.lists[this.tab];
      if (list) await list.changed();
      else { await this.refreshNames(); if (this.tab === "stats") await this.load(); }
    } catch (error) { this.fail(error); }
  }
  // Something was changed outside of the lists: tell it, with an undo.
  async changed(text, version) {
    this.note(text, async () => {
      try { await this.kernel.call("undo", { version }); this.note(T.done.undo); await this.refreshNames(); await this.load(); } catch (error) { this.fail(error); }
    });
    await this.refreshNames();
  }
  say(text) { this.live.textContent = text; }
  note(text, undo = null, wrong = false) {
    clearTimeout(this.forget);
    this.notes.hidden = false;
    this.notes.classList.toggle("lm-wrong", wrong);
    this.notes.replaceChildren(el("span", {}, text), undo && button(T.act.undo, undo), button("×", () => { this.notes.hidden = true; }, { class: "lm-x", "aria-label": T.act.close }));
    this.say(text);
    if (!undo && !wrong) this.forget = setTimeout(() => { this.notes.hidden = true; }, 6000);
  }
  fail(error) { this.note(error?.error ?? String(error), null, true); }
  close() {
    clearInterval(this.timer);
    clearTimeout(this.forget);
    this.views?.maintain.close();
    this.root.removeEventListener("keydown", this.quiet);
    if (this.heard) this.model.off("change:text", this.heard);
    this.kernel.close();
  }
}

function render({ model, el: root }) {
  const app = new App(model, root);
  return () => app.close();
}
export default { render };
