// A curve of accuracy over updates, drawn as SVG: lines with their names at the end, a place to point at.

import { count, percent } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const EDGE = { top: 10, bottom: 26, left: 44 };
const NAMES = 72; // pixels at the right for the names of lines

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * Draw into an <svg>.
 *
 * @param svg the element; its size on the page decides how the curve is laid out.
 * @param lines [{name, className, points: [[updates, share], ...]}], the most important last.
 * @param total updates at the right edge.
 * @param unit what is counted along the bottom.
 */
export function drawCurve(svg, lines, total, unit = "updates") {
  const width = svg.clientWidth || 600;
  const height = svg.clientHeight || 220;
  const right = lines.some(({ name }) => name) ? NAMES : 12;
  const x = (updates) => EDGE.left + ((width - EDGE.left - right) * updates) / total;
  const y = (share) => EDGE.top + (height - EDGE.top - EDGE.bottom) * (1 - share);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const parts = [];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(element("line", { x1: EDGE.left, x2: width - right, y1: y(share), y2: y(share), class: "grid" }));
    parts.push(element("text", { x: EDGE.left - 8, y: y(share) + 4, "text-anchor": "end" }, `${100 * share} %`));
  }
  parts.push(element("text", { x: EDGE.left, y: height - 6 }, "0"));
  parts.push(element("text", { x: width - right, y: height - 6, "text-anchor": "end" }, `${count(total)} ${unit}`));
  const ends = [];
  for (const { name, className, points } of lines) {
    if (points.length === 0) continue;
    const path = points.map(([updates, share], i) => `${i ? "L" : "M"}${x(updates).toFixed(1)} ${y(share).toFixed(1)}`);
    parts.push(element("path", { d: path.join(""), class: `line ${className}` }));
    const [updates, share] = points.at(-1);
    parts.push(element("circle", { cx: x(updates), cy: y(share), r: 3, class: `dot ${className}` }));
    ends.push({ name, className, x: x(updates) + 9, y: y(share) + 4 });
  }
  ends.sort((a, b) => a.y - b.y).forEach((end, i) => {
    if (i > 0) end.y = Math.max(end.y, ends[i - 1].y + 15);
    parts.push(element("text", { x: end.x, y: end.y, class: `name ${end.className}` }, end.name));
  });
  svg.replaceChildren(...parts);
  return { updatesAt: (pixels) => Math.round((total * (pixels - EDGE.left)) / (width - EDGE.left - right)), x, y };
}

/** What a curve says, in words, for those who do not see it. */
export function inWords(points) {
  const best = points.reduce((a, b) => (b[1] > a[1] ? b : a));
  const [first, last] = [points[0], points.at(-1)];
  return `From ${percent(first[1])} before the first update to ${percent(last[1])} after ${count(last[0])}; `
    + `the highest of ${points.length} looks was ${percent(best[1])} after ${count(best[0])}.`;
}
