// Your digit: drawn, dropped, or taken from MNIST's test images; kept in the URL as 784 numbers, packed.

import { ask } from "./settings.js";
import { drawInk } from "./pictures.js";

const PIXELS = 784;
const PATIENCE = 150; // ms between two questions while a stroke is being drawn

async function through(stream, bytes) {
  const answer = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await answer.arrayBuffer());
}

async function toText(image) {
  const bytes = await through(new CompressionStream("deflate-raw"), image);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function fromText(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const image = await through(new DecompressionStream("deflate-raw"), bytes);
  if (image.length !== PIXELS) throw new Error(`an image has ${PIXELS} pixels, not ${image.length}`);
  return image;
}

/** The 784 numbers of an image that came as a PNG. */
async function pixelsOf(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const sheet = new OffscreenCanvas(28, 28).getContext("2d", { willReadFrequently: true });
  sheet.drawImage(picture, 0, 0);
  const { data } = sheet.getImageData(0, 0, 28, 28);
  return Uint8Array.from({ length: PIXELS }, (_, p) => data[4 * p]);
}

/**
 * A pad in `place`, which holds what `markup` says.
 *
 * @param place a section with [data-pad], [data-seen], [data-said] and the buttons.
 * @param tell called with {image, label, kept}: 784 numbers; the digit that it is, where known; its form in the URL.
 */
export function startPad(place, tell) {
  const find = (name) => place.querySelector(`[data-${name}]`);
  const pad = find("pad");
  const pen = pad.getContext("2d");
  let last = null;
  let asked = 0;
  let answered = 0;
  let nextAsk = 0;

  function clear() {
    pen.clearRect(0, 0, pad.width, pad.height);
    pad.classList.remove("drawn");
  }

  async function use(image, label, said, kept) {
    drawInk(find("seen"), image);
    find("said").textContent = said;
    tell({ image, label, kept: kept ?? `z${await toText(Uint8Array.from(image))}` });
  }

  async function read(picture) {
    const mine = ++asked;
    try {
      const reading = await ask("/v1/stages", { method: "POST", body: picture });
      if (mine < answered) return;
      answered = mine;
      if (reading.digit === null) find("said").textContent = reading.problem;
      else await use(await pixelsOf(reading.stages.image), null, `tenfold’s own network reads a ${reading.digit}`);
    } catch (error) {
      find("said").textContent = error.message;
    }
  }

  function sendStrokes() {
    const sheet = new OffscreenCanvas(pad.width, pad.height);
    const paper = sheet.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, pad.width, pad.height);
    paper.filter = "none";
    paper.drawImage(pad, 0, 0);
    const data = paper.getImageData(0, 0, pad.width, pad.height);
    const ink = pen.getImageData(0, 0, pad.width, pad.height).data;
    for (let i = 0; i < ink.length; i += 4) data.data.fill(255 - ink[i + 3], i, i + 3); // strokes in any colour are ink
    paper.putImageData(data, 0, 0);
    sheet.convertToBlob().then(read);
  }

  function point(event) {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  }

  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    if (!pad.classList.contains("drawn")) clear();
    pad.classList.add("drawn");
    last = point(event);
    stroke(event);
  });
  pad.addEventListener("pointermove", (event) => last && event.getCoalescedEvents().concat(event).forEach(stroke));
  pad.addEventListener("pointerup", () => { last = null; sendStrokes(); });
  pad.addEventListener("pointercancel", () => { last = null; });

  function stroke(event) {
    const next = point(event);
    pen.strokeStyle = getComputedStyle(pad).color;
    pen.lineWidth = pad.width / 12;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(next[0] + 0.01, next[1]);
    pen.stroke();
    last = next;
    if (performance.now() > nextAsk) {
      nextAsk = performance.now() + PATIENCE;
      sendStrokes();
    }
  }

  async function takeTestImage(index) {
    const { image, label } = await ask(`/lab/api/image?index=${index}`);
    clear();
    await use(image, label, `test image ${index}, a ${label}`, `t${index}`);
  }

  find("clear").addEventListener("click", clear);
  find("another").addEventListener("click", () => takeTestImage(Math.floor(Math.random() * 10000)));
  find("file").addEventListener("change", (event) => { clear(); read(event.target.files[0]); });
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) { clear(); read(event.dataTransfer.files[0]); }
  });

  return {
    /** Show the digit that a URL holds, or the first test image. */
    async show(kept) {
      try {
        if (kept?.startsWith("z")) await use(await fromText(kept.slice(1)), null, "the digit in this page's address", kept);
        else await takeTestImage(Number(kept?.slice(1) ?? 0) || 0);
      } catch {
        await takeTestImage(0);
      }
    },
  };
}
