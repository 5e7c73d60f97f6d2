// How a picture was read: every stage as a small figure, and the evidence for the digit.

import { element } from "./elements.js";
import { hideInside } from "./inside.js";
import { drawSigned } from "./pixels.js";

const STAGES = ["picture", "ink", "strokes", "image"];

const find = (id) => document.getElementById(id);
let last = null; // the explanation shown; it is drawn again when the colours change

document.addEventListener("themechange", () => { if (last) drawEvidence(last); });

const figures = ["picture", "ink", "strokes", "image", "evidence", "runner-up"].map((name) => {
  const figure = document.createElement("figure");
  figure.append(element("div", { className: "tile" }), element("figcaption"));
  figure.id = `stage-${name}`;
  find("figures").append(figure);
  return [name, figure];
});
const figure = Object.fromEntries(figures);
const evidenceFigures = [figure.evidence, figure["runner-up"]];

export function hideStages() {
  find("stages").hidden = true;
  hideInside();
  hideEvidence();
}

/** The stages shown belong to an older drawing. */
export function fadeStages() {
  for (const name of STAGES) figure[name].classList.add("stale");
}

/** Show the stages of a reading; `drawn` is true if the picture was drawn on this page. */
export function showStages({ stages }, drawn) {
  find("stages").hidden = false;
  for (const name of STAGES) figure[name].classList.remove("stale");
  const { size, box } = stages;
  put("picture", stages.picture, ["Picture", ", grayscale and upright"], "", size).classList.toggle("drawn", drawn);
  put("ink", stages.ink, ["Ink", " after background subtraction"], "on-dark", size);
  put("strokes", stages.strokes, ["Strokes", " of the digit"], "on-dark", size, box);
  put("image", stages.image, ["Network input", ": 28 × 28 pixels"], "on-dark pixelated");
}

export function hideEvidence() {
  last = null;
  for (const each of evidenceFigures) each.hidden = true;
}

// The evidence shown belongs to an older drawing.
export function fadeEvidence() {
  for (const each of evidenceFigures) each.classList.add("stale");
}

export function showEvidence(why) {
  last = why;
  for (const each of evidenceFigures) {
    each.hidden = false;
    each.classList.remove("stale");
  }
  const { digit, runner_up } = why;
  figure.evidence.lastChild.replaceChildren(
    element("b", {}, "Evidence"), " ", element("span", { className: "for" }, `for ${digit}`), " and ", element("span", { className: "against" }, "against it"),
  );
  figure["runner-up"].lastChild.replaceChildren(
    element("b", {}, "Evidence"), " ", element("span", { className: "for" }, `for ${digit}`), " and ", element("span", { className: "against" }, `for ${runner_up}`), ", the runner-up",
  );
  drawEvidence(why);
}

function put(name, url, [title, rest], classes, size = [1, 1], box = null) {
  const [tile, figcaption] = figure[name].children;
  if (!tile.firstChild) {
    const picture = element("img", { className: classes, alt: title + rest });
    tile.append(element("div", { className: "fit" }, picture, element("span", { className: "box", hidden: true })));
    figcaption.append(element("b", {}, title), rest);
  }
  const [image, frame] = tile.firstChild.children;
  image.src = url;
  tile.firstChild.style.setProperty("--w", size[0]);
  tile.firstChild.style.setProperty("--h", size[1]);
  if (box === null) return image;
  const [[left, top, width, height], [w, h]] = [box, size];
  const fractions = { left: left / w, top: top / h, width: width / w, height: height / h };
  for (const side in fractions) frame.style[side] = `${100 * fractions[side]}%`;
  frame.hidden = width === 0;
  return image;
}

function drawEvidence({ evidence, evidence_over_runner_up, digit, runner_up }) {
  drawOver("evidence", evidence, `Pixels that are evidence for ${digit}`);
  drawOver("runner-up", evidence_over_runner_up, `Pixels that are evidence for ${digit} over ${runner_up}`);
}

// Values as colours over the network input.
function drawOver(name, rows, label) {
  const tile = figure[name].firstChild;
  if (!tile.firstChild) {
    const under = element("img", { className: "under on-dark pixelated", alt: "" });
    tile.append(element("div", { className: "fit" }, under, element("canvas", { className: "pixelated", role: "img" })));
  }
  tile.querySelector("img").src = figure.image.querySelector("img").src;
  const canvas = tile.querySelector("canvas"), values = rows.flat();
  canvas.ariaLabel = label;
  drawSigned(canvas, values, Math.max(...values.map(Math.abs)) || 1);
}
