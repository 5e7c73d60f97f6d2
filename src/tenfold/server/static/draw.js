// The page to draw on: paper in, answer out. Puts the other modules together.

import { showDigit, showNothing, showNumber, showProblem } from "./answer.js";
import { ask, newestOnly } from "./ask.js";
import { Pad } from "./pad.js";
import { watchPictures } from "./pictures.js";
import { set, setting } from "./settings.js";
import { fadeWhy, hideStages, hideWhy, showStages, showWhy } from "./stages.js";

const REST = 250; // milliseconds without a change after which pixels are explained, which takes longer
const NUMBER_PEN = 0.65; // how thick its pen is, beside that for a single digit

const find = (id) => document.getElementById(id);
const pad = new Pad(find("paper"), find("pencil"), changed);
let version = 0; // of what is on the paper
let resting = 0, explaining = new AbortController();

const read = newestOnly(async (asked, time) => {
  find("answer").ariaBusy = "true";
  try {
    if (setting("read") === "number") await readNumber(time);
    else await readDigit(asked, time);
  } catch (error) {
    if (asked !== version) return;
    hideStages();
    showProblem(error.message);
    find("time").textContent = "";
  } finally {
    find("answer").ariaBusy = "false";
  }
});

async function readDigit(asked, time) {
  const [bytes, type] = given();
  const reading = await ask("/v1/stages", bytes, type);
  if (pad.isEmpty || setting("read") !== "digit") return;
  showDigit(reading);
  showStages(reading, !pad.picture);
  tellTime(time);
  await showUnshown(reading);
  if (reading.digit === null) hideWhy();
  else if (asked === version) resting = setTimeout(explain, REST, asked, bytes, type);
}

async function readNumber(time) {
  const [bytes, type] = given();
  const reading = await ask("/v1/read-number", bytes, type);
  if (pad.picture && !pad.picture.picture) await showUnshown(await ask("/v1/stages", bytes, type));
  if (pad.isEmpty || setting("read") !== "number") return;
  hideStages();
  showNumber(reading, pad.frame());
  tellTime(time);
}

async function explain(asked, bytes, type) {
  explaining = new AbortController();
  const why = await ask("/v1/explain", bytes, type, explaining.signal).catch(() => null); // the answer stands without
  if (why && asked === version) showWhy(why);
}

// A picture that the browser cannot show, HEIC say, is shown in grey, as the server sees it.
async function showUnshown({ stages }) {
  const laid = pad.picture;
  if (!laid || laid.picture) return;
  const image = Object.assign(new Image(), { src: stages.picture });
  await image.decode();
  pad.replacePicture(laid.blob, image);
  find("laid").hidden = true;
}

function given() {
  const laid = pad.picture;
  if (!laid) return [pad.bytes(), "image/x-portable-graymap"];
  return [laid.blob, laid.blob.type.startsWith("image/") ? laid.blob.type : "application/octet-stream"];
}

function changed(time) {
  version++;
  clearTimeout(resting);
  explaining.abort();
  fadeWhy();
  const laid = pad.picture;
  find("undo").disabled = !pad.canUndo;
  find("clear").disabled = pad.isEmpty;
  find("hint").hidden = !pad.isEmpty;
  find("laid").hidden = !laid || laid.picture !== null;
  find("laid").textContent = laid?.name;
  if (pad.isEmpty) {
    showNothing();
    hideStages();
    find("time").textContent = "";
  } else {
    read(version, time);
  }
}

// `time` is when what was read came onto the paper.
function tellTime(time) {
  const { duration } = performance.measure("stroke to answer", { start: time, end: performance.now() });
  find("time").textContent = `Answered in ${Math.round(duration)} ms.`;
}

function setUp() {
  const number = setting("read") === "number";
  pad.pen = setting("pen");
  pad.scale = number ? NUMBER_PEN : 1;
  find("draw").classList.toggle("number", number);
  find("hint").querySelector(".hint-main").textContent = number ? "Write a number" : "Draw a digit";
  for (const name of ["read", "pen"]) {
    document.querySelector(`input[name=${name}][value=${setting(name)}]`).checked = true;
  }
}

for (const radio of document.querySelectorAll("input[type=radio]")) {
  radio.addEventListener("change", (event) => {
    set(radio.name, radio.value);
    setUp();
    if (radio.name === "read") requestAnimationFrame(() => changed(event.timeStamp)); // once the paper has its new shape
  });
}
find("undo").addEventListener("click", (event) => pad.undo(event.timeStamp));
find("clear").addEventListener("click", (event) => pad.clear(event.timeStamp));
addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || !pad.canUndo) return;
  event.preventDefault();
  pad.undo(event.timeStamp);
});
watchPictures(async (blob, name) => {
  const time = performance.now();
  const picture = await createImageBitmap(blob).catch(() => null);
  pad.lay(blob, name, picture, time);
});
setUp();
showNothing();
