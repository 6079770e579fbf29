// The pane beside a list: one memory whole, the form, and what can be done with chosen ones.

class Details {
  // The actions that fit the states of some rows.
  buttons(rows, ids) {
    const are = (...states) => rows.every((row) => states.includes(row.state ?? "active"));
    const pinned = rows.every((row) => row.pinned);
    const names = are("held") ? ["accept", "reject"] : are("deleted") ? ["restore"] : [pinned ? "unpin" : "pin", this.handing(rows, are), are("active") ? "archive" : are("archived", "superseded") && "restore", "delete"];
    return names.filter(Boolean).map((name) => button(T.act[name], () => this.act(name, ids), name === "accept" ? { class: "lm-main" } : {}));
  }
  // In a store with a shared space: what is one's own goes there, what one has shared comes back.
  handing(rows, are) {
    const company = this.app.names.company;
    if (!company || !are("active")) return null;
    if (rows.every((row) => !row.by)) return "share";
    return rows.every((row) => row.by === company.user) ? "unshare" : null;
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
      if (this.open === ids[0] && told.rows.length === 1) this.open = told.rows[0].id;  // shared, it has another id
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
  // Somebody else was quicker: the form again, with what goes together, and both versions where that can't be.
  async meet(d, fields) {
    const met = await this.app.kernel.call("compare", { memory_id: d.id, fields, revision: d.revision });
    this.form(met.now, met);
  }
  theirs(input, { mine, theirs }) {
    const take = (label, text) => button(label, () => { input.value = text; input.focus(); });
    return el("div", { class: "lm-met" }, el("span", { class: "lm-sub" }, T.theirs), el("pre", { class: "lm-code", tabindex: "0", role: "region", "aria-label": T.theirs }, theirs || "–"),
      el("div", { class: "lm-acts" }, take(T.act.theirs, theirs), take(T.act.mine, mine)));
  }
  form(d, met = null) {
    const f = met?.fields ?? d?.fields ?? { title: "", type: "general", tags: "", project: this.app.names.project, content: "", pinned: false };
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
      return el("div", { class: "lm-field" }, el("label", { for: input.id }, T.fields[key]), input, met?.both[key] && this.theirs(input, met.both[key]), notes[key]);
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
      for (const k of Object.keys(fields)) if (d && fields[k] === d.fields[k]) delete fields[k];
      try {
        const told = await this.app.kernel.call(d ? "edit" : "add", d ? { memory_id: d.id, fields, revision: d.revision } : { fields });
        this.told(d ? "edit" : "add", told);
        this.open = told.rows[0].id;
        this.pane.dataset.kind = "detail";
        await this.changed();
        if (this.open) this.focus(this.rows.findIndex((row) => row.id === this.open));
      } catch (error) {
        if (d && error.kind === "RevisionConflict") this.meet(d, fields).catch(refuse);
        else refuse(error);
      }
    };
    const told = met && T.met(Object.keys(met.both).map((key) => T.fields[key]));
    this.fill("form", d?.id ?? "new", el("div", { class: "lm-top" }, el("h4", {}, d ? T.editing : T.adding)), met && el("p", { class: "lm-wrong" }, told),
      el("form", { onsubmit: save, onkeydown: (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) save(e); } }, lines,
        el("label", { class: "lm-check" }, pinned, T.fields.pinned),
        el("datalist", { id: `${name}-projects` }, this.app.names.projects.map((p) => option(p, p))),
        el("div", { class: "lm-acts" }, el("button", { type: "submit", class: "lm-main" }, T.act.save), button(T.act.cancel, () => d ? this.show(d.id, true) : this.shut()))));
    if (met) this.app.say(told);
    inputs.content.focus();
    inputs.content.setSelectionRange(0, 0);
    inputs.content.scrollTop = 0;
  }
}
