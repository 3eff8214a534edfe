"use strict";
window.addEventListener("error", e => { document.body.dataset.error = e.message; });
window.addEventListener("unhandledrejection", e => { document.body.dataset.error = String(e.reason); });
let data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const make = (tag, parent, text, cls) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (cls) e.className = cls; if (parent) parent.append(e); return e; };
const num = v => v === 0 ? "0" : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(1) : String(+v.toPrecision(4));
const many = (n, word) => n.toLocaleString("en") + " " + word + (n === 1 ? "" : "s");
const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer;
// A colour of the style, as it is now.
const ink = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
// What has to be drawn again when there is another width, other colours, or paper.
let redraw = [];
const drawAll = () => redraw.forEach(f => f());
{ let resized = 0, width = window.innerWidth;
  window.addEventListener("resize", () => { if (window.innerWidth === width) return; width = window.innerWidth; clearTimeout(resized); resized = setTimeout(drawAll, 100); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => { document.documentElement.dataset.print = "1"; document.querySelectorAll("details").forEach(d => { d.open = true; }); drawAll(); });
  window.addEventListener("afterprint", () => { delete document.documentElement.dataset.print; drawAll(); });
}
