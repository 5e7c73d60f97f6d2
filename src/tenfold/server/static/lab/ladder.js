// The ladder: rungs trained live, each with its accuracy curve. Every trained rung reads your digit.

import { drawCurve } from "./chart.js";
import { asAccuracy, count, duration } from "../numbers.js";
import { element } from "../elements.js";
import { showErrors } from "./error_chart.js";
import { address, ask, isAborted, sentence } from "../requests.js";
import { keepInLinks, readUrl, writeUrl } from "../settings.js";
import { startDigit } from "./digit.js";

const at = (id) => document.getElementById(id);
const rungs = new Map();
let values = readUrl();
let digit = null;
let training = false;
let asking = new AbortController();

function addRung({ name, idea }) {
  const item = at("rung").content.cloneNode(true).querySelector("li");
  const find = (selector) => item.querySelector(selector);
  const rung = {
    name, item, points: [], total: 1, value: null, answer: null,
    accuracy: find(".accuracy"), reading: find(".reading"), facts: find(".facts"), button: find("button"), curve: find("svg"), error: find(".note"),
  };
  find("h2").textContent = name;
  find(".idea").textContent = idea;
  rung.button.setAttribute("aria-label", `Train: ${name}`);
  rung.button.addEventListener("click", () => train(rung).then(readDigit));
  rungs.set(name, rung);
  at("rungs").append(item);
  return rung;
}

/** The accuracy 0..1 of a rung, from the last evaluation. */
function showAccuracy(rung, accuracy) {
  rung.value = accuracy;
  rung.accuracy.textContent = asAccuracy(accuracy);
  showChart();
}

function showChart() {
  showErrors(at("errors"), [...rungs.values()].map(({ name, value, answer, item }) => ({
    name, accuracy: value, answer, trained: item.classList.contains("trained"),
  })));
}

function showTrained(rung, result) {
  rung.item.classList.add("trained");
  showAccuracy(rung, result.accuracy);
  rung.facts.textContent = `${count(result.parameters)} weights, trained in ${duration(result.seconds)}`;
  rung.button.hidden = true;
}

function showProgress(rung, { done, total, accuracy }) {
  rung.points.push([done, accuracy]);
  rung.total = total;
  showAccuracy(rung, accuracy);
  rung.facts.textContent = `${Math.round((100 * done) / total)} % of ${count(total)} updates`;
  showCurve(rung);
}

function showCurve(rung) {
  rung.curve.removeAttribute("hidden"); // SVG elements have no .hidden
  drawCurve(rung.curve, [{ name: "", className: "first", points: rung.points }], rung.total);
}

/** Train one rung; the server sends a line of JSON for every evaluation, then one for the result. */
async function train(rung) {
  if (training) return;
  training = true;
  rung.points = [];
  for (const each of rungs.values()) each.button.disabled = true;
  at("all").disabled = true;
  rung.item.classList.add("training");
  rung.error.hidden = true;
  rung.facts.textContent = "starting …";
  let ended = false;
  try {
    const response = await fetch(address(`lab/api/ladder/${encodeURIComponent(rung.name)}`), { method: "POST" });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let chunk = await chunks.read(); !chunk.done; chunk = await chunks.read()) {
      const complete = (rest + chunk.value).split("\n");
      rest = complete.pop();
      for (const line of complete) ended = showLine(rung, JSON.parse(line)) || ended;
    }
    if (!ended) throw new TypeError();
  } catch (error) {
    showError(rung, error instanceof TypeError ? "The server does not answer. Is it still running?" : error.message);
  } finally {
    training = false;
    for (const each of rungs.values()) each.button.disabled = false;
    at("all").disabled = false;
    rung.item.classList.remove("training");
  }
}

/** Show a line of the answer; returns true if it is the last one. */
function showLine(rung, line) {
  if (line.error) showError(rung, line.error);
  else if (line.trained) {
    showTrained(rung, line);
    at("summary").textContent = `${rung.name}: ${asAccuracy(line.accuracy)}, trained in ${duration(line.seconds)}.`;
  } else showProgress(rung, line);
  return Boolean(line.error || line.trained);
}

function showError(rung, message) {
  rung.error.hidden = false;
  rung.error.textContent = sentence(message);
  rung.facts.textContent = "";
}

/** Let every trained rung read the digit; what they said of another digit is removed at once. */
async function readDigit() {
  const current = digit;
  asking.abort();
  asking = new AbortController();
  if (current === null) return clearReadings();
  try {
    const body = JSON.stringify({ image: [...current.image] });
    const { readings } = await ask("lab/api/ladder/read", { body, type: "application/json", signal: asking.signal });
    if (current !== digit) return undefined;
    for (const [name, { digit: read, runner_up }] of Object.entries(readings)) {
      const truth = current.label === null ? "" : read === current.label ? "right" : "wrong";
      const answer = element("b", { className: truth }, read);
      rungs.get(name).reading.replaceChildren("reads your digit as ", answer, `; the runner-up is ${runner_up}`);
      rungs.get(name).answer = { digit: read, runnerUp: runner_up, className: truth };
    }
    showChart();
    at("problem").hidden = true;
  } catch (error) {
    if (isAborted(error)) return undefined;
    clearReadings();
    at("problem").hidden = false;
    at("problem").textContent = error.message;
  }
  return undefined;
}

function clearReadings() {
  for (const rung of rungs.values()) {
    rung.reading.replaceChildren();
    rung.answer = null;
  }
  showChart();
}

at("all").addEventListener("click", async () => {
  for (const rung of rungs.values()) {
    if (rung.button.hidden) continue;
    await train(rung);
    if (!rung.error.hidden) return; // the next would fail in the same way
    await readDigit();
  }
});

const [{ rungs: listed, packaged }, { rungs: measured }] = await Promise.all([ask("lab/api/ladder"), ask("lab/story/measured.json")])
  .catch((error) => {
    at("problem").hidden = false;
    at("problem").textContent = error.message;
    throw error;
  });
for (const each of listed) {
  const rung = addRung(each);
  const before = measured.find(({ name }) => name === each.name);
  if (each.trained) showTrained(rung, each);
  else if (before) showAccuracy(rung, before.accuracy);
}
const last = addRung({ name: "packaged", idea: packaged.idea });
last.item.classList.add("trained");
showAccuracy(last, packaged.accuracy);
last.facts.textContent = `${count(packaged.parameters)} weights, trained in advance; it reads the digits on the first page`;
last.button.hidden = true;
new ResizeObserver(() => [...rungs.values()].filter((rung) => rung.points.length).forEach(showCurve)).observe(at("rungs"));

const input = startDigit(at("digit"), (newDigit) => {
  const changed = digit !== null;
  digit = newDigit;
  if (newDigit === null && changed) clearReadings();
  if (newDigit !== null) {
    values = { ...values, digit: newDigit.text };
    writeUrl(values);
    keepInLinks(values);
  }
  readDigit();
});
keepInLinks(values);
await input.show(values.digit);
