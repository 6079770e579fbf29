// The figures of the whole store.

class Statistics {
  constructor(app) { Object.assign(this, { app, panel: el("div") }); }
  async load() {
    let s;
    try { s = await this.app.kernel.call("stats"); } catch (error) { return this.app.fail(error); }
    const label = (value) => this.app.types.find((t) => t.value === value)?.label ?? value;
    const values = { total: s.total.toLocaleString("en"), bytes: size(s.bytes), file_bytes: size(s.file_bytes), oldest: s.oldest ? when(s.oldest) : "–", newest: s.newest ? when(s.newest) : "–" };
    const c = T.charts;
    this.panel.replaceChildren(
      el("dl", { class: "lm-figures" }, Object.entries(values).map(([k, v]) => el("div", {}, el("dt", {}, T.figures[k]), el("dd", {}, v)))),
      el("div", { class: "lm-charts" }, chart(c.types, T.count, s.types.map(([t, n]) => [label(t), n])), chart(c.months, T.count, s.months),
        chart(c.projects, T.count, s.projects.map(([p, n]) => [p || T.none, n])), chart(c.tags, T.count, s.tags),
        chart(c.states, T.count, s.states.map(([k, n]) => [T.states[k] ?? k, n])), chart(c.most_used, T.uses, s.most_used)));
  }
}
