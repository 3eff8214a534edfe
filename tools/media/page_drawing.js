// Drawing.
const svg = (tag, parent, attributes, text) => { const e = document.createElementNS("http://www.w3.org/2000/svg", tag); for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v); if (text !== undefined) e.textContent = text; if (parent) parent.append(e); return e; };
const hue = i => "var(--c" + i % 8 + ")";
const percent = v => { const p = 100 * v; return (Math.abs(p - Math.round(p)) < 0.05 ? p.toFixed(0) : p.toFixed(1)) + " %"; };
const short = v => Math.abs(v) >= 1e6 ? +(v / 1e6).toPrecision(4) + "M" : Math.abs(v) >= 1e4 ? +(v / 1e3).toPrecision(4) + "k" : String(+v.toPrecision(6));
const span = (interval, f) => interval && interval[0] !== null ? " [" + f(interval[0]) + ", " + f(interval[1]) + "]" : "";
const titled = name => (name[0].toUpperCase() + name.slice(1)).replace(/_/g, " ");
const base = path => path.replace(/\/+$/, "").split("/").pop();
function ticks(low, high, most) {
  const raw = (high - low) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map(k => k * power).find(s => s >= raw * 0.999);
  const list = []; for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) list.push(+(i * step).toPrecision(12)); return list;
}
function range(values, margin) {
  let low = Infinity, high = -Infinity; for (const v of values) if (v !== null && isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  if (low > high) return [0, 1]; if (low === high) { const d = Math.abs(low) * 0.1 || 1; return [low - d, high + d]; } const m = (margin || 0) * (high - low); return [low - m, high + m];
}
// A plot in `parent`, drawn again when its width changes. x, y: {low, high, name, show}; y.none: no scale.
function chart(parent, height, x, y, draw) {
  const s = svg("svg", parent, { role: "img", "aria-label": (y.name || "") + " over " + (x.name || "") });
  const paint = () => {
    const w = Math.max(220, Math.floor(parent.clientWidth - parseFloat(getComputedStyle(parent).paddingLeft) * 2) || 600), h = typeof height === "function" ? height(w) : height;
    s.setAttribute("viewBox", `0 0 ${w} ${h}`); s.replaceChildren();
    const xshow = x.show || short, yshow = y.show || short, yticks = y.none ? [] : ticks(y.low, y.high, Math.max(3, Math.min(7, h / 36)));
    const l = y.none ? 8 : 12 + 6.4 * Math.max(...yticks.map(t => yshow(t).length), 1) + (y.name ? 16 : 0), r = 14, t = 10, b = x.name ? 38 : 22;
    const X = v => l + (v - x.low) / (x.high - x.low) * (w - l - r), Y = v => h - b - (v - y.low) / (y.high - y.low) * (h - t - b);
    for (const v of yticks) { svg("line", s, { x1: l, x2: w - r, y1: Y(v), y2: Y(v), class: "gridline" }); svg("text", s, { x: l - 6, y: Y(v) + 4, "text-anchor": "end" }, yshow(v)); }
    const xticks = ticks(x.low, x.high, Math.max(2, Math.min(8, (w - l) / 80)));
    for (const v of xticks) { svg("line", s, { x1: X(v), x2: X(v), y1: t, y2: h - b, class: "gridline" }); svg("text", s, { x: X(v), y: h - b + 15, "text-anchor": X(v) > w - 26 ? "end" : "middle" }, xshow(v)); }
    if (x.name) svg("text", s, { x: (l + w - r) / 2, y: h - 5, "text-anchor": "middle" }, x.name);
    if (y.name) svg("text", s, { x: 0, y: 0, "text-anchor": "middle", transform: `translate(11 ${(t + h - b) / 2}) rotate(-90)` }, y.name);
    draw({ s, X, Y, w, h, left: l, right: w - r, top: t, bottom: h - b });
  };
  redraw.push(paint); paint(); return s;
}
function show(text, event) {
  const t = $("tip"); t.textContent = text; t.hidden = false;
  const w = t.offsetWidth, h = t.offsetHeight; t.style.left = Math.max(4, Math.min(innerWidth - w - 4, event.clientX + 14)) + "px"; t.style.top = (event.clientY + h + 24 > innerHeight ? event.clientY - h - 12 : event.clientY + 16) + "px";
}
function tip(element, text) { element.addEventListener("pointermove", e => show(typeof text === "function" ? text(e) : text, e)); element.addEventListener("pointerdown", e => show(typeof text === "function" ? text(e) : text, e)); element.addEventListener("pointerleave", () => { $("tip").hidden = true; }); return element; }
const path = (points, X, Y) => points.filter(p => p[1] !== null && isFinite(p[1])).map((p, i) => (i ? "L" : "M") + X(p[0]).toFixed(1) + " " + Y(p[1]).toFixed(1)).join("");
const band = (x, low, high, X, Y) => path(x.map((v, i) => [v, high[i]]), X, Y) + path(x.map((v, i) => [v, low[i]]).reverse(), X, Y).replace("M", "L") + "Z";
function legend(parent, items, toggle) {
  const box = make("div", parent, undefined, "legend");
  for (const item of items) { const e = make("span", box, undefined, (toggle ? "click" : "") + (item.off ? " off" : "")); make("i", e, undefined, "swatch").style.background = item.colour; make("span", e, item.text); if (toggle) { e.title = "Show or hide"; e.onclick = () => toggle(item); } }
}
// Looks along x: a line, and what every curve is there.
function cursor(p, x, lines) {
  const rule = svg("line", p.s, { y1: p.top, y2: p.bottom, class: "cursor", visibility: "hidden" });
  const hit = svg("rect", p.s, { x: p.left, y: p.top, width: Math.max(1, p.right - p.left), height: p.bottom - p.top, class: "hit" });
  tip(hit, e => { const box = p.s.getBoundingClientRect(), px = (e.clientX - box.left) * p.w / box.width; let best = x[0]; for (const v of x) if (Math.abs(p.X(v) - px) < Math.abs(p.X(best) - px)) best = v; rule.setAttribute("x1", p.X(best)); rule.setAttribute("x2", p.X(best)); rule.setAttribute("visibility", "visible"); return lines(best); });
  hit.addEventListener("pointerleave", () => rule.setAttribute("visibility", "hidden"));
}
// Rows of dots with intervals: [{label, colour, points: [{value, interval, tip}], middle}], one under the other.
function strips(parent, rows, axis, reference) {
  const ROW = 46, whole = rows.flatMap(r => r.points.flatMap(p => [p.value, ...(p.interval || [])]).concat(r.middle ? [r.middle.value, ...(r.middle.interval || [])] : [])).concat(reference ? [reference.value] : []);
  const [low, high] = axis.range || range(whole, 0.06);
  chart(parent, rows.length * ROW + 56, { low, high, name: axis.name, show: axis.show }, { none: true, low: 0, high: 1 }, p => {
    if (reference) { svg("line", p.s, { x1: p.X(reference.value), x2: p.X(reference.value), y1: p.top, y2: p.bottom, class: "reference" }); svg("text", p.s, { x: p.X(reference.value), y: p.bottom - 4, "text-anchor": p.X(reference.value) > p.w * 0.7 ? "end" : "start", dx: p.X(reference.value) > p.w * 0.7 ? -4 : 4 }, reference.text); }
    rows.forEach((row, r) => {
      const y = p.top + r * ROW; svg("text", p.s, { x: p.left + 2, y: y + 12, class: "strong" }, clipped(row.label, (p.w - 20) / 6.6));
      row.points.forEach((point, i) => {
        const at = y + 20 + (row.points.length > 1 ? 18 * i / (row.points.length - 1) : 9), g = svg("g", p.s);
        if (point.interval && point.interval[0] !== null) svg("line", g, { x1: p.X(point.interval[0]), x2: p.X(point.interval[1]), y1: at, y2: at, stroke: row.colour, class: "whisker", opacity: 0.5 });
        svg("circle", g, { cx: p.X(point.value), cy: at, r: 4, fill: row.colour, class: "halo" }); svg("circle", g, { cx: p.X(point.value), cy: at, r: 10, class: "hit" }); tip(g, point.tip);
      });
      if (row.middle) { const x = p.X(row.middle.value), m = y + 29, g = svg("g", p.s); if (row.middle.interval && row.middle.interval[0] !== null) svg("line", g, { x1: p.X(row.middle.interval[0]), x2: p.X(row.middle.interval[1]), y1: m, y2: m, stroke: row.colour, "stroke-width": 5, opacity: 0.35 }); svg("path", g, { d: `M${x} ${m - 8}L${x + 6} ${m}L${x} ${m + 8}L${x - 6} ${m}Z`, fill: row.colour, class: "halo" }); tip(g, row.middle.tip); }
    });
  });
}
const clipped = (text, most) => text.length > most ? text.slice(0, Math.max(4, most - 1)) + "…" : text;
function section(id, title, text) {
  const s = make("section", $("sections")); s.id = id; make("h2", s, title); if (text) make("p", s, text);
  const a = make("a", $("links"), title); a.href = "#" + id; return s;
}
function table(parent, heads, rows) {
  const t = make("table", parent), h = make("tr", make("thead", t)); heads.forEach(([name, number]) => make("th", h, name, number ? "number" : ""));
  const body = make("tbody", t);
  for (const row of rows) { const r = make("tr", body); row.forEach((cell, i) => { const d = make("td", r, typeof cell === "object" && cell ? undefined : cell ?? "", heads[i][1] ? "number" : "label"); if (cell && typeof cell === "object") d.append(...[].concat(cell)); }); }
  return t;
}
const swatch = (colour, text) => { const i = make("i", null, undefined, "swatch"); i.style.background = colour; return [i, document.createTextNode(text)]; };
