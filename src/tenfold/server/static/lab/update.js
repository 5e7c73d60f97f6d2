// One update taken apart: every number on this page is the number that was computed.

import { count, exact, percent, rounded, unpack } from "./numbers.js";
import { drawInk, drawSigned, inTheMiddle, pixelName, pointAtPixels, strong, tenFigures } from "./pictures.js";
import { ask, fromUrl, intoUrl, keepInLinks, query, runOf } from "./settings.js";

const PIXELS = 784;
const ARRAYS = ["sums", "target", "delta", "errors", "weight_changes", "before", "after"];
const at = (id) => document.getElementById(id);
const page = crypto.randomUUID?.() ?? String(Math.random());
const digits = [...Array(10).keys()];

const values = fromUrl();
let number = Math.max(1, Math.round(Number(values.number)) || 1);
let target = number; // where the reader is going; `number` is what is shown
let update = null;
let asking = false;
let serial = 0;
let wanted = null;

const figures = {
  before: tenFigures(at("before"), (d) => `Weights of ${d} before`),
  changes: tenFigures(at("changes"), (d) => `What is subtracted from the weights of ${d}`),
  after: tenFigures(at("after"), (d) => `Weights of ${d} after`),
};
const write = (x) => (at("exact").checked ? exact(x) : rounded(x));

/** Go to an update; while one is being fetched, only the newest wish is kept. */
async function go(to) {
  wanted = target = to;
  if (asking) return;
  asking = true;
  while (wanted !== null) {
    const mine = wanted;
    wanted = null;
    try {
      const answer = await ask(`/lab/api/update?${query({ ...runOf(values), number: mine, page, serial: ++serial })}`);
      for (const name of ARRAYS) answer[name] = unpack(answer[name]);
      update = answer;
      number = mine;
      at("trouble").hidden = true;
      show();
    } catch (error) {
      target = number;
      at("trouble").hidden = false;
      at("trouble").textContent = error.message;
    }
  }
  asking = false;
}

function show() {
  const { updates, epoch, index, label, image } = update;
  intoUrl({ ...values, number });
  at("number").value = number;
  at("number").max = at("along").max = updates;
  at("along").value = number;
  at("updates").textContent = count(updates);
  at("back").disabled = at("first").disabled = number <= 1;
  at("next").disabled = at("last").disabled = number >= updates;
  const read = largestSum();
  const finite = update.after.every(Number.isFinite);
  at("which").textContent = `α = ${values.alpha}, ${count(Number(values.images))} images × ${values.epochs} epochs, starting from ${values.start === "article" ? "the article’s weights" : values.start === "zeros" ? "zeros" : `random weights, seed ${values.seed}`}`;
  drawInk(at("image"), image);
  at("image-said").innerHTML = `Epoch ${epoch}, training image ${count(index)}: a <b>${label}</b>. Before this update it is read as <b class="${read === label ? "right" : "wrong"}">${read}</b>.`;
  showSums(read);
  const largest = strong(inTheMiddle(update.before));
  figures.before.forEach(({ canvas }, d) => drawSigned(canvas, update.before, largest, d * PIXELS));
  figures.after.forEach(({ canvas }, d) => drawSigned(canvas, update.after, largest, d * PIXELS));
  const gained = update.weight_changes.map((change) => -change);
  const most = gained.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  figures.changes.forEach(({ canvas }, d) => drawSigned(canvas, gained, most, d * PIXELS));
  at("after-said").textContent = finite
    ? `before − change. The largest change is ${write(most)}.`
    : "A weight has left the finite numbers: here the run broke, and no later update has a meaning.";
  at("summary").textContent = `Update ${count(number)}: a ${label}, read as ${read}.`;
  pointer.again();
  document.documentElement.dataset.update = number; // for tests
}

function largestSum() {
  return digits.reduce((best, d) => (update.sums[d] > update.sums[best] ? d : best), 0);
}

function showSums(read) {
  const head = ["digit", "weighted sum", "target", "delta = sum − target", "error = delta²"].map((text) => `<th scope="col">${text}</th>`);
  const rows = digits.map((d) => {
    const cells = ["sums", "target", "delta", "errors"].map((name) => `<td>${name === "target" ? update.target[d] : write(update[name][d])}</td>`);
    return `<tr class="${d === update.label ? "label" : ""}"><th scope="row">${d}${d === read ? ' <span class="small soft">read</span>' : ""}</th>${cells.join("")}</tr>`;
  });
  at("sums").innerHTML = `<tr>${head.join("")}</tr>${rows.join("")}`;
}

const pointer = pointAtPixels(at("pixels"), (pixel) => {
  if (update === null) return;
  if (pixel === null) {
    at("readout").innerHTML = '<p class="soft">Point at a pixel of any image here, or use the arrow keys: its value, weight, product and share of the sum.</p>';
    return;
  }
  const ink = update.image[pixel];
  const rows = digits.map((d) => {
    const i = d * PIXELS + pixel;
    const product = ink * update.before[i];
    const share = update.sums[d] === 0 ? "" : percent(product / update.sums[d], 1).replace("-", "−");
    return `<tr class="${d === update.label ? "label" : ""}"><th scope="row">${d}</th><td>${write(update.before[i])}</td><td>${write(product)}</td><td>${share}</td><td>${write(update.weight_changes[i])}</td><td>${write(update.after[i])}</td></tr>`;
  });
  const head = ["digit", "weight", "× pixel", "of the sum", "loses", "after"].map((text) => `<th scope="col">${text}</th>`);
  at("readout").innerHTML = `<p>${pixelName(pixel)}: pixel <b>${ink}</b></p><div class="scroll"><table class="sums">${`<tr>${head.join("")}</tr>`}${rows.join("")}</table></div>`;
});

at("back").addEventListener("click", () => go(target - 1));
at("next").addEventListener("click", () => go(target + 1));
at("first").addEventListener("click", () => go(1));
at("last").addEventListener("click", () => go(update.updates));
at("along").addEventListener("input", (event) => go(Number(event.target.value)));
at("number").addEventListener("change", (event) => go(Math.round(Number(event.target.value)) || 1));
at("exact").addEventListener("change", () => update && show());
document.addEventListener("themechange", () => update && show());
keepInLinks(values);

await go(number);
if (!update) { // no such update: say why, and show the first
  const reason = at("trouble").textContent;
  await go(1);
  at("trouble").hidden = false;
  at("trouble").textContent = reason;
}
if (update) pointer.go(update.image.indexOf(Math.max(...update.image)));
