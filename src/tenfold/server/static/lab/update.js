// One update in detail: every number on this page is exactly the number that training computes.

import { count, exact, percent, rounded, unpack } from "./numbers.js";
import { colourScale, drawInk, drawSigned, pixelName, pointAtPixels, tenFigures, withoutMargins } from "./pictures.js";
import { ask, query, readUrl, runOf, updateLinks, writeUrl } from "./settings.js";

const PIXELS = 784;
const ARRAYS = ["sums", "target", "delta", "errors", "weight_changes", "before", "after"];
const at = (id) => document.getElementById(id);
const page = crypto.randomUUID?.() ?? String(Math.random());
const digits = [...Array(10).keys()];

const values = readUrl();
let number = Math.max(1, Math.round(Number(values.number)) || 1);
let target = number; // the update requested last; `number` is the update shown
let update = null;
let loading = false;
let serial = 0;
let waiting = null;

const figures = {
  before: tenFigures(at("before"), (d) => `Weights of ${d} before`),
  changes: tenFigures(at("changes"), (d) => `Changes subtracted from the weights of ${d}`),
  after: tenFigures(at("after"), (d) => `Weights of ${d} after`),
};
const format = (x) => (at("exact").checked ? exact(x) : rounded(x));

/** Show an update. Of the updates requested while one is loading, only the newest is loaded. */
async function go(to) {
  waiting = target = to;
  if (loading) return;
  loading = true;
  while (waiting !== null) {
    const current = waiting;
    waiting = null;
    try {
      const answer = await ask(`/lab/api/update?${query({ ...runOf(values), number: current, page, serial: ++serial })}`);
      for (const name of ARRAYS) answer[name] = unpack(answer[name]);
      update = answer;
      number = current;
      at("error").hidden = true;
      show();
    } catch (error) {
      target = number;
      at("error").hidden = false;
      at("error").textContent = error.message;
    }
  }
  loading = false;
}

function show() {
  const { updates, epoch, index, label, image } = update;
  writeUrl({ ...values, number });
  at("number").value = number;
  at("number").max = at("position").max = updates;
  at("position").value = number;
  at("updates").textContent = count(updates);
  at("back").disabled = at("first").disabled = number <= 1;
  at("next").disabled = at("last").disabled = number >= updates;
  const read = largestSum();
  const finite = update.after.every(Number.isFinite);
  at("settings").textContent = `α = ${values.alpha}, ${count(Number(values.images))} images × ${values.epochs} epochs, starting from ${values.start === "article" ? "the article’s weights" : values.start === "zeros" ? "zeros" : `random weights, seed ${values.seed}`}`;
  drawInk(at("image"), image);
  at("image-caption").innerHTML = `Epoch ${epoch}, training image ${count(index)}: a <b>${label}</b>. Before this update it is read as <b class="${read === label ? "right" : "wrong"}">${read}</b>.`;
  showSums(read);
  const largest = colourScale(withoutMargins(update.before));
  figures.before.forEach(({ canvas }, d) => drawSigned(canvas, update.before, largest, d * PIXELS));
  figures.after.forEach(({ canvas }, d) => drawSigned(canvas, update.after, largest, d * PIXELS));
  const added = update.weight_changes.map((change) => -change);
  const largestChange = added.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  figures.changes.forEach(({ canvas }, d) => drawSigned(canvas, added, largestChange, d * PIXELS));
  at("after-caption").textContent = finite
    ? `before − change. The largest change is ${format(largestChange)}.`
    : "A weight became infinite or not a number: the run diverged at this update, and later updates mean nothing.";
  at("summary").textContent = `Update ${count(number)}: a ${label}, read as ${read}.`;
  pointer.refresh();
  document.documentElement.dataset.update = number; // for tests
}

function largestSum() {
  return digits.reduce((best, d) => (update.sums[d] > update.sums[best] ? d : best), 0);
}

function showSums(read) {
  const head = ["digit", "weighted sum", "target", "delta = sum − target", "error = delta²"].map((text) => `<th scope="col">${text}</th>`);
  const rows = digits.map((d) => {
    const cells = ["sums", "target", "delta", "errors"].map((name) => `<td>${name === "target" ? update.target[d] : format(update[name][d])}</td>`);
    return `<tr class="${d === update.label ? "label" : ""}"><th scope="row">${d}${d === read ? ' <span class="small soft">read</span>' : ""}</th>${cells.join("")}</tr>`;
  });
  at("sums").innerHTML = `<tr>${head.join("")}</tr>${rows.join("")}`;
}

const pointer = pointAtPixels(at("pixels"), (pixel) => {
  if (update === null) return;
  if (pixel === null) {
    at("readout").innerHTML = '<p class="soft">Point at a pixel of any image here, or use the arrow keys, to see its value, weight, product and fraction of the sum.</p>';
    return;
  }
  const ink = update.image[pixel];
  const rows = digits.map((d) => {
    const i = d * PIXELS + pixel;
    const product = ink * update.before[i];
    const fraction = update.sums[d] === 0 ? "" : percent(product / update.sums[d], 1).replace("-", "−");
    return `<tr class="${d === update.label ? "label" : ""}"><th scope="row">${d}</th><td>${format(update.before[i])}</td><td>${format(product)}</td><td>${fraction}</td><td>${format(update.weight_changes[i])}</td><td>${format(update.after[i])}</td></tr>`;
  });
  const head = ["digit", "weight", "× pixel", "of the sum", "change", "after"].map((text) => `<th scope="col">${text}</th>`);
  at("readout").innerHTML = `<p>${pixelName(pixel)}: pixel <b>${ink}</b></p><div class="scroll"><table class="sums">${`<tr>${head.join("")}</tr>`}${rows.join("")}</table></div>`;
});

at("back").addEventListener("click", () => go(target - 1));
at("next").addEventListener("click", () => go(target + 1));
at("first").addEventListener("click", () => go(1));
at("last").addEventListener("click", () => go(update.updates));
at("position").addEventListener("input", (event) => go(Number(event.target.value)));
at("number").addEventListener("change", (event) => go(Math.round(Number(event.target.value)) || 1));
at("exact").addEventListener("change", () => update && show());
document.addEventListener("themechange", () => update && show());
updateLinks(values);

await go(number);
if (!update) { // the update does not exist: show the error, and the first update
  const error = at("error").textContent;
  await go(1);
  at("error").hidden = false;
  at("error").textContent = error;
}
if (update) pointer.go(update.image.indexOf(Math.max(...update.image)));
