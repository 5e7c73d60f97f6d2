// The ladder: rungs trained in front of the reader, each with its curve, and your digit read by all that are trained.

import { drawCurve } from "./chart.js";
import { count, duration, percent } from "./numbers.js";
import { ask, fromUrl, intoUrl, keepInLinks } from "./settings.js";
import { startDigit } from "./digit.js";

const at = (id) => document.getElementById(id);
const rungs = new Map();
let values = fromUrl();
let digit = null;
let climbing = false;

function addRung({ name, idea }) {
  const item = at("rung").content.cloneNode(true).querySelector("li");
  const find = (selector) => item.querySelector(selector);
  const rung = {
    name, item, looks: [], total: 1,
    accuracy: find(".accuracy"), reading: find(".reading"), facts: find(".facts"), button: find("button"), curve: find("svg"), trouble: find(".note"),
  };
  find("h2").textContent = name;
  find(".idea").textContent = idea;
  rung.button.setAttribute("aria-label", `Train: ${name}`);
  rung.button.addEventListener("click", () => climb(rung).then(readDigit));
  rungs.set(name, rung);
  at("path").append(item);
  return rung;
}

function showTrained(rung, step) {
  rung.item.classList.add("trained");
  rung.accuracy.textContent = percent(step.accuracy);
  rung.facts.textContent = `${count(step.parameters)} weights, trained in ${duration(step.seconds)}`;
  rung.button.hidden = true;
}

function showLook(rung, look) {
  rung.looks.push([look.done, look.accuracy]);
  rung.total = look.total;
  rung.accuracy.textContent = percent(look.accuracy);
  rung.facts.textContent = `${Math.round((100 * look.done) / look.total)} % of ${count(look.total)} updates`;
  showCurve(rung);
}

function showCurve(rung) {
  rung.curve.removeAttribute("hidden"); // SVG elements know no .hidden
  drawCurve(rung.curve, [{ name: "", className: "first", points: rung.looks }], rung.total);
}

/** Train one rung; the server sends a line of JSON for every look. */
async function climb(rung) {
  if (climbing) return;
  climbing = true;
  rung.looks = [];
  rung.button.disabled = true;
  rung.item.classList.add("climbing");
  rung.trouble.hidden = true;
  rung.facts.textContent = "begins …";
  try {
    const answer = await fetch(`/lab/api/ladder/${encodeURIComponent(rung.name)}`, { method: "POST" });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const lines = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let part = await lines.read(); !part.done; part = await lines.read()) {
      const whole = (rest + part.value).split("\n");
      rest = whole.pop();
      for (const line of whole) hear(rung, JSON.parse(line));
    }
  } catch (error) {
    fail(rung, error.message);
  } finally {
    climbing = false;
    rung.button.disabled = false;
    rung.item.classList.remove("climbing");
  }
}

function hear(rung, line) {
  if (line.error) fail(rung, line.error);
  else if (line.trained) {
    showTrained(rung, line);
    at("summary").textContent = `${rung.name}: ${percent(line.accuracy)}, trained in ${duration(line.seconds)}.`;
  } else showLook(rung, line);
}

function fail(rung, reason) {
  rung.trouble.hidden = false;
  rung.trouble.textContent = reason;
  rung.facts.textContent = "";
}

async function readDigit() {
  if (digit === null) return;
  const asked = digit;
  const { readings } = await ask("/lab/api/ladder/read", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ image: [...digit.image] }),
  });
  if (asked !== digit) return;
  for (const [name, { digit: read, runner_up }] of Object.entries(readings)) {
    const rung = rungs.get(name);
    const truth = digit.label === null ? "" : read === digit.label ? "right" : "wrong";
    const answer = Object.assign(document.createElement("b"), { textContent: read, className: truth });
    rung.reading.replaceChildren("reads your digit as ", answer, ` before ${runner_up}`);
  }
}

at("all").addEventListener("click", async () => {
  at("all").disabled = true;
  for (const rung of rungs.values()) {
    if (rung.button.hidden) continue;
    await climb(rung);
    await readDigit();
  }
  at("all").disabled = false;
});

const { rungs: listed, packaged } = await ask("/lab/api/ladder");
const measured = (await ask("/lab/story/measured.json")).rungs;
for (const step of listed) {
  const rung = addRung(step);
  const before = measured.find(({ name }) => name === step.name);
  if (step.trained) showTrained(rung, step);
  else if (before) rung.accuracy.textContent = percent(before.accuracy);
}
const last = addRung({ name: "packaged", idea: packaged.idea });
last.item.classList.add("trained");
last.accuracy.textContent = percent(packaged.accuracy);
last.facts.textContent = `${count(packaged.parameters)} weights, trained before; it is what reads on the first page`;
last.button.hidden = true;
new ResizeObserver(() => [...rungs.values()].filter((rung) => rung.looks.length).forEach(showCurve)).observe(at("path"));

const input = startDigit(at("digit"), (given) => {
  digit = given;
  values = { ...values, digit: given.kept };
  intoUrl(values);
  keepInLinks(values);
  readDigit();
});
await input.show(values.digit);
