const PAGE = 25, DEBOUNCE = 150;
const COLUMNS = Object.keys(T.columns);

// A list of memories with its details: the browse tab, and with a fixed state the inbox.
class List extends Details {
  constructor(app, fixed) {
    super();
    Object.assign(this, { app, fixed, rows: [], total: 0, offset: 0, sort: "", descending: true, selected: new Set(), anchor: 0, at: 0, asked: 0, open: null });
    this.build();
  }
  build() {
    const { app, fixed } = this, name = app.key + (fixed ? "i" : "b");
    this.search = el("input", { type: "search", class: "lm-search", "aria-label": T.search, placeholder: T.search, oninput: () => this.typed() });
    if (!fixed) this.search.value = app.model.get("text");
    const changed = () => { this.offset = 0; this.load(); };
    const choose = (key, options) => el("select", { "aria-label": T.filter[key], onchange: changed }, options);
    const write = (key, list) => el("input", { type: "text", "aria-label": T.filter[key], placeholder: T.hints[key], list, oninput: () => this.later(), onchange: changed });
    this.filters = {
      type: choose("type", [option("", T.allTypes), ...app.types.map((t) => option(t.value, `${t.icon} ${t.label}`))]),
      tag: write("tag", `${name}-tags`),
      scope: choose("scope", []),
      ...(fixed ? {} : { state: choose("state", [...app.states.map((s) => option(s, T.states[s] ?? s)), option("all", T.allStates)]) }),
      source: choose("source", [option("", T.allSources), ...Object.entries(T.sources).map(([v, l]) => option(v, l))]),
      since: write("since"), until: write("until"),
    };
    this.filters.tag.addEventListener("focus", () => this.suggest());
    this.tags = el("datalist", { id: `${name}-tags` });
    this.head = el("tr", {});
    this.body = el("tbody", { onkeydown: (e) => this.key(e), onfocusin: (e) => this.focused(e), onclick: (e) => this.click(e), ondblclick: (e) => this.double(e) });
    this.grid = el("table", { role: "grid", "aria-label": T.grid, "aria-multiselectable": "true", class: "lm-grid" }, el("thead", {}, this.head), this.body);
    this.void = el("p", { class: "lm-void", hidden: true });
    this.pages = el("span", { class: "lm-pages" });
    this.back = button("‹", () => this.turn(-1), { "aria-label": T.act.previous, title: T.act.previous });
    this.forth = button("›", () => this.turn(1), { "aria-label": T.act.next, title: T.act.next });
    this.bar = el("div", { class: "lm-bar", role: "toolbar", "aria-label": T.grid, hidden: true });
    this.pane = el("section", { class: "lm-pane", "aria-label": T.details, hidden: true });
    this.panel = el("div", {},
      el("div", { class: "lm-tools" }, this.search, !fixed && button(T.act.add ?? T.add, () => this.form(null), { class: "lm-main" })),
      el("div", { class: "lm-filters", role: "group", "aria-label": T.filters }, Object.values(this.filters), this.tags),
      el("div", { class: "lm-split" }, el("div", { class: "lm-left" }, this.bar, el("div", { class: "lm-scroll" }, this.grid), this.void,
        el("div", { class: "lm-foot" }, this.back, this.pages, this.forth, el("span", { class: "lm-keys" }, fixed ? T.inboxKeys : T.keys))), this.pane));
    this.named();
    this.heads();
  }
  named() {
    const scope = this.filters.scope, value = scope.value;
    scope.replaceChildren(option("here", T.here(this.app.names.project)), option("all", T.all), option("none", T.none), ...this.app.names.projects.map((p) => option(`=${p}`, p)));
    scope.value = value || (this.fixed ? "all" : "here");
    if (scope.selectedIndex < 0) scope.value = "here";
  }
  // The tags to choose from are counted when somebody is about to choose one.
  async suggest() {
    if (this.suggested === this.app.version) return;
    this.suggested = this.app.version;
    try { this.tags.replaceChildren(...(await this.app.kernel.call("tags")).map((tag) => option(tag, tag))); } catch (error) { this.app.fail(error); }
  }
  // The columns' heads stay the same elements, so that one of them keeps the focus.
  heads() {
    this.all ??= el("input", { type: "checkbox", "aria-label": T.selectAll, onchange: () => this.pick(this.all.checked ? this.rows.map((r) => r.id) : []) });
    if (!this.head.children.length) this.head.append(el("th", { scope: "col", class: "lm-c-pick" }, this.all), ...COLUMNS.map((c) => el("th", { scope: "col", class: `lm-c-${c}` }, button(T.columns[c], () => this.order(c)))));
    const sorted = this.column();
    COLUMNS.forEach((c, n) => {
      const head = this.head.children[n + 1];
      head.setAttribute("aria-sort", sorted !== c ? "none" : this.descending ? "descending" : "ascending");
      head.firstChild.textContent = T.columns[c] + (sorted !== c ? "" : this.descending ? " ▾" : " ▴");
    });
  }
  // What the rows are sorted by; nothing where the best come first.
  column() { return this.sort || (this.search.value.trim() ? "" : "created"); }
  order(column) {
    const first = ["created", "used"].includes(column);
    const again = this.column() === column;
    this.descending = again ? !this.descending : first;
    this.sort = column;
    this.offset = 0;
    this.heads();
    this.load();
  }
  typed() {
    this.offset = 0;
    this.sort = "";
    this.descending = true;
    this.later();
  }
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.fixed) { this.app.model.set("text", this.search.value); this.app.model.save_changes(); }
      this.heads();
      this.load();
    }, DEBOUNCE);
  }
  turn(step) {
    this.offset = Math.max(0, this.offset + step * PAGE);
    this.at = 0;
    return this.load();
  }
  async load() {
    const asked = ++this.asked;
    const filters = Object.fromEntries(Object.entries(this.filters).map(([key, input]) => [key, input.value]).filter(([, value]) => value));
    try {
      const found = await this.app.kernel.call("search", { text: this.search.value, ...filters, ...this.fixed, sort: this.sort, descending: this.descending, offset: this.offset, limit: PAGE });
      if (asked !== this.asked) return;
      if (!found.rows.length && found.total && this.offset) { this.offset = Math.max(0, Math.floor((found.total - 1) / PAGE) * PAGE); return this.load(); }
      Object.assign(this, { rows: found.rows, total: found.total });
      this.app.version = found.version;
      this.draw();
    } catch (error) { if (asked === this.asked) this.app.fail(error); }
  }
  draw() {
    const focused = this.body.contains(document.activeElement);
    const here = focused && document.activeElement.closest("tr")?.dataset.id;
    const known = this.rows.findIndex((row) => row.id === here);
    this.at = Math.min(known >= 0 ? known : this.at, Math.max(0, this.rows.length - 1));
    this.body.replaceChildren(...this.rows.map((row, n) => this.row(row, n)));
    this.grid.setAttribute("aria-rowcount", this.total + 1);
    this.grid.hidden = !this.rows.length;
    this.void.hidden = !this.grid.hidden;
    const asked = this.search.value.trim() || this.filters.type.value || this.filters.tag.value || this.filters.source.value || this.filters.since.value || this.filters.until.value;
    this.void.textContent = asked || (this.filters.state && this.filters.state.value !== "active") ? T.nothing : this.fixed ? T.emptyInbox : T.empty;
    const last = this.offset + this.rows.length;
    this.pages.textContent = T.page(this.offset + 1, last, this.total) + (this.sort && this.search.value.trim() && this.total >= 200 ? ` (${T.best})` : "");
    this.back.disabled = !this.offset;
    this.forth.disabled = last >= this.total;
    this.app.say(this.rows.length ? this.pages.textContent : this.void.textContent);
    this.pick([...this.selected].filter((id) => this.rows.some((row) => row.id === id)));
    if (focused) this.focus(this.at);
  }
  row(row, n) {
    const type = this.app.types.find((t) => t.value === row.type);
    const cells = {
      title: [row.pinned && el("span", { class: "lm-badge", title: T.pinned }, "📌", el("span", { class: "lm-hide" }, T.pinned)), row.by && el("span", { class: "lm-badge" }, T.by(row.by)), el("span", { class: "lm-title" }, row.title),
        row.state !== "active" && !this.fixed && el("span", { class: "lm-badge" }, T.states[row.state] ?? row.state), row.held && this.fixed ? el("div", { class: "lm-sub" }, row.held) : row.excerpt && el("div", { class: "lm-sub" }, row.excerpt)],
      type: [el("span", { "aria-hidden": "true" }, type ? `${type.icon} ` : ""), type?.label ?? row.type],
      tags: (row.tags ?? []).map((tag) => el("span", { class: "lm-tag" }, tag)),
      project: [row.project ?? "–"], source: [T.sources[row.source] ?? row.source ?? ""], used: [String(row.used)], created: [when(row.created).slice(0, 10)],
    };
    const check = el("input", { type: "checkbox", tabIndex: -1, "aria-label": T.select(row.title) });
    return el("tr", { role: "row", tabindex: n === this.at ? "0" : "-1", "aria-rowindex": String(this.offset + n + 2), "aria-selected": "false", "data-id": row.id },
      el("td", { role: "gridcell", class: "lm-c-pick" }, check), COLUMNS.map((c) => el("td", { role: "gridcell", class: `lm-c-${c}` }, cells[c])));
  }
  focus(n) {
    if (!this.rows.length) return this.search.focus();
    this.at = Math.max(0, Math.min(n, this.rows.length - 1));
    [...this.body.children].forEach((tr, i) => { tr.tabIndex = i === this.at ? 0 : -1; });
    this.body.children[this.at].focus();
  }
  focused(event) {
    const n = [...this.body.children].indexOf(event.target.closest("tr"));
    if (n >= 0) this.at = n;
  }
  pick(ids) {
    this.selected = new Set(ids);
    for (const tr of this.body.children) {
      const on = this.selected.has(tr.dataset.id);
      tr.setAttribute("aria-selected", String(on));
      tr.querySelector("input").checked = on;
    }
    const n = this.selected.size;
    this.all.checked = n > 0 && n === this.rows.length;
    this.all.indeterminate = n > 0 && n < this.rows.length;
    const held = [...this.bar.children].some((c) => c === document.activeElement);
    this.bar.hidden = n < 2;
    if (n > 1) this.bar.replaceChildren(el("span", {}, T.chosen(n)), ...this.buttons(this.chosen(), [...this.selected]), ...["copy", "command"].map((name) => button(T.act[name], () => this.copy(name, [...this.selected]))));
    if (held && n < 2) this.focus(this.at);
    const before = this.app.model.get("selection"), now = [...this.selected];
    if (before.join() !== now.join()) { this.app.model.set("selection", now); this.app.model.save_changes(); }
  }
  chosen() { return this.rows.filter((row) => this.selected.has(row.id)); }
  range(n) {
    const [a, b] = [Math.min(this.anchor, n), Math.max(this.anchor, n)];
    this.pick(this.rows.slice(a, b + 1).map((row) => row.id));
  }
  toggle(n) {
    const ids = new Set(this.selected), { id } = this.rows[n];
    ids.has(id) ? ids.delete(id) : ids.add(id);
    this.anchor = n;
    this.pick([...ids]);
  }
  click(event) {
    const tr = event.target.closest("tr"), n = [...this.body.children].indexOf(tr);
    if (n < 0) return;
    if (event.target.type === "checkbox") { this.toggle(n); this.focus(n); }
    else if (event.shiftKey) { this.range(n); this.focus(n); }
    else if (event.ctrlKey || event.metaKey) { this.toggle(n); this.focus(n); }
    else { this.anchor = n; this.pick([this.rows[n].id]); this.focus(n); this.show(this.rows[n].id); }
  }
  double(event) { if (event.target.type !== "checkbox" && event.target.closest("tr")) this.edit(event.target.closest("tr").dataset.id); }
  key(event) {
    const n = this.at, row = this.rows[n], ids = this.selected.size ? [...this.selected] : [row?.id];
    if (!row || event.altKey || (event.target.type === "checkbox" && event.key === " ")) return;
    const move = (to) => { this.focus(to); event.shiftKey ? this.range(this.at) : this.anchor = this.at; };
    const rows = this.selected.size ? this.chosen() : [row];
    const keys = {
      ArrowDown: () => move(n + 1), ArrowUp: () => move(n - 1), Home: () => move(0), End: () => move(this.rows.length - 1),
      PageDown: () => this.forth.disabled || this.turn(1).then(() => this.focus(0)), PageUp: () => this.back.disabled || this.turn(-1).then(() => this.focus(0)),
      Enter: () => this.show(row.id, true), " ": () => this.toggle(n), e: () => this.edit(row.id), "/": () => this.search.focus(),
      p: () => this.act(rows.every((r) => r.pinned) ? "unpin" : "pin", ids), Delete: () => this.act(this.fixed ? "reject" : "delete", ids),
      a: () => this.fixed && this.act("accept", ids), Escape: () => this.open ? this.shut() : this.pick([]),
    };
    if ((event.ctrlKey || event.metaKey) && event.key === "a") this.pick(this.rows.map((r) => r.id));
    else if (event.ctrlKey || event.metaKey || !(event.key in keys)) return;
    else keys[event.key]();
    event.preventDefault();
  }
}
