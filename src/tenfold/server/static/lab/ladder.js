// The ladder: rungs trained live, each with its accuracy curve. Every trained rung reads your digit.

import { drawCurve } from "./chart.js";
import { count, duration, percent } from "./numbers.js";
import { ask, readUrl, updateLinks, writeUrl } from "./settings.js";
import { startDigit } from "./digit.js";

const at = (id) => document.getElementById(id);
const rungs = new Map();
let values = readUrl();
let digit = null;
let training = false;

function addRung({ name, idea }) {
  const item = at("rung").content.cloneNode(true).querySelector("li");
  const find = (selector) => item.querySelector(selector);
  const rung = {
    name, item, points: [], total: 1,
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

function showTrained(rung, result) {
  rung.item.classList.add("trained");
  rung.accuracy.textContent = percent(result.accuracy);
  rung.facts.textContent = `${count(result.parameters)} weights, trained in ${duration(result.seconds)}`;
  rung.button.hidden = true;
}

function showProgress(rung, { done, total, accuracy }) {
  rung.points.push([done, accuracy]);
  rung.total = total;
  rung.accuracy.textContent = percent(accuracy);
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
  rung.button.disabled = true;
  rung.item.classList.add("training");
  rung.error.hidden = true;
  rung.facts.textContent = "starting …";
  try {
    const response = await fetch(`/lab/api/ladder/${encodeURIComponent(rung.name)}`, { method: "POST" });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let chunk = await chunks.read(); !chunk.done; chunk = await chunks.read()) {
      const complete = (rest + chunk.value).split("\n");
      rest = complete.pop();
      for (const line of complete) showLine(rung, JSON.parse(line));
    }
  } catch (error) {
    showError(rung, error.message);
  } finally {
    training = false;
    rung.button.disabled = false;
    rung.item.classList.remove("training");
  }
}

function showLine(rung, line) {
  if (line.error) showError(rung, line.error);
  else if (line.trained) {
    showTrained(rung, line);
    at("summary").textContent = `${rung.name}: ${percent(line.accuracy)}, trained in ${duration(line.seconds)}.`;
  } else showProgress(rung, line);
}

function showError(rung, message) {
  rung.error.hidden = false;
  rung.error.textContent = message;
  rung.facts.textContent = "";
}

async function readDigit() {
  if (digit === null) return;
  const current = digit;
  const { readings } = await ask("/lab/api/ladder/read", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ image: [...digit.image] }),
  });
  if (current !== digit) return;
  for (const [name, { digit: read, runner_up }] of Object.entries(readings)) {
    const rung = rungs.get(name);
    const truth = digit.label === null ? "" : read === digit.label ? "right" : "wrong";
    const answer = Object.assign(document.createElement("b"), { textContent: read, className: truth });
    rung.reading.replaceChildren("reads your digit as ", answer, `; the runner-up is ${runner_up}`);
  }
}

at("all").addEventListener("click", async () => {
  at("all").disabled = true;
  for (const rung of rungs.values()) {
    if (rung.button.hidden) continue;
    await train(rung);
    await readDigit();
  }
  at("all").disabled = false;
});

const { rungs: listed, packaged } = await ask("/lab/api/ladder");
const measured = (await ask("/lab/story/measured.json")).rungs;
for (const each of listed) {
  const rung = addRung(each);
  const before = measured.find(({ name }) => name === each.name);
  if (each.trained) showTrained(rung, each);
  else if (before) rung.accuracy.textContent = percent(before.accuracy);
}
const last = addRung({ name: "packaged", idea: packaged.idea });
last.item.classList.add("trained");
last.accuracy.textContent = percent(packaged.accuracy);
last.facts.textContent = `${count(packaged.parameters)} weights, trained in advance; it reads the digits on the first page`;
last.button.hidden = true;
new ResizeObserver(() => [...rungs.values()].filter((rung) => rung.points.length).forEach(showCurve)).observe(at("rungs"));

const input = startDigit(at("digit"), (newDigit) => {
  digit = newDigit;
  values = { ...values, digit: newDigit.text };
  writeUrl(values);
  updateLinks(values);
  readDigit();
});
await input.show(values.digit);
