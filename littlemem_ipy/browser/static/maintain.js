// What keeps the store in order: check, export, import, back up, clean up, duplicates. Each is a job that shows how far it is and can be stopped.
const WATCH = 250;

class Maintain {
  constructor(app) { Object.assign(this, { app, panel: el("div", { class: "lm-tasks" }), tasks: {}, running: null }); }
  async load() {
    if (this.panel.children.length) return;
    let offers;
    try { offers = await this.app.kernel.call("offers"); } catch (error) { return this.app.fail(error); }
    this.panel.replaceChildren(...Object.keys(T.tasks).map((name) => this.task(name, offers[name] ?? {})));
    if (offers.running) this.watch(offers.running);
  }
  // One job: what it does, its fields, a button for each way to run it, and what came of it.
  task(name, offer) {
    const words = T.tasks[name], id = `${this.app.key}-m-${name}`;
    const inputs = Object.fromEntries((offer.fields ?? []).map((f) => [f.name, this.input(f, `${id}-${f.name}`)]));
    const fields = (offer.fields ?? []).map((f) => f.kind === "switch"
      ? el("label", { class: "lm-check" }, inputs[f.name], words.fields[f.name])
      : el("div", { class: "lm-field" }, el("label", { for: inputs[f.name].id }, words.fields[f.name]), inputs[f.name]));
    const out = el("div", { class: "lm-out" });
    const run = (steps) => () => this.run(name, { ...values(inputs), ...steps });
    const goes = Object.entries(words.go).map(([key, label], n) => button(label, run({ [key]: true }), n === Object.keys(words.go).length - 1 ? { class: "lm-main" } : {}));
    this.tasks[name] = { out, goes };
    return el("section", { class: "lm-task", "aria-labelledby": id }, el("h4", { id }, words.title), el("p", { class: "lm-sub" }, words.help),
      fields.length > 0 && el("div", { class: "lm-row" }, fields), el("div", { class: "lm-acts" }, goes), out);
  }
  input(field, id) {
    if (field.kind === "switch") return el("input", { type: "checkbox", checked: field.value === true });
    if (field.kind === "choice") return el("select", { id }, field.choices.map((c) => option(c, T.choices[c] ?? c)));
    const input = el("input", { type: field.kind === "secret" ? "password" : field.kind === "number" ? "number" : "text", id, min: field.kind === "number" ? "0" : undefined, autocomplete: "off" });
    input.value = field.value ?? "";
    return input;
  }
  async run(name, args) {
    this.hold(true);
    try { await this.app.kernel.call("begin", { name, options: args }); } catch (error) { this.hold(false); return this.told(name, error); }
    this.watch(name);
  }
  // No two jobs at once: the store has one writer, and people one pair of eyes.
  hold(on) { for (const { goes } of Object.values(this.tasks)) for (const go of goes) go.disabled = on; }
  watch(name) {
    this.hold(true);
    const bar = el("progress", { "aria-label": T.tasks[name].title }), count = el("span", { class: "lm-sub" });
    const halt = button(T.act.stop, () => this.app.kernel.call("stop").catch((error) => this.app.fail(error)));
    this.tasks[name].out.replaceChildren(el("div", { class: "lm-progress" }, bar, count, halt));
    const look = async () => {
      let job;
      try { job = await this.app.kernel.call("progress"); } catch (error) { this.hold(false); return this.told(name, error); }
      if (job.state === "running") {
        if (job.total) { bar.max = job.total; bar.value = job.done; }
        count.textContent = job.done ? T.far(job.done, job.total) : "";
        this.timer = setTimeout(look, WATCH);
        return;
      }
      this.hold(false);
      this.told(name, job);
    };
    look();
  }
  // What came of a job: a sentence, a table, pairs side by side, and an undo where there is one.
  told(name, job) {
    const { out } = this.tasks[name], result = job.result ?? {};
    const line = job.error ?? result.summary ?? (job.state === "stopped" ? T.stopped : "");
    this.app.say(line);
    out.replaceChildren(el("div", {},
      el("p", { class: job.error ? "lm-wrong" : "", role: job.error ? "alert" : undefined }, line),
      result.findings && table(["", "", ""], result.findings.map((f) => [f.ok ? `✓ ${T.fine}` : `! ${T.wrong}`, f.what, f.detail]), (row, n) => result.findings[n].ok ? "lm-good" : "lm-wrong"),
      result.rows?.length > 0 && table(result.columns, result.rows),
      result.more > 0 && el("p", { class: "lm-sub" }, T.more(result.more)),
      (result.groups ?? []).map((group) => this.group(name, group))));
    if (job.version && job.changed) this.app.changed(line, job.version);
  }
  // Memories that say the same, side by side; the others can be put out of use behind the one that is kept.
  group(name, group) {
    const keep = (row) => async () => {
      const others = group.filter((other) => other.id !== row.id).map((other) => other.id);
      try {
        const told = await this.app.kernel.call("keep", { memory_id: row.id, others });
        box.remove();
        this.app.changed(T.report(T.done.supersede, told.rows), told.version);
      } catch (error) { this.app.fail(error); }
    };
    const box = el("div", { class: "lm-side", role: "group", "aria-label": T.tasks[name].title }, group.map((row) => el("div", { class: "lm-one" },
      el("strong", {}, row.title), el("p", { class: "lm-sub" }, `${when(row.created).slice(0, 10)} · ${row.project ?? T.none} · ${T.sources[row.source] ?? row.source ?? ""}`),
      el("pre", { tabindex: "0", role: "region", "aria-label": row.title }, row.content), button(T.act.keep, keep(row), { "aria-label": `${T.act.keep}: ${row.title}` }))));
    return box;
  }
  close() { clearTimeout(this.timer); }
}

const values = (inputs) => Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.type === "checkbox" ? input.checked : input.value]));

function table(columns, rows, mark) {
  const named = columns.some(Boolean);
  return el("div", { class: "lm-scroll" }, el("table", { class: "lm-findings" }, named && el("thead", {}, el("tr", {}, columns.map((c) => el("th", { scope: "col" }, c)))),
    el("tbody", {}, rows.map((row, n) => el("tr", {}, row.map((cell, i) => el("td", i === 0 && mark ? { class: mark(row, n) } : {}, cell)))))));
}
