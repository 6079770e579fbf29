// Elements of the page. What memories say reaches it as text only: no markup is ever parsed, no image or address loaded.

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
