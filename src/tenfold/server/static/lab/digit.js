// Your digit: drawn, chosen, dropped, or taken from MNIST's test images; kept in the URL as 784 numbers, packed.

import { Pad } from "/pad.js";
import { ask } from "./settings.js";
import { drawInk } from "./pictures.js";

const PIXELS = 784;

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
 * The paper and buttons in `place`.
 *
 * @param tell called with {image, label, kept}: 784 numbers; the digit that it is, where known; its form in the URL.
 */
export function startDigit(place, tell) {
  const find = (name) => place.querySelector(`[data-${name}]`);
  const pad = new Pad(find("paper"), find("pencil"), changed);
  let image = null;
  let said = "";
  let asking = false;
  let wanted = null;

  function changed() {
    find("hint").hidden = !pad.isEmpty;
    if (!pad.isEmpty) read(pad.bytes());
  }

  async function use(given, label, words, kept) {
    [image, said] = [given, words];
    show();
    tell({ image, label, kept: kept ?? `z${await toText(Uint8Array.from(image))}` });
  }

  function show() {
    if (image) drawInk(find("seen"), image);
    find("said").textContent = said;
  }

  /** Read a picture; while one is being read, only the newest waits. */
  async function read(picture) {
    wanted = picture;
    if (asking) return;
    asking = true;
    while (wanted !== null) {
      const body = wanted;
      wanted = null;
      try {
        const reading = await ask("/v1/stages", { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body });
        if (reading.digit === null) find("said").textContent = reading.problem;
        else await use(await pixelsOf(reading.stages.image), null, `tenfold’s own network reads a ${reading.digit}`);
      } catch (error) {
        find("said").textContent = error.message;
      }
    }
    asking = false;
  }

  async function takeTestImage(index) {
    const { image: pixels, label } = await ask(`/lab/api/image?index=${index}`);
    pad.clear();
    await use(pixels, label, `test image ${index}, a ${label}`, `t${index}`);
  }

  find("clear").addEventListener("click", () => pad.clear());
  find("another").addEventListener("click", () => takeTestImage(Math.floor(Math.random() * 10000)));
  find("choose").addEventListener("click", () => find("file").click());
  find("file").addEventListener("change", (event) => {
    if (event.target.files[0]) taken(event.target.files[0]);
    event.target.value = "";
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) taken(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => event.clipboardData.files[0] && taken(event.clipboardData.files[0]));
  document.addEventListener("themechange", show);

  function taken(picture) {
    pad.clear();
    read(picture);
  }

  return {
    /** Show the digit that a URL holds, or the first test image. */
    async show(kept) {
      try {
        if (kept?.startsWith("z")) await use(await fromText(kept.slice(1)), null, "the digit in this page’s address", kept);
        else await takeTestImage(Number(kept?.slice(1) ?? 0) || 0);
      } catch {
        await takeTestImage(0);
      }
    },
  };
}
