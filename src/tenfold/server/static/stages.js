// How a picture became a digit: every stage as a small figure, and which pixels spoke for what.

const find = (id) => document.getElementById(id);
let last = null; // what was explained, to be drawn again when the colours change

document.addEventListener("themechange", () => { if (last) drawWhy(last); });

const figures = ["picture", "ink", "strokes", "image", "for", "rival"].map((name) => {
  const figure = document.createElement("figure");
  figure.innerHTML = '<div class="tile"></div><figcaption></figcaption>';
  figure.id = `stage-${name}`;
  find("figures").append(figure);
  return [name, figure];
});
const figure = Object.fromEntries(figures);

export function hideStages() {
  find("stages").hidden = true;
  hideWhy();
}

// `drawn`: whether the picture is a drawing on this page.
export function showStages({ stages }, drawn) {
  find("stages").hidden = false;
  const { size, box } = stages;
  put("picture", stages.picture, "<b>The picture</b>, in grey and upright", "", size).classList.toggle("drawn", drawn);
  put("ink", stages.ink, "<b>Its ink</b>, the light evened out", "on-dark", size);
  put("strokes", stages.strokes, "<b>The strokes</b> taken for the digit", "on-dark", size, box);
  put("image", stages.image, "<b>What the network sees</b>: 28 × 28 pixels", "on-dark pixelated");
}

export function hideWhy() {
  last = null;
  figure.for.hidden = figure.rival.hidden = true;
}

// What is shown explains an older drawing.
export function fadeWhy() {
  for (const each of [figure.for, figure.rival]) each.classList.add("stale");
}

export function showWhy(why) {
  last = why;
  for (const each of [figure.for, figure.rival]) {
    each.hidden = false;
    each.classList.remove("stale");
  }
  const { digit, runner_up } = why;
  figure.for.lastChild.innerHTML = `<b>Pixels that spoke</b> <span class="for">for ${digit}</span> and <span class="against">against it</span>`;
  figure.rival.lastChild.innerHTML = `<b>Between two</b>: <span class="for">for ${digit}</span> or <span class="against">for ${runner_up}</span>, the runner-up`;
  drawWhy(why);
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
  const shares = { left: left / w, top: top / h, width: width / w, height: height / h };
  for (const side in shares) frame.style[side] = `${100 * shares[side]}%`;
  frame.hidden = width === 0;
  return image;
}

function fit(tile, [width, height]) {
  tile.firstChild.style.setProperty("--w", width);
  tile.firstChild.style.setProperty("--h", height);
}

function drawWhy({ evidence, evidence_over_runner_up, digit, runner_up }) {
  const [above, below] = ["for", "against"].map((name) => colourOf(figure.for.querySelector(`.${name}`)));
  heat(figure.for.firstChild, evidence, above, below, `Pixels that spoke for the ${digit}`);
  heat(figure.rival.firstChild, evidence_over_runner_up, above, below, `Pixels that spoke for ${digit} rather than ${runner_up}`);
}

// Values as colours over the image that the network saw: the larger, the stronger.
function heat(tile, rows, above, below, label) {
  const most = Math.max(...rows.flat().map(Math.abs)) || 1;
  const pixels = new ImageData(28, 28);
  for (const [i, value] of rows.flat().entries()) {
    pixels.data.set([...(value > 0 ? above : below), Math.round(255 * Math.abs(value) / most)], 4 * i);
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
