// The page of many pictures: rows appear as they are read, the least certain first, and are corrected in place.

import { download } from "../downloads.js";
import { element } from "../elements.js";
import { count, percent } from "../numbers.js";
import { ask, isAborted, sentence } from "../requests.js";
import { keepInLinks } from "../settings.js";
import { filesOf, listed } from "./dropped.js";
import { ReadQueue } from "./read_queue.js";
import { asCsv, asJson, belongs, compare, isDoubtful, valueOf } from "./rows.js";

const MOST = 2000; // rows
const THUMBNAIL = 112; // pixels
const PAGED = /\.(pdf|tiff?)$/i; // files that may have several pages
const SEVERAL = /^several digits were found/i; // in the words of the server
const BYTES = "application/octet-stream";

const find = (id) => document.getElementById(id);
const queue = new ReadQueue();
let rows = [];
let batch = 0; // counts how often the table was cleared; what was asked for before belongs to no row

function take(files) {
  problem("");
  const room = MOST - rows.length;
  if (files.length > room) problem(`Of ${count(files.length)} files, ${count(room)} are read: the table holds at most ${count(MOST)} rows. tenfold batch reads more.`);
  for (const { file, name } of files.slice(0, room)) read(file, name);
  update();
}

async function read(file, name) {
  const row = addRow(name, null);
  const mine = batch;
  try {
    if (PAGED.test(name)) return await readPages(file, row, mine);
    return await readPicture(row, file);
  } catch (error) {
    return failed(row, error);
  }
}

/** A file of several pages: its first page becomes the row, and each further page a row of its own. */
async function readPages(file, row, mine) {
  let first = null;
  try {
    first = await queue.add((signal) => page(file, 1, signal));
  } catch (error) {
    if (error.status === 422 && !/\.pdf$/i.test(row.name)) return readPicture(row, file); // a TIFF of one page
    throw error;
  }
  if (mine !== batch) return undefined;
  row.page = 1;
  const room = MOST - rows.length, further = Math.min(first.pages - 1, room);
  if (further < first.pages - 1) problem(`Of the ${count(first.pages)} pages of ${row.name}, ${count(further + 1)} are read: the table holds at most ${count(MOST)} rows.`);
  for (let number = 2; number <= further + 1; number += 1) {
    const next = addRow(row.name, number);
    queue.add((signal) => page(file, number, signal)).then(({ picture }) => readPage(next, picture)).catch((error) => failed(next, error));
  }
  return readPage(row, first.picture);
}

const page = (file, number, signal) => ask(`v1/page?number=${number}`, { body: file, type: BYTES, signal });

async function readPage(row, picture) {
  const blob = blobOf(picture);
  showThumbnail(row, blob);
  done(row, await queue.add((signal) => ask("v1/read-number", { body: blob, type: blob.type, signal })));
}

/** The blob of a data: URL; the policy of the pages does not let them fetch one. */
function blobOf(url) {
  const [, type, text] = /^data:([^;,]*);base64,(.*)$/s.exec(url);
  return new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type });
}

async function readPicture(row, file) {
  showThumbnail(row, file);
  const type = file.type.startsWith("image/") ? file.type : BYTES;
  done(row, await queue.add(async (signal) => {
    const digit = await ask("v1/read", { body: file, type, signal });
    return SEVERAL.test(digit.problem ?? "") ? ask("v1/read-number", { body: file, type, signal }) : digit;
  }));
}

function done(row, reading) {
  const { digit, text = digit === null ? "" : String(digit), confidence, problem: advice } = reading;
  Object.assign(row, { state: "read", text: text.replaceAll("\n", " "), confidence, problem: advice && sentence(advice) });
  place(row);
}

function failed(row, error) {
  if (isAborted(error)) return;
  Object.assign(row, { state: "failed", problem: error.message });
  place(row);
}

/** A row that waits, at the end of the table. */
function addRow(name, number) {
  const row = { name, page: number, state: "waiting", text: "", confidence: 0, problem: null, corrected: null, number: rows.length };
  const canvas = element("canvas", { className: "thumbnail", width: THUMBNAIL, height: THUMBNAIL, ariaHidden: "true" });
  row.input = element("input", { className: "value", type: "text", inputMode: "numeric", autocomplete: "off", disabled: true });
  row.title = element("span");
  row.advice = element("p", { hidden: true });
  row.sure = element("td", { className: "small" });
  row.canvas = canvas;
  row.element = element("tr", {}, element("td", {}, canvas), element("td", { className: "name" }, row.title, row.advice), element("td", {}, row.input), row.sure);
  row.input.addEventListener("input", () => {
    row.corrected = row.input.value.trim() === row.text ? null : row.input.value.trim();
    show(row);
    update();
  });
  row.input.addEventListener("keydown", (event) => key(event, row));
  rows.push(row);
  find("rows").append(row.element);
  show(row);
  return row;
}

/** Put a row that has been read where it belongs. No other row is moved, so that a field keeps the focus. */
function place(row) {
  if (!rows.includes(row)) return; // the table was cleared
  const after = rows.filter((each) => each !== row && compare(row, each) < 0).sort(compare)[0];
  find("rows").insertBefore(row.element, after?.element ?? null);
  row.input.value = valueOf(row);
  row.input.disabled = false;
  show(row);
  update();
}

function show(row) {
  const label = row.page === null ? row.name : `${row.name}, page ${row.page}`;
  row.title.textContent = label;
  row.input.ariaLabel = `Reading of ${label}`;
  row.advice.textContent = row.problem ?? "";
  row.advice.hidden = !row.problem;
  row.sure.textContent = row.corrected !== null ? "corrected" : { waiting: "reading …", failed: "not read", read: row.text ? percent(row.confidence) : "no digit" }[row.state];
  row.element.classList.toggle("doubtful", isDoubtful(row) && row.corrected === null);
  row.element.classList.toggle("corrected", row.corrected !== null);
  const keeps = row.input === document.activeElement; // it does not vanish under the visitor's hands
  row.element.hidden = !keeps && !belongs(row, shown());
}

const shown = () => document.querySelector("input[name=show]:checked").value;

function update() {
  const ready = rows.filter(({ state }) => state !== "waiting").length, lost = rows.filter(({ state }) => state === "failed").length;
  const doubtful = rows.filter((row) => belongs(row, "doubtful")).length, corrected = rows.filter((row) => belongs(row, "corrected")).length;
  find("results").hidden = rows.length === 0;
  find("clear").disabled = rows.length === 0;
  const facts = [`${count(ready)} of ${count(rows.length)} done`, `${count(doubtful)} doubtful`, corrected && `${count(corrected)} corrected`, lost && `${count(lost)} failed`];
  find("count").textContent = facts.filter(Boolean).join(", ");
  Object.assign(find("progress"), { max: Math.max(1, rows.length), value: ready });
  find("progress").hidden = ready === rows.length;
  find("none").hidden = rows.some(({ element: each }) => !each.hidden);
}

function key(event, row) {
  if (event.key === "Escape") {
    row.input.value = row.text;
    row.input.dispatchEvent(new Event("input"));
  }
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const fields = [...find("rows").querySelectorAll("tr:not([hidden]) input:enabled")];
  const next = fields[fields.indexOf(row.input) + step];
  next?.focus();
  next?.select();
}

async function showThumbnail(row, blob) {
  const image = await createImageBitmap(blob).catch(() => null); // a format that the browser cannot show, such as HEIC
  if (!image) return;
  const scale = THUMBNAIL / Math.max(image.width, image.height), [w, h] = [image.width * scale, image.height * scale];
  row.canvas.getContext("2d").drawImage(image, (THUMBNAIL - w) / 2, (THUMBNAIL - h) / 2, w, h);
  image.close();
}

function clear() {
  batch += 1;
  queue.clear();
  rows = [];
  find("rows").replaceChildren();
  problem("");
  update();
}

function problem(message) {
  find("problem").textContent = message;
  find("problem").hidden = !message;
}

function save(name, type, text) {
  download(name, new Blob([text], { type }));
}

find("choose").addEventListener("click", () => find("files").click());
find("choose-folder").addEventListener("click", () => find("folder").click());
for (const name of ["files", "folder"]) {
  find(name).addEventListener("change", (event) => {
    take(listed(event.target.files));
    event.target.value = "";
  });
}
find("clear").addEventListener("click", clear);
find("as-csv").addEventListener("click", () => save("readings.csv", "text/csv", asCsv(rows)));
find("as-json").addEventListener("click", () => save("readings.json", "application/json", asJson(rows)));
for (const radio of document.querySelectorAll("input[name=show]")) radio.addEventListener("change", () => { rows.forEach(show); update(); });
addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  find("sheet").classList.add("over");
});
addEventListener("dragleave", (event) => { if (event.relatedTarget === null) find("sheet").classList.remove("over"); });
addEventListener("drop", async (event) => {
  event.preventDefault();
  find("sheet").classList.remove("over");
  take(await filesOf(event.dataTransfer));
});
addEventListener("paste", (event) => take(listed(event.clipboardData.files)));
addEventListener("beforeunload", (event) => { if (rows.some(({ corrected }) => corrected !== null)) event.preventDefault(); });
keepInLinks();
