// Corrections on the page to draw on: the strip, Teach, what it won and what else it changed, and this digit before and after.

import { CorrectionsError, add, asPixels, asText, corrections, exported, importFrom, remove, removeAll } from "./corrections.js";
import { element } from "./elements.js";
import { count, percent } from "./numbers.js";
import { drawInk } from "./pixels.js";
import { ask, isAborted } from "./requests.js";
import { download } from "./downloads.js";

const KEPT = "tenfold.taught"; // the answer of the server to the last Teach that was kept
const JSON_TYPE = "application/json";

const find = (id) => document.getElementById(id);
let taught = restored(); // the answer of /v1/teach, or null
let current = null; // the image on the paper in base64, or null
let asking = new AbortController();

document.addEventListener("themechange", showAll);

/** The digit on the paper is `digit`: keep it. `pixels` are the 784 of the image that was read as `read`. */
export function correct(pixels, read, digit) {
  attempt(() => {
    add({ image: asText(pixels), digit, read });
    say(read === digit ? `Kept: it is a ${digit}.` : `Kept: it is a ${digit}, not ${read === null ? "rejected" : `a ${read}`}.`);
  });
}

/** The image on the paper has been read, or there is none: what the taught network says of it. */
export async function judge(pixels) {
  asking.abort();
  asking = new AbortController();
  current = pixels && asText(pixels);
  showBeforeAndAfter(null);
  if (!current || !taught) return;
  const { signal } = asking, image = current;
  try {
    const body = JSON.stringify({ image, layer: taught.layer });
    const answer = await ask("v1/teach/read", { body, type: JSON_TYPE, signal });
    if (image === current) showBeforeAndAfter(answer);
  } catch (error) {
    if (isAborted(error)) return;
    if (error.status === 422) forget(); // the server has another network now
    problem(error.message);
  }
}

/** Show or hide all: in numbers, single digits are not corrected. */
export function showTeaching(visible) {
  find("corrections").hidden = !visible;
}

async function teach() {
  find("teach").disabled = true;
  find("teach").textContent = "Teaching …";
  problem("");
  try {
    const answer = await ask("v1/teach", { body: exported(), type: JSON_TYPE });
    taught = answer.kept ? answer : null;
    keep();
    showTaught(answer);
    await judge(current && asPixels(current));
  } catch (error) {
    problem(error.message);
  } finally {
    find("teach").textContent = "Teach";
    showStrip();
  }
}

async function downloadNetwork() {
  problem("");
  try {
    download("taught.zip", await ask("v1/teach/network", { body: exported(), type: JSON_TYPE, as: "blob" }));
  } catch (error) {
    problem(error.message);
  }
}

function forget() {
  taught = null;
  keep();
  showTaught(null);
  showBeforeAndAfter(null);
}

function keep() {
  try {
    if (taught) localStorage.setItem(KEPT, JSON.stringify(taught));
    else localStorage.removeItem(KEPT);
  } catch { /* the browser keeps nothing: what was learned lasts until the page is closed */ }
}

function restored() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function showAll() {
  showStrip();
  showTaught(taught);
}

function showStrip() {
  const all = corrections();
  find("strip").replaceChildren(...all.map(({ image, digit, read }, i) => {
    const label = `${read === digit ? "" : read === null ? "rejected, " : `read ${read}, `}is ${digit}`;
    const button = element("button", { type: "button", className: "remove", ariaLabel: `Delete correction ${i + 1}: ${label}`, title: "Delete" }, "×");
    button.addEventListener("click", () => {
      attempt(() => remove(image));
      (find("strip").querySelectorAll("button")[Math.min(i, all.length - 2)] ?? find("import")).focus();
    });
    return element("li", {}, picture(image, label), element("span", { className: "small" }, label), button);
  }));
  find("strip").scrollLeft = find("strip").scrollWidth; // the newest is the last
  const wrong = all.filter(({ digit, read }) => digit !== read).length;
  find("corrections-text").textContent = all.length
    ? `${count(all.length)} digits, ${count(wrong)} of them misread, kept in this browser.`
    : "Not right? Press the bar of the right digit, or its key. Corrections are kept in this browser.";
  find("teach").disabled = find("export").disabled = find("delete-all").disabled = all.length === 0;
}

function showTaught(answer) {
  find("taught").hidden = !answer;
  if (!answer) return;
  const { corrections: all, misread_before: before, misread_after: after, kept } = answer;
  find("taught-gain").textContent = `Of ${count(all)} corrected digits, ${count(before)} would have been misread; now ${count(after)}.`
    + (kept ? "" : " That is not better, so the network stays as it was. Correct more digits, best some of each form.");
  find("taught-mnist").textContent = `Of MNIST’s ${count(answer.test_images)} test digits, ${count(answer.test_errors_before)} were misread; `
    + `taught, ${count(answer.test_errors_after)} ${answer.test_errors_after === 1 ? "is" : "are"}.`;
  find("download").hidden = find("forget").hidden = !kept;
  const figures = [...answer.newly_wrong, ...answer.newly_right].map(({ image, label, before: old, after: now }) => {
    const side = (name, digit) => element("span", { className: digit === label ? "right" : "wrong" }, `${name} ${digit}`);
    return element("figure", {}, element("div", { className: "tile" }, picture(image, `A ${label} of MNIST`)),
      element("figcaption", {}, element("b", {}, `a ${label}`), ": ", side("before", old), ", ", side("after", now)));
  });
  find("taught-changes").replaceChildren(...figures);
  find("taught-changes-title").hidden = figures.length === 0;
}

function showBeforeAndAfter(answer) {
  find("taught-digit").hidden = !answer;
  find("taught-says").textContent = answer ? `Taught: ${judged(answer.after)}` : "";
  if (!answer) return;
  for (const [name, judgement] of Object.entries(answer)) {
    find(`${name}-says`).textContent = judged(judgement);
    find(`${name}-bars`).replaceChildren(...judgement.probabilities.map((probability, digit) => {
      const bar = element("span", { className: "bar", ariaHidden: "true" });
      bar.style.setProperty("--fraction", probability);
      const row = element("li", {}, element("span", {}, digit), bar, element("span", { className: "percent" }, percent(probability)));
      row.classList.toggle("first", digit === judgement.digit);
      return row;
    }));
  }
}

const judged = ({ digit, confidence }) => (digit === null ? "no digit" : `${digit}, ${percent(confidence)}`);

function picture(image, label) {
  const canvas = element("canvas", { className: "pixelated", role: "img", ariaLabel: label });
  drawInk(canvas, asPixels(image));
  return canvas;
}

function attempt(action) {
  problem("");
  try {
    action();
  } catch (error) {
    if (!(error instanceof CorrectionsError)) throw error;
    problem(error.message);
  }
  showStrip();
}

function problem(message) {
  find("corrections-problem").hidden = !message;
  find("corrections-problem").textContent = message;
}

function say(message) {
  find("corrections-status").textContent = message;
}

find("teach").addEventListener("click", teach);
find("download").addEventListener("click", downloadNetwork);
find("forget").addEventListener("click", forget);
find("export").addEventListener("click", () => download("corrections.json", new Blob([exported()], { type: JSON_TYPE })));
find("import").addEventListener("click", () => find("import-file").click());
find("import-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  const text = await file.text();
  event.target.value = "";
  attempt(() => {
    const fresh = importFrom(text, file.name);
    say(`${count(fresh)} ${fresh === 1 ? "correction" : "corrections"} imported.`);
  });
});
find("delete-all").addEventListener("click", () => {
  const all = corrections().length;
  if (!confirm(`Delete all ${count(all)} corrections from this browser?`)) return;
  attempt(removeAll);
  say(`${count(all)} corrections deleted.`);
});
addEventListener("storage", showStrip); // another tab has corrected something
showAll();
