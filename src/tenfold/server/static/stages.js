// How a picture was read: every stage as a small figure, and the evidence for the digit.

const find = (id) => document.getElementById(id);
let last = null; // the explanation shown; it is drawn again when the colours change

document.addEventListener("themechange", () => { if (last) drawEvidence(last); });

const figures = ["picture", "ink", "strokes", "image", "evidence", "runner-up"].map((name) => {
  const figure = document.createElement("figure");
  figure.innerHTML = '<div class="tile"></div><figcaption></figcaption>';
  figure.id = `stage-${name}`;
  find("figures").append(figure);
  return [name, figure];
});
const figure = Object.fromEntries(figures);
const evidenceFigures = [figure.evidence, figure["runner-up"]];

export function hideStages() {
  find("stages").hidden = true;
  hideEvidence();
}

// `drawn`: true if the picture was drawn on this page.
export function showStages({ stages }, drawn) {
  find("stages").hidden = false;
  const { size, box } = stages;
  put("picture", stages.picture, "<b>Picture</b>, grayscale and upright", "", size).classList.toggle("drawn", drawn);
  put("ink", stages.ink, "<b>Ink</b> after background subtraction", "on-dark", size);
  put("strokes", stages.strokes, "<b>Strokes</b> of the digit", "on-dark", size, box);
  put("image", stages.image, "<b>Network input</b>: 28 × 28 pixels", "on-dark pixelated");
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
  figure.evidence.lastChild.innerHTML = `<b>Evidence</b> <span class="for">for ${digit}</span> and <span class="against">against it</span>`;
  figure["runner-up"].lastChild.innerHTML = `<b>Evidence</b> <span class="for">for ${digit}</span> and <span class="against">for ${runner_up}</span>, the runner-up`;
  drawEvidence(why);
}

function put(name, url, caption, classes, size = [1, 1], box = null) {
  const [tile, figcaption] = figure[name].children;
  if (!tile.firstChild) {
    tile.innerHTML = `<div class="fit"><img class="${classes}" alt=""><span class="box" hidden></span></div>`;
    figcaption.innerHTML = caption;
    tile.querySelector("img").alt = figcaption.textContent;
  }
  const [image, frame] = tile.firstChild.children;
  image.src = url;
  fit(tile, size);
  if (box === null) return image;
  const [[left, top, width, height], [w, h]] = [box, size];
  const fractions = { left: left / w, top: top / h, width: width / w, height: height / h };
  for (const side in fractions) frame.style[side] = `${100 * fractions[side]}%`;
  frame.hidden = width === 0;
  return image;
}

function fit(tile, [width, height]) {
  tile.firstChild.style.setProperty("--w", width);
  tile.firstChild.style.setProperty("--h", height);
}

function drawEvidence({ evidence, evidence_over_runner_up, digit, runner_up }) {
  const [above, below] = ["for", "against"].map((name) => colourOf(figure.evidence.querySelector(`.${name}`)));
  drawHeatMap(figure.evidence.firstChild, evidence, above, below, `Pixels that are evidence for ${digit}`);
  drawHeatMap(figure["runner-up"].firstChild, evidence_over_runner_up, above, below, `Pixels that are evidence for ${digit} over ${runner_up}`);
}

// Values as colours over the network input: the larger a value, the stronger its colour.
function drawHeatMap(tile, rows, above, below, label) {
  const largest = Math.max(...rows.flat().map(Math.abs)) || 1;
  const pixels = new ImageData(28, 28);
  for (const [i, value] of rows.flat().entries()) {
    pixels.data.set([...(value > 0 ? above : below), Math.round(255 * Math.abs(value) / largest)], 4 * i);
  }
  if (!tile.firstChild) {
    tile.innerHTML = '<div class="fit"><img class="under on-dark pixelated" alt=""><canvas class="pixelated" role="img" width="28" height="28"></canvas></div>';
  }
  tile.querySelector("img").src = figure.image.querySelector("img").src;
  const canvas = tile.querySelector("canvas");
  canvas.ariaLabel = label;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

function colourOf(element) {
  return getComputedStyle(element).color.match(/[\d.]+/g).slice(0, 3).map(Number);
}
