// The page's side of MemoryBrowser. It keeps what is looked at and asks the kernel for everything else.
// STYLE, the style sheet, is put in front of this script.
// What memories say reaches the page as text only: no markup is ever parsed, no image or address loaded.

// Every word that people read.
const T = {
  name: "Memory browser",
  tabs: { browse: "Browse", inbox: "Inbox", stats: "Statistics", options: "Settings", maintain: "Maintain" },
  search: "Search memories", add: "Add", filters: "Filters",
  columns: { title: "Title", type: "Type", tags: "Tags", project: "Project", source: "Source", used: "Used", created: "Created" },
  filter: { type: "Type", tag: "Tag", scope: "Project", state: "State", source: "Source", since: "Since", until: "Until" },
  hints: { tag: "Tag", since: "Since: 7d", until: "Until: 2026-05" },
  allTypes: "All types", allStates: "Any state", allSources: "Any source",
  here: (name) => name ? `Here (${name})` : "Here", all: "All projects", none: "No project",
  states: { active: "Active", archived: "Archived", superseded: "Superseded", expired: "Expired", held: "Held back", deleted: "Deleted" },
  sources: { user: "Typed", chat: "Chat", tool: "Tool", run: "Run", import: "Import", exchange: "Whole exchanges" },
  grid: "Memories", selectAll: "Select all rows of this page", select: (title) => `Select ${title}`,
  chosen: (n) => `${n} selected`, pinned: "pinned",
  act: { edit: "Edit", pin: "Pin", unpin: "Unpin", archive: "Archive", delete: "Delete", restore: "Restore", accept: "Accept", reject: "Reject",
    copy: "Copy text", command: "Copy as %mem", close: "Close", save: "Save", cancel: "Cancel", undo: "Undo", previous: "Previous page", next: "Next page" },
  done: { add: "Remembered", edit: "Saved", pin: "Pinned", unpin: "Unpinned", archive: "Archived", delete: "Deleted", restore: "Back in use",
    accept: "Accepted", reject: "Rejected", undo: "Taken back" },
  report: (what, rows) => `${what}: ${rows.length === 1 ? rows[0].title : `${rows.length} memories`}`,
  same: "Nothing changed.", copied: "Copied.", notCopied: "The browser did not allow copying.",
  page: (first, last, total) => total ? `${first}–${last} of ${total.toLocaleString("en")}` : "",
  best: "best 200", nothing: "Nothing found.", empty: "No memories here yet. Add one, or say “remember that …” in a chat.", emptyInbox: "Nothing waits in the inbox.",
  waiting: "Waiting for the kernel …", details: "Details", adding: "New memory", editing: "Edit memory",
  fields: { title: "Title", type: "Type", tags: "Tags", project: "Project", content: "Content", pinned: "Consider it in every chat" },
  help: { title: "Made from the content when left empty", tags: "Separated by commas", project: "Empty for none" },
  content: "Content", about: "About", why: "In the last chats", history: "History",
  facts: { state: "State", held: "Waits because", project: "Project", source: "Source", author: "Said by", rule: "Rule", model: "Model", notebook: "Notebook",
    cell: "Cell", conversation: "Conversation", superseded_by: "Replaced by", created_at: "Created", updated_at: "Changed", last_accessed_at: "Last used",
    expires_at: "Expires", used: "Used", revision: "Revision", id: "Id" },
  injected: (r) => `${r.injected ? "went into the prompt" : "left out"}: ${r.rule}, score ${r.score}`,
  never: "No chat has considered it lately.",
  first: "added",
  figures: { total: "Memories in use", bytes: "Text", file_bytes: "File", oldest: "Oldest", newest: "Newest" },
  charts: { types: "By type", months: "Added, by month", projects: "By project", tags: "Most frequent tags", states: "By state", most_used: "Most used" },
  count: "Memories", uses: "Uses", noTags: "No tags yet.", noUse: "None has been used yet.",
  keep: "Keep changes for later sessions", from: (origin) => `from: ${origin}`, reset: (name) => `Reset ${name} to its default`, resetShort: "Reset",
  set: (o) => `${o.name} is now ${o.value || "empty"}.`,
  doctor: "Check the store", doctorHelp: "Looks at the store's file, its indexes, permissions and the disk.", fine: "fine", wrong: "needs attention",
  keys: "Arrows move, Enter opens, Space selects, e edits, p pins, Delete deletes, / searches, Esc closes.",
  inboxKeys: "Arrows move, Enter opens, Space selects, a accepts, e edits, Delete rejects, / searches, Esc closes.",
};
const PAGE = 25, DEBOUNCE = 150, POLL = 2500, SLOW = 1500;
const COLUMNS = Object.keys(T.columns);

// Makes an element; what can have the focus keeps the notebook's shortcuts away, as Lumino asks only the focused element.
function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && name !== "list" && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  if (/^(button|input|select|textarea|a|summary)$/.test(tag) || "tabindex" in props) node.setAttribute("data-lm-suppress-shortcuts", "true");
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}
const button = (label, onclick, props = {}) => el("button", { type: "button", onclick, ...props }, label);
const option = (value, label) => el("option", { value }, label);
const two = (n) => String(n).padStart(2, "0");
function when(seconds) {
  const d = new Date(seconds * 1000);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}
const size = (n) => n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1048576).toFixed(1)} MiB`;

// Content: blocks and spans from the kernel become elements of a few kinds.
function span([kind, text, address]) {
  if (kind === "a" && /^https?:\/\//.test(address)) return [el("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, text), text === address ? "" : ` <${address}>`];
  return ["b", "i", "code"].includes(kind) ? el(kind, {}, text) : text;
}
function block(b) {
  if (b.kind === "code") return el("pre", { class: "lm-code", tabindex: "0", role: "region", "aria-label": T.content }, b.spans.map(([kind, text]) => el("span", kind ? { class: `lm-t-${kind}` } : {}, text)));
  if (b.kind === "list") return el(b.ordered ? "ol" : "ul", {}, b.items.map((spans) => el("li", {}, spans.map(span))));
  const tag = { heading: "h5", quote: "blockquote" }[b.kind] ?? "p";
  return el(tag, {}, b.spans.map(span));
}

class Kernel {
  constructor(model, onslow) {
    Object.assign(this, { model, onslow, count: 0, waiting: new Map(), key: Math.random().toString(36).slice(2) });
    this.listen = (message) => this.answer(message);
    model.on("msg:custom", this.listen);
  }
  call(call, args = {}) {
    const id = `${this.key}.${++this.count}`;
    return new Promise((done, fail) => {
      this.waiting.set(id, { done, fail, timer: setTimeout(() => this.onslow(true), SLOW) });
      this.model.send({ id, call, args });
    });
  }
  answer(message) {
    const call = this.waiting.get(message?.id);
    if (!call) return;
    this.waiting.delete(message.id);
    clearTimeout(call.timer);
    this.onslow(false);
    if ("error" in message) call.fail(message);
    else call.done(message.data);
  }
  close() {
    this.model.off("msg:custom", this.listen);
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
  }
}

// A list of memories with its details: the browse tab, and with a fixed state the inbox.
class List {
  constructor(app, fixed) {
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
      title: [row.pinned && el("span", { class: "lm-badge", title: T.pinned }, "📌", el("span", { class: "lm-hide" }, T.pinned)), el("span", { class: "lm-title" }, row.title),
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
  // The actions that fit the states of some rows.
  buttons(rows, ids) {
    const are = (...states) => rows.every((row) => states.includes(row.state ?? "active"));
    const pinned = rows.every((row) => row.pinned);
    const names = are("held") ? ["accept", "reject"] : are("deleted") ? ["restore"] : [pinned ? "unpin" : "pin", are("active") ? "archive" : are("archived", "superseded") && "restore", "delete"];
    return names.filter(Boolean).map((name) => button(T.act[name], () => this.act(name, ids), name === "accept" ? { class: "lm-main" } : {}));
  }
  async copy(name, ids) {
    try {
      const texts = await this.app.kernel.call("texts", { ids });
      await navigator.clipboard.writeText(texts[name]);
      this.app.note(T.copied);
    } catch (error) { this.app.fail(error.error ? error : { error: T.notCopied }); }
  }
  async act(name, ids) {
    const call = { unpin: "pin", reject: "delete" }[name] ?? name;
    try {
      const told = await this.app.kernel.call(call, { ids, ...(call === "pin" ? { pinned: name === "pin" } : {}) });
      this.told(name, told);
      await this.changed();
    } catch (error) { this.app.fail(error); }
  }
  told(name, told) {
    if (!told.changed) return this.app.note(T.same);
    this.app.note(T.report(T.done[name], told.rows), name === "undo" ? null : async () => {
      try {
        this.told("undo", await this.app.kernel.call("undo", { version: told.version }));
        await this.changed();
      } catch (error) { this.app.fail(error); }
    });
  }
  async changed() {
    await Promise.all([this.load(), this.app.refreshNames()]);
    if (this.open && this.pane.dataset.kind === "detail") {
      if (this.rows.some((row) => row.id === this.open)) await this.show(this.open);
      else this.shut(this.pane.contains(document.activeElement));
    }
  }
  shut(focus = true) {
    this.open = null;
    this.pane.hidden = true;
    this.panel.classList.remove("lm-open");
    this.pane.replaceChildren();
    if (focus) this.focus(this.at);
  }
  fill(kind, id, ...children) {
    this.open = id;
    this.pane.dataset.kind = kind;
    this.pane.hidden = false;
    this.panel.classList.add("lm-open");
    this.pane.replaceChildren(...children);
  }
  async show(id, focus = false) {
    let d;
    try { d = await this.app.kernel.call("detail", { memory_id: id }); } catch (error) { return this.app.fail(error); }
    const inside = this.pane.contains(document.activeElement) || focus;
    const shut = button("×", () => this.shut(), { class: "lm-x", "aria-label": T.act.close, title: T.act.close });
    const facts = { ...d.facts, ...Object.fromEntries(Object.entries(d.times).map(([k, v]) => [k, when(v)])), used: d.used, revision: d.revision, id: d.id };
    if (d.state === "active") delete facts.state;
    this.fill("detail", id,
      el("div", { class: "lm-top" }, el("h4", {}, d.title), shut),
      el("div", { class: "lm-acts" }, this.buttons([d], [id]), d.state !== "deleted" && button(T.act.edit, () => this.edit(id)),
        ["copy", "command"].map((name) => button(T.act[name], () => this.copy(name, [id])))),
      el("div", { class: "lm-content" }, d.blocks.map(block)),
      el("h5", {}, T.about), el("dl", {}, Object.entries(facts).map(([k, v]) => [el("dt", {}, T.facts[k] ?? k), el("dd", {}, String(v))])),
      el("h5", {}, T.why), d.reasons.length ? el("ul", {}, d.reasons.map((r) => el("li", {}, `${when(r.at)} ${T.injected(r)}`))) : el("p", { class: "lm-sub" }, T.never),
      el("h5", {}, T.history), el("ol", { class: "lm-history", reversed: true }, d.history.map((h) => el("li", { value: h.number }, `${when(h.at)} ${h.action === "add" ? T.first : h.action}`, h.changes.map(change)))));
    if (inside) shut.focus();
  }
  async edit(id) {
    try { this.form(await this.app.kernel.call("detail", { memory_id: id })); } catch (error) { this.app.fail(error); }
  }
  form(d) {
    const f = d?.fields ?? { title: "", type: "general", tags: "", project: this.app.names.project, content: "", pinned: false };
    const name = `${this.app.key}-${this.fixed ? "i" : "b"}`;
    const inputs = {
      content: el("textarea", { rows: "8" }),
      title: el("input", { type: "text" }),
      type: el("select", {}, this.app.types.map((t) => option(t.value, `${t.icon} ${t.label}`))),
      tags: el("input", { type: "text", autocomplete: "off" }),
      project: el("input", { type: "text", list: `${name}-projects` }),
    };
    const notes = {};
    const lines = Object.entries(inputs).map(([key, input]) => {
      input.id = `${name}-${key}`;
      input.value = f[key];
      input.setAttribute("aria-describedby", `${name}-${key}-note`);
      notes[key] = el("div", { id: `${name}-${key}-note`, class: "lm-sub" }, T.help[key] ?? "");
      return el("div", { class: "lm-field" }, el("label", { for: input.id }, T.fields[key]), input, notes[key]);
    });
    const pinned = el("input", { type: "checkbox", checked: f.pinned });
    const refuse = ({ error, field }) => {
      const key = field in inputs ? field : "content";
      for (const [k, note] of Object.entries(notes)) { note.className = "lm-sub"; note.textContent = T.help[k] ?? ""; inputs[k].removeAttribute("aria-invalid"); }
      notes[key].className = "lm-wrong";
      notes[key].textContent = error;
      inputs[key].setAttribute("aria-invalid", "true");
      inputs[key].focus();
      this.app.say(error);
    };
    const save = async (event) => {
      event?.preventDefault();
      const fields = { ...Object.fromEntries(Object.entries(inputs).map(([k, i]) => [k, i.value])), pinned: pinned.checked };
      // Left as it was offered, the project is chosen by the type: preferences belong to the person.
      if (!d && fields.project === f.project) fields.project = null;
      for (const k of Object.keys(fields)) if (d && fields[k] === f[k]) delete fields[k];
      try {
        const told = await this.app.kernel.call(d ? "edit" : "add", d ? { memory_id: d.id, fields, revision: d.revision } : { fields });
        this.told(d ? "edit" : "add", told);
        this.open = told.rows[0].id;
        this.pane.dataset.kind = "detail";
        await this.changed();
        if (this.open) this.focus(this.rows.findIndex((row) => row.id === this.open));
      } catch (error) { refuse(error); }
    };
    this.fill("form", d?.id ?? "new", el("div", { class: "lm-top" }, el("h4", {}, d ? T.editing : T.adding)),
      el("form", { onsubmit: save, onkeydown: (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) save(e); } }, lines,
        el("label", { class: "lm-check" }, pinned, T.fields.pinned),
        el("datalist", { id: `${name}-projects` }, this.app.names.projects.map((p) => option(p, p))),
        el("div", { class: "lm-acts" }, el("button", { type: "submit", class: "lm-main" }, T.act.save), button(T.act.cancel, () => d ? this.show(d.id, true) : this.shut()))));
    inputs.content.focus();
    inputs.content.setSelectionRange(0, 0);
    inputs.content.scrollTop = 0;
  }
}

function change(c) {
  if (c.diff) return el("pre", { class: "lm-code lm-diff", tabindex: "0", role: "region", "aria-label": T.history }, c.diff.map(([mark, text]) => el("div", { class: { "+": "lm-plus", "-": "lm-minus" }[mark] }, `${mark} ${text}`)));
  return el("div", {}, `${c.name}: `, el("del", {}, c.before || "–"), " → ", el("ins", {}, c.after || "–"));
}

// A bar chart that is a table: each number is text as well.
function chart(title, unit, rows) {
  const most = Math.max(1, ...rows.map(([, n]) => n));
  return el("table", { class: "lm-chart" }, el("caption", {}, title), el("thead", { class: "lm-hide" }, el("tr", {}, el("th", { scope: "col" }, title), el("th", { scope: "col" }, unit))),
    el("tbody", {}, rows.map(([label, n]) => {
      const fill = el("span", { class: "lm-fill", "aria-hidden": "true" });
      fill.style.width = `${(100 * n) / most}%`;
      return el("tr", {}, el("th", { scope: "row", title: label }, label), el("td", {}, el("span", { class: "lm-room" }, fill), n.toLocaleString("en")));
    })));
}

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
    const make = { browse: () => this.lists.browse.panel, inbox: () => this.lists.inbox.panel };
    this.panels = Object.fromEntries(Object.keys(T.tabs).map((name) => [name, el("div", { role: "tabpanel", id: `${this.key}-${name}`, "aria-labelledby": `${this.key}-${name}-tab`, hidden: true }, make[name]?.() ?? "")]));
    this.top.replaceChildren(...Object.entries(T.tabs).map(([name, label]) => button(label, () => this.turn(name), { role: "tab", id: `${this.key}-${name}-tab`, "aria-controls": `${this.key}-${name}` })));
    this.main.replaceChildren(...Object.values(this.panels));
    this.heard = () => { const list = this.lists.browse; if (list.search.value !== this.model.get("text")) { list.search.value = this.model.get("text"); list.typed(); } };
    this.model.on("change:text", this.heard);
    await this.turn("browse");
    await this.refreshNames();
    this.timer = setInterval(() => this.poll(), POLL);
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
  load() {
    if (this.lists[this.tab]) return this.lists[this.tab].load();
    return { stats: () => this.stats(), options: () => this.options(), maintain: () => this.maintain() }[this.tab]();
  }
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
      else { await this.refreshNames(); if (this.tab === "stats") await this.stats(); }
    } catch (error) { this.fail(error); }
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
  async stats() {
    let s;
    try { s = await this.kernel.call("stats"); } catch (error) { return this.fail(error); }
    const label = (value) => this.types.find((t) => t.value === value)?.label ?? value;
    const values = { total: s.total.toLocaleString("en"), bytes: size(s.bytes), file_bytes: size(s.file_bytes), oldest: s.oldest ? when(s.oldest) : "–", newest: s.newest ? when(s.newest) : "–" };
    const c = T.charts;
    this.panels.stats.replaceChildren(
      el("dl", { class: "lm-figures" }, Object.entries(values).map(([k, v]) => el("div", {}, el("dt", {}, T.figures[k]), el("dd", {}, v)))),
      el("div", { class: "lm-charts" }, chart(c.types, T.count, s.types.map(([t, n]) => [label(t), n])), chart(c.months, T.count, s.months),
        chart(c.projects, T.count, s.projects.map(([p, n]) => [p || T.none, n])), chart(c.tags, T.count, s.tags),
        chart(c.states, T.count, s.states.map(([k, n]) => [T.states[k] ?? k, n])), chart(c.most_used, T.uses, s.most_used)));
  }
  async options() {
    try { this.controls(await this.kernel.call("options")); } catch (error) { this.fail(error); }
  }
  controls(all) {
    const held = document.activeElement?.id, keep = this.keep?.checked ?? true;
    this.keep = el("input", { type: "checkbox", checked: keep });
    this.panels.options.replaceChildren(el("label", { class: "lm-check" }, this.keep, T.keep), el("div", { class: "lm-options" }, all.map((o) => this.control(o))));
    if (held) document.getElementById(held)?.focus();
  }
  control(o) {
    const id = `${this.key}-o-${o.name}`;
    const props = { id, "aria-describedby": `${id}-help` };
    const input = o.kind === "switch" ? el("input", { ...props, type: "checkbox", checked: o.value === "on" })
      : o.kind === "choice" ? el("select", props, o.choices.map((c) => option(c, c)))
        : el("input", { ...props, type: o.kind === "number" ? "number" : "text", min: o.min?.toString(), max: o.max?.toString(), step: o.kind === "number" ? (o.step === 1 ? "1" : "any") : undefined });
    if (o.kind !== "switch") input.value = o.value;
    const wrong = el("div", { class: "lm-wrong", role: "alert" });
    const done = (all) => { this.controls(all); this.note(T.set(all.find((each) => each.name === o.name))); if (o.name === "project") this.refreshNames(); };
    input.addEventListener("change", async () => {
      const value = o.kind === "switch" ? (input.checked ? "on" : "off") : input.value;
      try { done(await this.kernel.call("configure", { name: o.name, value, save: this.keep.checked })); }
      catch (error) { wrong.textContent = error.error; input.setAttribute("aria-invalid", "true"); }
    });
    const reset = async () => { try { done(await this.kernel.call("reset", { name: o.name })); } catch (error) { this.fail(error); } };
    return el("div", { class: "lm-option" }, el("label", { for: id }, o.name), el("div", {}, input, el("div", { id: `${id}-help`, class: "lm-sub" }, o.help), wrong),
      el("div", { class: "lm-origin" }, el("span", { class: "lm-sub" }, T.from(o.origin)), ["saved", "%config"].includes(o.origin) && button(T.resetShort, reset, { "aria-label": T.reset(o.name) })));
  }
  maintain() {
    const found = el("div", { "aria-live": "polite" });
    const look = button(T.doctor, async () => {
      look.disabled = true;
      try {
        const all = await this.kernel.call("doctor");
        found.replaceChildren(el("table", { class: "lm-findings" }, el("tbody", {}, all.map((f) => el("tr", {}, el("td", { class: f.ok ? "lm-good" : "lm-wrong" }, f.ok ? `✓ ${T.fine}` : `! ${T.wrong}`), el("th", { scope: "row" }, f.what), el("td", {}, f.detail))))));
      } catch (error) { this.fail(error); }
      look.disabled = false;
    }, { class: "lm-main" });
    this.panels.maintain.replaceChildren(el("p", { class: "lm-sub" }, T.doctorHelp), look, found);
  }
  close() {
    clearInterval(this.timer);
    clearTimeout(this.forget);
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
