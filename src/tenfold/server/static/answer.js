// The answer: the digit or the number, its confidence, ten bars, advice, and the boxes on the paper.

const find = (id) => document.getElementById(id);
const bars = find("bars");
let announcing = 0; // the timer of the announcement for screen readers

for (let digit = 0; digit < 10; digit++) {
  const row = document.createElement("li");
  row.innerHTML = `<span>${digit}</span><span class="bar" aria-hidden="true"></span><span class="percent"></span>`;
  bars.append(row);
}

export function showNothing() {
  show("", "", null, "");
  showProbabilities(null);
  showChips([]);
}

export function showDigit(reading) {
  const found = reading.digit !== null;
  show(found ? String(reading.digit) : "?", found ? `${percent(reading.confidence)} sure` : "no digit", reading.problem);
  showProbabilities(reading.probabilities);
  showChips([]);
}

export function showNumber(reading, frame) {
  const { text, digits } = reading;
  show(text || "?", text ? `${percent(reading.confidence)} sure` : "no digit", reading.problem);
  showChips(digits);
  showBoxes(reading, frame);
  if (digits.length) select(digits, digits.reduce((least, { confidence }, i) => confidence < digits[least].confidence ? i : least, 0));
  else showProbabilities(null);
}

export function showProblem(sentence) {
  show("?", "not read", sentence);
  showProbabilities(null);
  showChips([]);
}

function show(text, sure, problem, announcement = [text === "?" ? "" : text, sure, problem].filter(Boolean).join(". ")) {
  find("digit").textContent = text;
  find("digit").style.setProperty("--letters", Math.max(1, ...text.split("\n").map((line) => line.length)));
  find("sure").textContent = sure;
  find("advice").textContent = problem ?? "";
  find("advice").hidden = !problem;
  find("boxes").replaceChildren();
  clearTimeout(announcing); // announce once the answer has not changed for a moment
  announcing = setTimeout(() => { find("announcement").textContent = announcement; }, announcement ? 700 : 0);
}

function showProbabilities(probabilities) {
  const most = probabilities ? Math.max(...probabilities) : 0;
  const first = most > 0 ? probabilities.indexOf(most) : -1;
  for (const [digit, row] of [...bars.children].entries()) {
    row.classList.toggle("first", digit === first);
    row.children[1].style.setProperty("--fraction", probabilities?.[digit] ?? 0);
    row.children[2].textContent = probabilities ? percent(probabilities[digit]) : "";
  }
}

function showChips(digits) {
  const chips = find("chips");
  chips.hidden = digits.length === 0;
  chips.replaceChildren(...digits.map(({ digit, confidence }, i) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.innerHTML = `<b>${digit}</b> <span class="small">${percent(confidence)}</span>`;
    chip.addEventListener("click", () => select(digits, i));
    return chip;
  }));
}

function select(digits, chosen) {
  for (const [i, chip] of [...find("chips").children].entries()) chip.setAttribute("aria-pressed", i === chosen);
  for (const [i, box] of [...find("boxes").children].entries()) box.classList.toggle("chosen", i === chosen);
  showProbabilities(digits[chosen].probabilities);
}

// `frame` is the position of the picture on the paper, in fractions of the paper.
function showBoxes({ digits, size: [width, height] }, frame) {
  find("boxes").replaceChildren(...digits.map(({ box: [left, top, w, h], digit }) => {
    const item = document.createElement("li");
    item.innerHTML = `<span>${digit}</span>`;
    item.classList.toggle("high", frame.top + frame.height * top / height < 0.12); // no room above it
    item.style.left = `${100 * (frame.left + frame.width * left / width)}%`;
    item.style.top = `${100 * (frame.top + frame.height * top / height)}%`;
    item.style.width = `${100 * frame.width * w / width}%`;
    item.style.height = `${100 * frame.height * h / height}%`;
    return item;
  }));
}

// A probability in percent with one decimal, but 0 % and 100 % without.
export function percent(probability) {
  const value = 100 * probability;
  return `${value.toFixed(value > 99.95 || value < 0.05 ? 0 : 1)} %`;
}
