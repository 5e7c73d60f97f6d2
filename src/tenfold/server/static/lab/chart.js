// A chart of accuracy over updates, drawn as SVG: lines with their names at the end.

import { asAccuracy, count } from "../numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 10, bottom: 26, left: 44 };
const NAME_WIDTH = 72; // pixels at the right for the names of lines

function element(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

/**
 * Draw the chart into an <svg>. Returns the scales x and y, and updatesAt, the inverse of x.
 *
 * @param svg the element; the chart has its size on the page.
 * @param lines [{name, className, points: [[updates, accuracy], ...]}]; later lines are drawn on top.
 * @param total the number of updates at the right end of the axis.
 * @param unit the unit of the horizontal axis.
 */
export function drawCurve(svg, lines, total, unit = "updates") {
  const width = svg.clientWidth || 600;
  const height = svg.clientHeight || 220;
  const right = lines.some(({ name }) => name) ? NAME_WIDTH : 12;
  const x = (updates) => MARGIN.left + ((width - MARGIN.left - right) * updates) / total;
  const { from, to, step } = scaleOf(lines.flatMap(({ points }) => points.map(([, accuracy]) => accuracy)));
  const y = (accuracy) => MARGIN.top + (height - MARGIN.top - MARGIN.bottom) * (1 - (Math.max(from, accuracy) - from) / (to - from));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const parts = [];
  for (let i = 0; i <= Math.round((to - from) / step); i += 1) {
    const accuracy = from + i * step;
    parts.push(element("line", { x1: MARGIN.left, x2: width - right, y1: y(accuracy), y2: y(accuracy), class: "grid" }));
    parts.push(element("text", { x: MARGIN.left - 8, y: y(accuracy) + 4, "text-anchor": "end" }, `${Number((100 * accuracy).toFixed(1))} %`));
  }
  parts.push(element("text", { x: MARGIN.left, y: height - 6 }, "0"));
  parts.push(element("text", { x: width - right, y: height - 6, "text-anchor": "end" }, `${count(total)} ${unit}`));
  const ends = [];
  for (const { name, className, points } of lines) {
    if (points.length === 0) continue;
    const path = points.map(([updates, accuracy], i) => `${i ? "L" : "M"}${x(updates).toFixed(1)} ${y(accuracy).toFixed(1)}`);
    parts.push(element("path", { d: path.join(""), class: `line ${className}` }));
    const [updates, accuracy] = points.at(-1);
    parts.push(element("circle", { cx: x(updates), cy: y(accuracy), r: 3, class: `dot ${className}` }));
    ends.push({ name, className, x: x(updates) + 9, y: y(accuracy) + 4 });
  }
  ends.sort((a, b) => a.y - b.y).forEach((end, i) => {
    if (i > 0) end.y = Math.max(end.y, ends[i - 1].y + 15);
    parts.push(element("text", { x: end.x, y: end.y, class: `name ${end.className}` }, end.name));
  });
  svg.replaceChildren(...parts);
  return { updatesAt: (pixels) => Math.round((total * (pixels - MARGIN.left)) / (width - MARGIN.left - right)), x, y };
}

/** The part of 0..1 on which the later nine tenths of the values differ visibly, and the distance of its lines. */
function scaleOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor(sorted.length / 10)] ?? 0, high = sorted.at(-1) ?? 1;
  for (const step of [0.005, 0.01, 0.02, 0.05, 0.1]) {
    const from = Math.floor(low / step + 1e-9) * step, to = Math.min(1, Math.ceil(high / step - 1e-9) * step);
    if (to - from <= 4.001 * step) return { from, to: Math.max(to, from + step), step };
  }
  return { from: 0, to: 1, step: 0.25 };
}

/** A curve in words, for screen readers. */
export function describeCurve(points) {
  const best = points.reduce((a, b) => (b[1] > a[1] ? b : a));
  const [first, last] = [points[0], points.at(-1)];
  return `From ${asAccuracy(first[1])} before the first update to ${asAccuracy(last[1])} after ${count(last[0])}; `
    + `the highest of ${points.length} evaluations was ${asAccuracy(best[1])} after ${count(best[0])}.`;
}
