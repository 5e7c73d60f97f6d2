// One update in detail: every number on this page is exactly the number that training computes.

import { count, exact, percent, rounded, unpack } from "../numbers.js";
import { colourScale, drawInk, drawSigned, pixelName, pointAtPixels, tenFigures, withoutMargins } from "../pixels.js";
import { element } from "../elements.js";
import { ask, sentence } from "../requests.js";
import { keepInLinks, query, readUrl, runOf, writeUrl } from "../settings.js";

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
  at("pixels").ariaBusy = "true";
  while (waiting !== null) {
    const current = waiting;
    waiting = null;
    try {
      const answer = await ask(`lab/api/update?${query({ ...runOf(values), number: current, page, serial: ++serial })}`);
      for (const name of ARRAYS) answer[name] = unpack(answer[name]);
      update = answer;
      number = current;
      at("error").hidden = true;
      show();
    } catch (error) {
      target = number;
      at("error").hidden = false;
      at("error").textContent = sentence(error.message);
      at("number").value = number; // the update shown
      if (at("position").max) at("position").value = number;
    }
  }
  loading = false;
  at("pixels").ariaBusy = "false";
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
  at("image-caption").replaceChildren(
    `Epoch ${epoch}, training image ${count(index)}: a `, element("b", {}, label), ". Before this update it is read as ",
    element("b", { className: read === label ? "right" : "wrong" }, read), ".",
  );
  showSums(read);
  const largest = colourScale(withoutMargins(update.before));
  figures.before.forEach(({ canvas }, d) => drawSigned(canvas, update.before, largest, d * PIXELS));
  figures.after.forEach(({ canvas }, d) => drawSigned(canvas, update.after, largest, d * PIXELS));
  const added = update.weight_changes.map((change) => -change);
  const largestChange = added.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), 0); // an infinite one would hide all others
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
  const head = ["digit", "weighted sum", "target", "delta = sum − target", "error = delta²"];
  const rows = digits.map((d) => {
    const cells = ["sums", "target", "delta", "errors"].map((name) => (name === "target" ? update.target[d] : format(update[name][d])));
    return row(d, cells, d === read ? [" ", element("span", { className: "small soft" }, "read")] : []);
  });
  at("sums").replaceChildren(headRow(head), ...rows);
}

const headRow = (texts) => element("tr", {}, ...texts.map((text) => element("th", { scope: "col" }, text)));

/** A row of a table: what belongs to a digit. */
function row(digit, cells, note = []) {
  const head = element("th", { scope: "row" }, digit, ...note);
  return element("tr", { className: digit === update.label ? "label" : "" }, head, ...cells.map((cell) => element("td", {}, cell)));
}

const pointer = pointAtPixels(at("pixels"), (pixel) => {
  if (update === null) return;
  if (pixel === null) {
    const hint = "Point at a pixel of any image here, or use the arrow keys, to see its value, weight, product and fraction of the sum.";
    at("readout").replaceChildren(element("p", { className: "soft" }, hint));
    return;
  }
  const ink = update.image[pixel];
  const rows = digits.map((d) => {
    const i = d * PIXELS + pixel;
    const product = ink * update.before[i];
    const fraction = update.sums[d] === 0 ? "" : percent(product / update.sums[d], 1).replace("-", "−");
    return row(d, [format(update.before[i]), format(product), fraction, format(update.weight_changes[i]), format(update.after[i])]);
  });
  const head = headRow(["digit", "weight", "× pixel", "of the sum", "change", "after"]);
  at("readout").replaceChildren(
    element("p", {}, `${pixelName(pixel)}: pixel `, element("b", {}, ink)),
    element("div", { className: "scroll" }, element("table", { className: "sums" }, head, ...rows)),
  );
});

at("back").addEventListener("click", () => go(target - 1));
at("next").addEventListener("click", () => go(target + 1));
at("first").addEventListener("click", () => go(1));
at("last").addEventListener("click", () => go(update.updates));
at("position").addEventListener("input", (event) => go(Number(event.target.value)));
at("number").addEventListener("change", (event) => go(Math.round(Number(event.target.value)) || 1));
at("exact").addEventListener("change", () => update && show());
document.addEventListener("themechange", () => update && show());
keepInLinks(values);

await go(number);
if (!update) { // the update does not exist: show the error, and the first update
  const error = at("error").textContent;
  await go(1);
  at("error").hidden = false;
  at("error").textContent = error;
}
if (update) pointer.go(update.image.indexOf(Math.max(...update.image)));
