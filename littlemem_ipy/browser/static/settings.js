// A control for each setting.

class Settings {
  constructor(app) { Object.assign(this, { app, panel: el("div") }); }
  async load() {
    try { this.controls(await this.app.kernel.call("options")); } catch (error) { this.app.fail(error); }
  }
  controls(all) {
    const held = document.activeElement?.id, keep = this.keep?.checked ?? true;
    this.keep = el("input", { type: "checkbox", checked: keep });
    this.panel.replaceChildren(el("label", { class: "lm-check" }, this.keep, T.keep), el("div", { class: "lm-options" }, all.map((o) => this.control(o))));
    if (held) document.getElementById(held)?.focus();
  }
  control(o) {
    const id = `${this.app.key}-o-${o.name}`;
    const props = { id, "aria-describedby": `${id}-help` };
    const input = o.kind === "switch" ? el("input", { ...props, type: "checkbox", checked: o.value === "on" })
      : o.kind === "choice" ? el("select", props, o.choices.map((c) => option(c, c)))
        : el("input", { ...props, type: o.kind === "number" ? "number" : "text", min: o.min?.toString(), max: o.max?.toString(), step: o.kind === "number" ? (o.step === 1 ? "1" : "any") : undefined });
    if (o.kind !== "switch") input.value = o.value;
    const wrong = el("div", { class: "lm-wrong", role: "alert" });
    const done = (all) => { this.controls(all); this.app.note(T.set(all.find((each) => each.name === o.name))); if (o.name === "project") this.app.refreshNames(); };
    input.addEventListener("change", async () => {
      const value = o.kind === "switch" ? (input.checked ? "on" : "off") : input.value;
      try { done(await this.app.kernel.call("configure", { name: o.name, value, save: this.keep.checked })); }
      catch (error) { wrong.textContent = error.error; input.setAttribute("aria-invalid", "true"); }
    });
    const reset = async () => { try { done(await this.app.kernel.call("reset", { name: o.name })); } catch (error) { this.app.fail(error); } };
    return el("div", { class: "lm-option" }, el("label", { for: id }, o.name), el("div", {}, input, el("div", { id: `${id}-help`, class: "lm-sub" }, o.help), wrong),
      el("div", { class: "lm-origin" }, el("span", { class: "lm-sub" }, T.from(o.origin)), ["saved", "%config"].includes(o.origin) && button(T.resetShort, reset, { "aria-label": T.reset(o.name) })));
  }
}
