// The answer: the digit or the number, its confidence, ten bars, advice, and the boxes on the paper.

import { element } from "./elements.js";
import { percent } from "./numbers.js";
import { sentence } from "./requests.js";

const SURE = 0.9; // confidence below which the runner-up is named
const SEVERAL = /^several digits were found, ([^:]*)/i; // in the words of the server

const find = (id) => document.getElementById(id);
const bars = find("bars");
let announcing = 0; // the timer of the announcement for screen readers
let chipsOf = null; // the reading whose digits are shown as chips

for (let digit = 0; digit < 10; digit++) {
  const parts = [element("span", {}, digit), element("span", { className: "bar", ariaHidden: "true" }), element("span", { className: "percent" })];
  bars.append(element("li", {}, ...parts));
}

/** Call `callback` with the digit when the visitor says what the digit is: by its bar. */
export function onCorrection(callback) {
  for (const [digit, row] of [...bars.children].entries()) {
    const button = element("button", { type: "button", className: "correct", ariaLabel: `It is a ${digit}`, disabled: true });
    button.addEventListener("click", () => callback(digit));
    row.append(button);
  }
}

/** Whether the digit on the paper can be corrected now. */
export function allowCorrection(allowed) {
  for (const button of bars.querySelectorAll(".correct")) button.disabled = !allowed;
}

/** Call `callback` when the visitor wants the picture to be read as a number. */
export function onNumberWanted(callback) {
  find("as-number").addEventListener("click", callback);
}

/** No answer: the paper is empty, or the answer has not come, or `problem` says why there is none. */
export function showNothing(problem = "", sure = "") {
  write(problem ? "?" : "", problem || sure ? sure : "", problem);
  find("answer").classList.remove("unsure");
  showRival(null);
  showProbabilities(null, false);
  showChips(null);
}

/**
 * Show an answer.
 *
 * @param answer {number, reading}: `number` is true if it is a number.
 * @param frame the position of the picture on the paper, in fractions of the paper.
 * @param settled false while the drawing goes on: then nothing may move but the bars.
 */
export function show({ number, reading }, frame, settled) {
  const text = number ? reading.text : reading.digit === null ? "" : String(reading.digit);
  write(text || "?", text ? `${percent(reading.confidence)} sure` : "no digit", settled ? reading.problem : null, settled);
  find("answer").classList.toggle("unsure", !text || reading.confidence < SURE);
  showRival(number || !text ? null : reading);
  if (!number) {
    showProbabilities(reading.probabilities, text !== "");
    showChips(null);
  } else if (settled) {
    if (chipsOf === reading) return;
    showChips(reading);
    showBoxes(reading, frame);
    if (reading.digits.length) select(reading.digits, leastSure(reading.digits));
    else showProbabilities(null, false);
  } else {
    find("boxes").replaceChildren();
    chipsOf = null;
    showProbabilities(reading.digits[leastSure(reading.digits)]?.probabilities ?? null, true);
  }
}

const leastSure = (digits) => digits.reduce((least, { confidence }, i) => (confidence < digits[least].confidence ? i : least), 0);

function write(text, sure, problem, settled = true) {
  const several = SEVERAL.exec(problem ?? "");
  const advice = several ? `There are several digits here: ${several[1]}.` : problem ? sentence(problem) : "";
  find("digit").textContent = text;
  find("digit").style.setProperty("--letters", Math.max(1, ...text.split("\n").map((line) => line.length)));
  find("sure").textContent = sure;
  find("advice").textContent = advice;
  find("advice").hidden = !advice;
  find("as-number").hidden = !several;
  if (!settled) return;
  const announcement = [text === "?" ? "" : text, sure, advice].filter(Boolean).join(". ");
  clearTimeout(announcing); // announce once the answer has not changed for a moment
  announcing = setTimeout(() => { find("announcement").textContent = announcement; }, announcement ? 700 : 0);
}

// An answer that is not sure is shown with the one that it could be instead.
function showRival(reading) {
  const rival = find("rival");
  rival.textContent = "";
  if (!reading || reading.confidence >= SURE) return;
  const order = [...reading.probabilities.keys()].sort((a, b) => reading.probabilities[b] - reading.probabilities[a]);
  const second = order.find((digit) => digit !== reading.digit);
  rival.textContent = `or ${second}, ${percent(reading.probabilities[second])}`;
}

function showProbabilities(probabilities, found) {
  const most = probabilities ? Math.max(...probabilities) : 0;
  const first = found && most > 0 ? probabilities.indexOf(most) : -1;
  for (const [digit, row] of [...bars.children].entries()) {
    row.classList.toggle("first", digit === first);
    row.children[1].style.setProperty("--fraction", probabilities?.[digit] ?? 0);
    row.children[2].textContent = probabilities ? percent(probabilities[digit]) : "";
  }
}

function showChips(reading) {
  chipsOf = reading;
  const chips = find("chips"), digits = reading?.digits ?? [];
  chips.hidden = digits.length === 0;
  find("boxes").replaceChildren();
  chips.replaceChildren(...digits.map(({ digit, confidence }, i) => {
    const parts = [element("b", {}, digit), " ", element("span", { className: "small" }, percent(confidence))];
    const chip = element("button", { type: "button", className: "chip" }, ...parts);
    chip.addEventListener("click", () => select(digits, i));
    return chip;
  }));
}

function select(digits, chosen) {
  for (const [i, chip] of [...find("chips").children].entries()) chip.setAttribute("aria-pressed", i === chosen);
  for (const [i, box] of [...find("boxes").children].entries()) box.classList.toggle("chosen", i === chosen);
  showProbabilities(digits[chosen].probabilities, true);
}

function showBoxes({ digits, size: [width, height] }, frame) {
  find("boxes").replaceChildren(...digits.map(({ box: [left, top, w, h], digit }) => {
    const item = element("li", {}, element("span", {}, digit));
    item.classList.toggle("high", frame.top + frame.height * top / height < 0.12); // no room above it
    const place = {
      left: frame.left + frame.width * left / width, top: frame.top + frame.height * top / height,
      width: frame.width * w / width, height: frame.height * h / height,
    };
    for (const side in place) item.style[side] = `${100 * place[side]}%`;
    return item;
  }));
}
