// The page to draw on: reads the paper whenever it changes, and shows the answer. Connects the other modules.
// One object holds what is true: the input, its request, and the answer with the version of the input that it belongs to.

import { allowCorrection, onCorrection, onNumberWanted, show, showNothing } from "./answer.js";
import { encode, pixelsOf } from "./digit_code.js";
import { Pad } from "./pad.js";
import { onlyFirst, watchCamera, watchPictures } from "./pictures.js";
import { Newest, ask, isAborted } from "./requests.js";
import { fadeInside, hideInside, showInside } from "./inside.js";
import { keepInLinks, set, setting } from "./settings.js";
import { fadeEvidence, fadeStages, hideEvidence, hideStages, showEvidence, showStages } from "./stages.js";
import { correct, judge, showTeaching } from "./teach.js";

const REST = 250; // milliseconds without a change before evidence is computed, which takes longer than reading
const NUMBER_PEN = 0.65; // thickness of the pen for numbers, relative to the pen for one digit
const KEPT = "tenfold.paper"; // the strokes, so that loading the page again loses nothing

const find = (id) => document.getElementById(id);
const pad = new Pad(find("pad"), changed);
const reading = new Newest(read);
const state = { version: 0, request: "none", sent: 0, answer: null, error: "", time: 0 };
let resting = 0, explaining = new AbortController();
let image = null; // the 784 pixels that the answer on screen is about, once the pen rests; they can be corrected

/** The paper has changed at `time`; `kind` is that of `Pad`, or "mode". */
function changed(time, kind) {
  const continues = kind === "stroke" || kind === "lift";
  state.version++;
  state.time = time;
  state.error = "";
  clearTimeout(resting);
  explaining.abort();
  offer(null);
  if (!continues || kind === "lift" || state.request === "sending") reading.stop(); // nobody waits for it any more
  if (!continues) state.answer = null; // it belongs to something else; to the beginning of a drawing it still belongs
  state.request = pad.isEmpty ? "none" : "waiting";
  if (kind !== "picture") find("notice").hidden = true;
  render();
  if (pad.isEmpty) keepInLinks({ digit: "" });
  else reading.run(state.version);
  if (kind !== "stroke") keep();
}

async function read(signal, version) {
  const upload = pad.picture, number = setting("read") === "number", [body, type] = input(), { time } = state;
  const onSent = upload && ((fraction) => update(version, { request: fraction < 1 ? "sending" : "waiting", sent: fraction }));
  try {
    const answer = await ask(number ? "v1/read-number" : "v1/stages", { body, type, signal, onSent });
    if (upload && !upload.image) await showConverted(upload, answer.stages ?? (await ask("v1/stages", { body, type, signal })).stages);
    signal.throwIfAborted();
    const { duration } = performance.measure("stroke to answer", { start: time, end: performance.now() });
    state.answer = { number, reading: answer, version, time: duration };
    if (version === state.version) state.request = "none";
    render();
    if (version === state.version) rest(version, body, type, upload ? 0 : REST);
  } catch (error) {
    if (isAborted(error)) throw error;
    update(version, { request: "none", answer: null, error: error.message });
  }
}

/** Set what is true, if it is about the input on screen. */
function update(version, values) {
  if (version !== state.version) return;
  Object.assign(state, values);
  render();
}

function render() {
  const { answer, request, version } = state;
  find("undo").disabled = !pad.canUndo;
  find("redo").disabled = !pad.canRedo;
  find("clear").disabled = pad.isEmpty;
  const upload = pad.picture;
  find("picture-name").hidden = !upload || upload.image !== null;
  find("picture-name").textContent = upload?.name ?? "";
  find("time").textContent = answer?.version === version ? `Answered in ${Math.round(answer.time)} ms.` : "";
  find("answer").ariaBusy = String(request !== "none");
  find("answer").dataset.state = request !== "none" ? request : state.error ? "failed" : answer ? "answered" : "empty";
  fadeEvidence();
  fadeInside();
  if (pad.isEmpty) {
    showNothing();
    hideStages();
  } else if (state.error || !answer) {
    showNothing(state.error, request === "sending" ? `sending ${Math.floor(100 * state.sent)} %` : request === "waiting" ? "reading …" : "not read");
    hideStages();
  } else {
    const settled = !pad.isDrawing && answer.version === version;
    show(answer, pad.frame(), settled);
    if (answer.number) hideStages();
    else if (settled) showStages(answer.reading, !upload);
    else fadeStages();
    if (answer.reading.digit === null) {
      hideEvidence();
      hideInside();
    }
  }
}

/** The input has not changed since it was read: after a moment, show which pixels are evidence, and link to the lab. */
function rest(version, body, type, delay) {
  if (pad.isDrawing) return;
  resting = setTimeout(async () => {
    const { number, reading: answer } = state.answer;
    if (number) return;
    const pixels = await pixelsOf(answer.stages.image);
    if (version !== state.version) return;
    offer(pixels.some((pixel) => pixel > 0) ? pixels : null);
    if (answer.digit === null) return;
    keepInLinks({ digit: await encode(pixels) });
    explaining = new AbortController();
    const more = (path) => ask(path, { body, type, signal: explaining.signal }).catch(() => null); // the answer stays without it
    const why = await more("v1/explain");
    if (why && version === state.version) showEvidence(why);
    const layers = await more("v1/inside");
    if (layers && version === state.version) showInside(layers);
  }, delay);
}

/** Offer to correct the digit with these pixels, or none; and let the taught network judge it. */
function offer(pixels) {
  image = pixels;
  allowCorrection(pixels !== null);
  judge(pixels);
}

function correctTo(digit) {
  if (image) correct(image, state.answer.reading.digit, digit);
}

// Show the grayscale picture from the server if the browser cannot show the format, for example HEIC.
async function showConverted(upload, stages) {
  const image = Object.assign(new Image(), { src: stages.picture });
  await image.decode();
  pad.setImage(upload.blob, image);
}

function input() {
  const upload = pad.picture;
  if (!upload) return [pad.bytes(), "image/x-portable-graymap"];
  return [upload.blob, upload.blob.type.startsWith("image/") ? upload.blob.type : "application/octet-stream"];
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(pad.strokes));
  } catch { /* the browser keeps nothing, for example in a private window */ }
}

function restore() {
  try {
    const strokes = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    if (strokes.length) pad.restore(strokes);
  } catch { /* it was kept by another version */ }
}

function applySettings() {
  const number = setting("read") === "number";
  pad.pen = setting("pen");
  pad.scale = number ? NUMBER_PEN : 1;
  pad.hint = number ? "Write a number" : "Draw a digit";
  find("draw").classList.toggle("number", number);
  showTeaching(!number);
  for (const name of ["read", "pen"]) document.querySelector(`input[name=${name}][value=${setting(name)}]`).checked = true;
}

function choose(name, value, time = performance.now()) {
  set(name, value);
  applySettings();
  if (name === "read") requestAnimationFrame(() => changed(time, "mode")); // after the paper has its new shape
}

for (const radio of document.querySelectorAll("input[type=radio]")) {
  radio.addEventListener("change", (event) => choose(radio.name, radio.value, event.timeStamp));
}
onCorrection(correctTo);
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]), textarea, select, dialog[open]");
  if (/^[0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && !typing) correctTo(Number(event.key));
});
onNumberWanted(() => choose("read", "number"));
find("undo").addEventListener("click", (event) => pad.undo(event.timeStamp));
find("redo").addEventListener("click", (event) => pad.redo(event.timeStamp));
find("clear").addEventListener("click", (event) => pad.clear(event.timeStamp));
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase(), redo = key === "y" || (key === "z" && event.shiftKey);
  if (redo ? !pad.canRedo : key !== "z" || !pad.canUndo) return;
  event.preventDefault();
  if (redo) pad.redo(event.timeStamp);
  else pad.undo(event.timeStamp);
});

async function take(file, count) {
  const time = performance.now();
  const image = await createImageBitmap(file).catch(() => null);
  pad.showPicture(file, file.name, image, time);
  find("notice").textContent = onlyFirst(file.name, count);
  find("notice").hidden = count < 2;
}
const file = find("file");
watchPictures({ paper: find("pad"), choose: find("choose"), file }, take);
watchCamera({
  camera: find("camera"), dialog: find("viewfinder"), video: find("video"), take: find("take"), cancel: find("cancel"),
  problem: find("camera-problem"), file,
}, take);
applySettings();
keepInLinks();
render();
requestAnimationFrame(restore); // after the paper has its shape
