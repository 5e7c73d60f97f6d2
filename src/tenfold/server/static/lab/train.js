// The lab's first page: every move of a slider is a training run; your digit is read by each.

import { count, duration, exact, percent, rounded, scientific, unpack } from "./numbers.js";
import { drawCurve, inWords } from "./chart.js";
import { drawSigned, inTheMiddle, pixelName, pointAtPixels, strong, tenFigures } from "./pictures.js";
import { ask, fromUrl, intoUrl, keepInLinks, query, runOf } from "./settings.js";
import { startDigit } from "./digit.js";

const PIXELS = 784;
const at = (id) => document.getElementById(id);
const page = crypto.randomUUID?.() ?? String(Math.random());

// What the sliders for epochs and images pass through: 1 to 100, and 1 to 60,000 with the article's 1,000 among them.
const EPOCHS = [...Array(10).keys()].map((i) => i + 1).concat([12, 14, 16, 18, 20, 23, 26, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 100]);
const IMAGES = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950, 1000,
  1200, 1500, 1800, 2000, 2500, 3000, 3500, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 12000, 14000, 16000, 18000, 20000, 25000, 30000, 35000,
  40000, 45000, 50000, 55000, 57500, 59000, 60000];
at("epochs").max = EPOCHS.length - 1;
at("images").max = IMAGES.length - 1;
const nearest = (steps, value) => steps.reduce((best, step, i) => (Math.abs(step - value) < Math.abs(steps[best] - value) ? i : best), 0);

let values = fromUrl();
let run = null;
let weights = null;
let digit = null;
let chart = null;
let secondsAnUpdate = null;

// The sliders and the settings

function showSettings() {
  at("alpha").value = Math.log10(Number(values.alpha));
  at("epochs").value = nearest(EPOCHS, Number(values.epochs));
  at("images").value = nearest(IMAGES, Number(values.images));
  for (const choice of document.getElementsByName("start")) choice.checked = choice.value === values.start;
  describeSettings();
}

function describeSettings() {
  const alpha = scientific(Number(values.alpha));
  at("alpha-shown").textContent = alpha;
  at("alpha").setAttribute("aria-valuetext", alpha);
  at("epochs-shown").textContent = values.epochs;
  at("epochs").setAttribute("aria-valuetext", `${values.epochs} epochs`);
  at("images-shown").textContent = count(Number(values.images));
  at("images").setAttribute("aria-valuetext", `${values.images} images`);
  at("reseed").hidden = values.start !== "random";
  at("seed-shown").textContent = values.seed;
  keepInLinks(values);
}

function change(part) {
  values = { ...values, ...part };
  describeSettings();
  intoUrl(values);
  train();
}

at("alpha").addEventListener("input", (event) => change({ alpha: shortAlpha(10 ** event.target.value) }));
at("epochs").addEventListener("input", (event) => change({ epochs: String(EPOCHS[event.target.value]) }));
at("images").addEventListener("input", (event) => change({ images: String(IMAGES[event.target.value]) }));
for (const choice of document.getElementsByName("start")) {
  choice.addEventListener("change", () => change({ start: choice.value }));
}
at("reseed").addEventListener("click", () => change({ seed: String(Number(values.seed) + 1) }));
for (const button of document.querySelectorAll("[data-preset]")) {
  button.addEventListener("click", () => {
    const fresh = { alpha: "1e-7", epochs: "5", images: "1000", start: "article", seed: "0" };
    values = { ...values, ...fresh, ...Object.fromEntries(new URLSearchParams(button.dataset.preset)) };
    showSettings();
    change({});
  });
}

/** Three digits are enough, and make a short address. */
const shortAlpha = (alpha) => String(Number(alpha.toPrecision(3)).toExponential().replace("e+", "e"));

// Training: one request runs, one waits, and what a newer move has made stale is dropped, here and by the server

let sent = 0;
let shown = 0;
let outstanding = 0;
let again = false;

async function train() {
  if (outstanding >= 2) {
    again = true;
    return;
  }
  const mine = ++sent;
  outstanding += 1;
  again = false;
  try {
    const answer = await ask(`/lab/api/train?${query({ ...runOf(values), page, serial: mine })}`);
    if (mine > shown) {
      shown = mine;
      show(answer);
    }
  } catch (error) {
    if (error.status !== 409 && mine > shown) say(error.message);
  } finally {
    outstanding -= 1;
    if (again) train();
  }
}

function show(answer) {
  run = answer;
  weights = unpack(answer.weights);
  at("test").textContent = percent(run.test);
  at("training").textContent = percent(run.training);
  at("seconds").textContent = duration(run.seconds);
  const made = run.diverged_at ?? run.updates;
  at("updates").textContent = `${count(made)} updates`;
  at("limit").textContent = scientific(run.limit);
  at("longest").textContent = count(run.max_squared_norm);
  const place = (Math.log10(run.limit) + 10) / 5;
  at("field-alpha").style.setProperty("--limit", Math.min(1, Math.max(0, place)));
  showLonghand();
  showTrouble();
  showWeights();
  showCurve();
  showConfusion();
  showDigit();
  tellSlowly();
  document.documentElement.dataset.answers = shown; // the number of the answer on the page, for tests
}

function say(text) {
  at("broke").hidden = false;
  at("broke").textContent = text;
}

function showTrouble() {
  at("broke").hidden = true;
  const alpha = Number(values.alpha);
  if (run.diverged_at !== null) {
    say(`With α = ${scientific(alpha)} a weight left the finite numbers at update ${count(run.diverged_at)} of ${count(run.updates)}. `
      + `The limit for these images is ${scientific(run.limit)}: beyond it an update corrects by more than twice the error, `
      + "and the next has a larger one to correct. Shown is what was there just before.");
    const link = document.createElement("a");
    link.href = `/lab/update/?${query({ ...runOf(values), number: run.diverged_at })}`;
    link.textContent = "Look at that update.";
    at("broke").append(" ", link);
  } else if (alpha > run.limit) {
    say(`α is above the limit of ${scientific(run.limit)}: on the images with most ink an update overshoots by more than it corrects. `
      + "The weights stayed finite this time.");
  }
}

function showLonghand() {
  if (secondsAnUpdate === null || run === null) return;
  at("longhand").textContent = duration(secondsAnUpdate * (run.diverged_at ?? run.updates));
}

const weightFigures = tenFigures(at("weights"), (d) => `The weights of ${d}`);

function showWeights() {
  const largest = strong(inTheMiddle(weights));
  weightFigures.forEach(({ canvas }, d) => drawSigned(canvas, weights, largest, d * PIXELS));
  at("even").textContent = EVEN[values.start];
}

const EVEN = { article: ". The even margins are the article’s starting weights: no ink ever falls there.", zeros: "", random: ". The grain in the margins is the random start: no ink ever falls there." };

function showCurve() {
  const points = (which) => run.curve.map((point) => [point[0], point[which]]);
  const lines = [{ name: "training", className: "second", points: points(1) }, { name: "test", className: "first", points: points(2) }];
  chart = drawCurve(at("curve"), lines, Math.max(1, run.curve.at(-1)[0]));
  at("curve-said").textContent = `Test accuracy: ${inWords(points(2))}`;
}

at("curve").addEventListener("click", (event) => {
  const updates = chart.updatesAt(event.clientX - at("curve").getBoundingClientRect().left);
  const number = Math.min(run.diverged_at ?? run.updates, Math.max(1, updates));
  location.href = `/lab/update/?${query({ ...runOf(values), number })}`;
});
new ResizeObserver(() => run && showCurve()).observe(at("curve"));

const cells = confusionCells();

function confusionCells() {
  const made = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);
  const digits = [...Array(10).keys()];
  const head = made("tr", "");
  head.append(made("td", ""), ...digits.map((d) => made("th", d, { scope: "col" })));
  const table = digits.map((written) => digits.map((read) => made("td", "", { className: read === written ? "right" : "wrong" })));
  const rows = table.map((row, written) => {
    const line = made("tr", "");
    line.append(made("th", written, { scope: "row" }), ...row);
    return line;
  });
  at("confusion").replaceChildren(made("caption", "A row is the digit written, a column the digit read.", { className: "small soft" }), head, ...rows);
  return table;
}

function showConfusion() {
  run.confusion.forEach((row, written) => {
    const all = row.reduce((a, b) => a + b, 0);
    row.forEach((n, read) => {
      cells[written][read].textContent = n || "";
      cells[written][read].style.setProperty("--share", (n / all).toFixed(4));
    });
  });
}

let telling = 0;
function tellSlowly() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    at("summary").textContent = `${percent(run.test)} of the test images right after ${count(run.diverged_at ?? run.updates)} updates. ${at("broke").hidden ? "" : at("broke").textContent}`;
  }, 900);
}

// Your digit

const productFigures = tenFigures(at("products"), (d) => `Pixel times weight of ${d}`);
let products = null;

function showDigit() {
  if (digit === null || weights === null) return;
  products = Float64Array.from(weights, (weight, i) => digit.image[i % PIXELS] * weight);
  const scores = [...Array(10).keys()].map((d) => {
    let sum = 0; // from the first pixel to the last, as the network adds
    for (let p = 0; p < PIXELS; p += 1) sum += products[d * PIXELS + p];
    return sum;
  });
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  const [answer, rival] = order;
  const write = at("exact").checked ? exact : rounded;
  const largest = strong(products, 0.98);
  productFigures.forEach(({ figure, canvas, caption }, d) => {
    drawSigned(canvas, products, largest, d * PIXELS);
    caption.innerHTML = `<b>${d}</b> <span class="score">${write(scores[d])}</span>`;
    figure.className = d === answer ? "is-answer" : d === rival ? "is-rival" : "";
  });
  const against = Float64Array.from({ length: PIXELS }, (_, p) => products[answer * PIXELS + p] - products[rival * PIXELS + p]);
  drawSigned(at("rivalry"), against, strong(against, 0.98));
  at("rivalry-said").innerHTML = `<span class="key for"></span> for the ${answer} rather than the ${rival} <span class="key against"></span> the other way round; ${answer} is ahead by ${write(scores[answer] - scores[rival])}`;
  const truth = digit.label === null ? "" : digit.label === answer ? "right" : "wrong";
  at("verdict").innerHTML = `read as <b>${answer}</b>${truth && ` <span class="${truth}">${truth}</span>`}`;
  pointer.again();
}

const pointer = pointAtPixels(at("products"), (pixel) => {
  if (pixel === null || products === null) {
    at("readout").textContent = "Point at a pixel, or use the arrow keys.";
    return;
  }
  const ink = digit.image[pixel];
  const write = at("exact").checked ? exact : rounded;
  const terms = [...Array(10).keys()].map((d) => `<span><b>${d}</b> ${ink} × ${write(weights[d * PIXELS + pixel])} = ${write(products[d * PIXELS + pixel])}</span>`);
  at("readout").innerHTML = `<span class="soft">${pixelName(pixel)}</span> ${terms.join(" ")}`;
});

at("exact").addEventListener("change", showDigit);
const input = startDigit(at("digit"), (given) => {
  digit = given;
  values = { ...values, digit: given.kept };
  intoUrl(values);
  showDigit();
});

document.addEventListener("themechange", () => run && (showWeights(), showDigit()));

showSettings();
input.show(values.digit);
const waiting = setTimeout(() => say("The first run on a machine compiles its loops. That takes some seconds, once."), 2000);
await train();
clearTimeout(waiting);
secondsAnUpdate = (await ask("/lab/api/machine")).seconds_an_update;
showLonghand();
