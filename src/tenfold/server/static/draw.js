// The page to draw on: reads the paper whenever it changes, and shows the answer. Connects the other modules.

import { showDigit, showNothing, showNumber, showProblem } from "./answer.js";
import { ask, newestOnly } from "./ask.js";
import { Pad } from "./pad.js";
import { watchPictures } from "./pictures.js";
import { set, setting } from "./settings.js";
import { fadeEvidence, hideEvidence, hideStages, showEvidence, showStages } from "./stages.js";

const REST = 250; // milliseconds without a change before evidence is computed, which takes longer than reading
const NUMBER_PEN = 0.65; // thickness of the pen for numbers, relative to the pen for one digit

const find = (id) => document.getElementById(id);
const pad = new Pad(find("paper"), find("pencil"), changed);
let version = 0; // counts changes of the paper
let resting = 0, explaining = new AbortController();

const read = newestOnly(async (requested, time) => {
  find("answer").ariaBusy = "true";
  try {
    if (setting("read") === "number") await readNumber(time);
    else await readDigit(requested, time);
  } catch (error) {
    if (requested !== version) return;
    hideStages();
    showProblem(error.message);
    find("time").textContent = "";
  } finally {
    find("answer").ariaBusy = "false";
  }
});

async function readDigit(requested, time) {
  const [bytes, type] = picture();
  const reading = await ask("/v1/stages", bytes, type);
  if (pad.isEmpty || setting("read") !== "digit") return;
  showDigit(reading);
  showStages(reading, !pad.picture);
  showTime(time);
  await showConverted(reading);
  if (reading.digit === null) hideEvidence();
  else if (requested === version) resting = setTimeout(explain, REST, requested, bytes, type);
}

async function readNumber(time) {
  const [bytes, type] = picture();
  const reading = await ask("/v1/read-number", bytes, type);
  if (pad.picture && !pad.picture.image) await showConverted(await ask("/v1/stages", bytes, type));
  if (pad.isEmpty || setting("read") !== "number") return;
  hideStages();
  showNumber(reading, pad.frame());
  showTime(time);
}

async function explain(requested, bytes, type) {
  explaining = new AbortController();
  const why = await ask("/v1/explain", bytes, type, explaining.signal).catch(() => null); // the answer stays without it
  if (why && requested === version) showEvidence(why);
}

// Show the grayscale picture from the server if the browser cannot show the format, for example HEIC.
async function showConverted({ stages }) {
  const upload = pad.picture;
  if (!upload || upload.image) return;
  const image = Object.assign(new Image(), { src: stages.picture });
  await image.decode();
  pad.setImage(upload.blob, image);
  find("picture-name").hidden = true;
}

function picture() {
  const upload = pad.picture;
  if (!upload) return [pad.bytes(), "image/x-portable-graymap"];
  return [upload.blob, upload.blob.type.startsWith("image/") ? upload.blob.type : "application/octet-stream"];
}

function changed(time) {
  version++;
  clearTimeout(resting);
  explaining.abort();
  fadeEvidence();
  const upload = pad.picture;
  find("undo").disabled = !pad.canUndo;
  find("clear").disabled = pad.isEmpty;
  find("hint").hidden = !pad.isEmpty;
  find("picture-name").hidden = !upload || upload.image !== null;
  find("picture-name").textContent = upload?.name;
  if (pad.isEmpty) {
    showNothing();
    hideStages();
    find("time").textContent = "";
  } else {
    read(version, time);
  }
}

// `time` is when the paper changed.
function showTime(time) {
  const { duration } = performance.measure("stroke to answer", { start: time, end: performance.now() });
  find("time").textContent = `Answered in ${Math.round(duration)} ms.`;
}

function applySettings() {
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
    applySettings();
    if (radio.name === "read") requestAnimationFrame(() => changed(event.timeStamp)); // after the paper has its new shape
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
  const image = await createImageBitmap(blob).catch(() => null);
  pad.showPicture(blob, name, image, time);
});
applySettings();
showNothing();
