// The answer: the digit or the number, how sure it is, ten bars, advice, and the boxes on the paper.

const find = (id) => document.getElementById(id);
const bars = find("bars");
let speaking = 0;

for (let digit = 0; digit < 10; digit++) {
  const row = document.createElement("li");
  row.innerHTML = `<span>${digit}</span><span class="bar" aria-hidden="true"></span><span class="share"></span>`;
  bars.append(row);
}

export function showNothing() {
  show("", "", null, "");
  showShares(null);
  showChips([]);
}

export function showDigit(reading) {
  const found = reading.digit !== null;
  show(found ? String(reading.digit) : "?", found ? `${percent(reading.confidence)} sure` : "no digit", reading.problem);
  showShares(reading.probabilities);
  showChips([]);
}

export function showNumber(reading, frame) {
  const { text, digits } = reading;
  show(text || "?", text ? `${percent(reading.confidence)} sure` : "no digit", reading.problem);
  showChips(digits);
  showBoxes(reading, frame);
  if (digits.length) select(digits, digits.reduce((least, each, i) => each.confidence < digits[least].confidence ? i : least, 0));
  else showShares(null);
}

export function showProblem(sentence) {
  show("?", "not read", sentence);
  showShares(null);
  showChips([]);
}

function show(text, sure, problem, spoken = [text === "?" ? "" : text, sure, problem].filter(Boolean).join(". ")) {
  find("digit").textContent = text;
  find("digit").style.setProperty("--letters", Math.max(1, ...text.split("\n").map((line) => line.length)));
  find("sure").textContent = sure;
  find("advice").textContent = problem ?? "";
  find("advice").hidden = !problem;
  find("boxes").replaceChildren();
  clearTimeout(speaking); // what is spoken waits until the hand rests
  speaking = setTimeout(() => { find("spoken").textContent = spoken; }, spoken ? 700 : 0);
}

function showShares(shares) {
  const first = shares && Math.max(...shares) > 0 ? shares.indexOf(Math.max(...shares)) : -1;
  for (const [digit, row] of [...bars.children].entries()) {
    const share = shares?.[digit] ?? 0;
    row.classList.toggle("first", digit === first);
    row.children[1].style.setProperty("--share", share);
    row.children[2].textContent = shares ? percent(share) : "";
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
  showShares(digits[chosen].probabilities);
}

// `frame` is where the picture lies on the paper, in shares of it.
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

// A probability as people say it; 100 % only where it rounds to that at one decimal.
export function percent(share) {
  const hundred = 100 * share;
  return `${hundred.toFixed(hundred > 99.95 || hundred < 0.05 ? 0 : 1)} %`;
}
