// The lab's first page: every move of a slider starts a training run, and every run reads your digit.

import { asAccuracy, count, duration, exact, rounded, scientific, unpack } from "../numbers.js";
import { describeCurve, drawCurve } from "./chart.js";
import { colourScale, drawSigned, pixelName, pointAtPixels, tenFigures, withoutMargins } from "../pixels.js";
import { element } from "../elements.js";
import { ask, sentence } from "../requests.js";
import { DEFAULT_RUN, keepInLinks, query, readUrl, runOf, writeUrl } from "../settings.js";
import { startDigit } from "./digit.js";

const PIXELS = 784;
const at = (id) => document.getElementById(id);
const page = crypto.randomUUID?.() ?? String(Math.random());

// The stops of the sliders: 1 to 100 epochs, and 1 to 60,000 images, which include the article's 1,000.
const EPOCHS = [...Array(10).keys()].map((i) => i + 1).concat([12, 14, 16, 18, 20, 23, 26, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 100]);
const IMAGES = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950, 1000,
  1200, 1500, 1800, 2000, 2500, 3000, 3500, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 12000, 14000, 16000, 18000, 20000, 25000, 30000, 35000,
  40000, 45000, 50000, 55000, 57500, 59000, 60000];
at("epochs").max = EPOCHS.length - 1;
at("images").max = IMAGES.length - 1;
const nearest = (stops, value) => stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);

let values = readUrl();
let run = null;
let weights = null;
let digit = null;
let chart = null;
let secondsPerUpdate = null;

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

function change(changes) {
  values = { ...values, ...changes };
  describeSettings();
  writeUrl(values);
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
    values = { ...values, ...DEFAULT_RUN, ...Object.fromEntries(new URLSearchParams(button.dataset.preset)) };
    showSettings();
    change({});
  });
}

/** Alpha with three digits, so that the URL stays short. */
const shortAlpha = (alpha) => String(Number(alpha.toPrecision(3)).toExponential().replace("e+", "e"));

// Training: at most two requests are sent at a time, and only the newest settings are trained; the server drops older requests, too

let sent = 0;
let shown = 0;
let inFlight = 0;
let changed = false; // since the newest request was sent

async function train() {
  if (inFlight >= 2) {
    changed = true;
    return;
  }
  const serial = ++sent;
  inFlight += 1;
  changed = false;
  at("results").ariaBusy = "true";
  try {
    const answer = await ask(`lab/api/train?${query({ ...runOf(values), page, serial })}`);
    if (serial > shown) {
      shown = serial;
      show(answer);
    }
  } catch (error) {
    if (error.status !== 409 && serial > shown) showFailure(error.message);
  } finally {
    inFlight -= 1;
    if (changed) train();
    else if (inFlight === 0) at("results").ariaBusy = "false";
  }
}

function show(answer) {
  at("results").classList.remove("failed");
  run = answer;
  weights = unpack(answer.weights);
  at("test").textContent = asAccuracy(run.test);
  at("training").textContent = asAccuracy(run.training);
  at("seconds").textContent = duration(run.seconds);
  at("updates").textContent = `${count(updatesMade())} updates`;
  at("limit").textContent = scientific(run.limit);
  at("max-squared-norm").textContent = count(run.max_squared_norm);
  const position = (Math.log10(run.limit) + 10) / 5; // on the slider, 0..1
  at("field-alpha").style.setProperty("--limit", Math.min(1, Math.max(0, position)));
  showArticleSeconds();
  showDivergence();
  showWeights();
  showCurve();
  showConfusion();
  showDigit();
  announce();
  document.documentElement.dataset.answers = shown; // the serial of the answer shown, for tests
}

/** There is no run for these settings: what is shown belongs to others. */
function showFailure(message) {
  run = weights = null;
  for (const name of ["test", "training", "seconds", "article-seconds"]) at(name).textContent = "–";
  at("updates").textContent = "no run";
  at("results").classList.add("failed");
  showDigit();
  showWarning(sentence(message));
}

const updatesMade = () => run.diverged_at ?? run.updates;

function showWarning(text) {
  at("warning").hidden = false;
  at("warning").textContent = text;
}

function showDivergence() {
  at("warning").hidden = true;
  const alpha = Number(values.alpha);
  if (run.diverged_at !== null) {
    showWarning(`With α = ${scientific(alpha)}, the run diverged at update ${count(run.diverged_at)} of ${count(run.updates)}: a weight became infinite or not a number. `
      + `The limit for these images is ${scientific(run.limit)}. Above it, an update corrects by more than twice the error, `
      + "so that the next error is larger. This page shows the weights before the divergence.");
    const link = document.createElement("a");
    link.href = `update/?${query({ ...runOf(values), number: run.diverged_at })}`;
    link.textContent = "Inspect that update.";
    at("warning").append(" ", link);
  } else if (alpha > run.limit) {
    showWarning(`α is above the limit of ${scientific(run.limit)}: on the images with the most ink, an update makes the error larger. `
      + "The weights stayed finite in this run.");
  }
}

function showArticleSeconds() {
  if (secondsPerUpdate === null || run === null) return;
  at("article-seconds").textContent = duration(secondsPerUpdate * updatesMade());
}

const weightFigures = tenFigures(at("weights"), (d) => `The weights of ${d}`);

function showWeights() {
  const largest = colourScale(withoutMargins(weights));
  weightFigures.forEach(({ canvas }, d) => drawSigned(canvas, weights, largest, d * PIXELS));
  at("margin-note").textContent = MARGIN_NOTES[values.start];
}

const MARGIN_NOTES = {
  article: ". The uniform margins are the article’s starting weights: no image has ink there.",
  zeros: "",
  random: ". The noise in the margins is the random starting weights: no image has ink there.",
};

function showCurve() {
  const points = (which) => run.curve.map((point) => [point[0], point[which]]);
  const lines = [{ name: "training", className: "second", points: points(1) }, { name: "test", className: "first", points: points(2) }];
  chart = drawCurve(at("curve"), lines, Math.max(1, run.curve.at(-1)[0]));
  at("curve-caption").textContent = `Test accuracy: ${describeCurve(points(2))}`;
}

at("curve").addEventListener("click", (event) => {
  const updates = chart.updatesAt(event.clientX - at("curve").getBoundingClientRect().left);
  const number = Math.min(updatesMade(), Math.max(1, updates));
  location.href = `update/?${query({ ...runOf(values), number })}`;
});
new ResizeObserver(() => run && showCurve()).observe(at("curve"));

const cells = confusionCells();

function confusionCells() {
  const digits = [...Array(10).keys()];
  const head = element("tr");
  head.append(element("td"), ...digits.map((d) => element("th", { scope: "col" }, d)));
  const table = digits.map((label) => digits.map((read) => element("td", { className: read === label ? "right" : "wrong" })));
  const rows = table.map((row, label) => {
    const line = element("tr");
    line.append(element("th", { scope: "row" }, label), ...row);
    return line;
  });
  at("confusion").replaceChildren(element("caption", { className: "small soft" }, "Rows are the digits written, columns the digits read."), head, ...rows);
  return table;
}

function showConfusion() {
  run.confusion.forEach((row, label) => {
    const all = row.reduce((a, b) => a + b, 0);
    row.forEach((n, read) => {
      cells[label][read].textContent = n || "";
      cells[label][read].style.setProperty("--fraction", (n / all).toFixed(4));
    });
  });
}

let announcing = 0;

/** Announce the result to screen readers once it has not changed for a moment. */
function announce() {
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    at("summary").textContent = `${asAccuracy(run.test)} of the test images right after ${count(updatesMade())} updates. ${at("warning").hidden ? "" : at("warning").textContent}`;
  }, 900);
}

// Your digit

const productFigures = tenFigures(at("products"), (d) => `Pixel times weight of ${d}`);
let products = null;

function showDigit() {
  if (digit === null || weights === null) return clearDigit();
  products = Float64Array.from(weights, (weight, i) => digit.image[i % PIXELS] * weight);
  const scores = [...Array(10).keys()].map((d) => {
    let sum = 0; // from the first pixel to the last, in the order of the network
    for (let p = 0; p < PIXELS; p += 1) sum += products[d * PIXELS + p];
    return sum;
  });
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  const [answer, runnerUp] = order;
  const format = at("exact").checked ? exact : rounded;
  const largest = colourScale(products, 0.98);
  productFigures.forEach(({ figure, canvas, caption }, d) => {
    drawSigned(canvas, products, largest, d * PIXELS);
    caption.replaceChildren(element("b", {}, d), " ", element("span", { className: "score" }, format(scores[d])));
    figure.className = d === answer ? "is-answer" : d === runnerUp ? "is-runner-up" : "";
  });
  const difference = Float64Array.from({ length: PIXELS }, (_, p) => products[answer * PIXELS + p] - products[runnerUp * PIXELS + p]);
  drawSigned(at("runner-up"), difference, colourScale(difference, 0.98));
  at("runner-up-caption").replaceChildren(
    element("span", { className: "swatch for" }), ` evidence for ${answer} `, element("span", { className: "swatch against" }),
    ` evidence for ${runnerUp}, the runner-up; ${answer} leads by ${format(scores[answer] - scores[runnerUp])}`,
  );
  const truth = digit.label === null ? "" : digit.label === answer ? "right" : "wrong";
  at("verdict").replaceChildren("read as ", element("b", {}, answer), ...(truth ? [" ", element("span", { className: truth }, truth)] : []));
  pointer.refresh();
}

/** There is no digit, or no network: show no verdict. */
function clearDigit() {
  products = null;
  at("verdict").textContent = at("runner-up-caption").textContent = "";
  for (const { figure, canvas, caption } of [...productFigures, { figure: at("runner-up").closest("figure"), canvas: at("runner-up") }]) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    figure.classList.remove("is-answer", "is-runner-up");
    caption?.querySelector(".score")?.remove();
  }
  pointer.refresh();
}

const pointer = pointAtPixels(at("products"), (pixel) => {
  if (pixel === null || products === null) {
    at("readout").textContent = "Point at a pixel, or use the arrow keys.";
    return;
  }
  const ink = digit.image[pixel];
  const format = at("exact").checked ? exact : rounded;
  const terms = [...Array(10).keys()].flatMap((d) => {
    const [weight, product] = [weights, products].map((values) => format(values[d * PIXELS + pixel]));
    return [" ", element("span", {}, element("b", {}, d), ` ${ink} × ${weight} = ${product}`)];
  });
  at("readout").replaceChildren(element("span", { className: "soft" }, pixelName(pixel)), ...terms);
});

at("exact").addEventListener("change", showDigit);
const input = startDigit(at("digit"), (newDigit) => {
  digit = newDigit;
  if (newDigit !== null) {
    values = { ...values, digit: newDigit.text };
    writeUrl(values);
    keepInLinks(values);
  }
  showDigit();
});

document.addEventListener("themechange", () => run && (showWeights(), showDigit()));

showSettings();
input.show(values.digit);
const waiting = setTimeout(() => run === null && showWarning("The first run on a machine compiles the training loops. That takes a few seconds, once."), 2000);
await train();
clearTimeout(waiting);
ask("lab/api/machine").then(({ seconds_an_update: seconds }) => {
  secondsPerUpdate = seconds;
  showArticleSeconds();
}).catch(() => { at("article-seconds").textContent = "–"; });
