// Your digit: drawn, chosen, dropped, or one of MNIST's test images; kept in the URL as 784 compressed numbers.

import { Pad } from "/pad.js";
import { ask } from "./settings.js";
import { drawInk } from "./pictures.js";

const PIXELS = 784;

async function pipe(bytes, stream) {
  const response = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await response.arrayBuffer());
}

async function compress(image) {
  const bytes = await pipe(image, new CompressionStream("deflate-raw"));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function decompress(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const image = await pipe(bytes, new DecompressionStream("deflate-raw"));
  if (image.length !== PIXELS) throw new Error(`an image has ${PIXELS} pixels, not ${image.length}`);
  return image;
}

/** The 784 pixels of a PNG image. */
async function pixelsOf(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const context = new OffscreenCanvas(28, 28).getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, 28, 28);
  return Uint8Array.from({ length: PIXELS }, (_, p) => data[4 * p]);
}

/**
 * Connect the paper and buttons in `container`.
 *
 * @param onDigit called with {image, label, text}: 784 numbers; the label, or null if unknown; the digit as text for the URL.
 */
export function startDigit(container, onDigit) {
  const find = (name) => container.querySelector(`[data-${name}]`);
  const pad = new Pad(find("paper"), find("pencil"), changed);
  let image = null;
  let caption = "";
  let reading = false;
  let waiting = null;

  function changed() {
    find("hint").hidden = !pad.isEmpty;
    if (!pad.isEmpty) read(pad.bytes());
  }

  async function use(pixels, label, newCaption, text) {
    [image, caption] = [pixels, newCaption];
    show();
    onDigit({ image, label, text: text ?? `z${await compress(Uint8Array.from(image))}` });
  }

  function show() {
    if (image) drawInk(find("image"), image);
    find("caption").textContent = caption;
  }

  /** Read a picture. Of the pictures that arrive meanwhile, only the newest is read. */
  async function read(picture) {
    waiting = picture;
    if (reading) return;
    reading = true;
    while (waiting !== null) {
      const body = waiting;
      waiting = null;
      try {
        const answer = await ask("/v1/stages", { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body });
        if (answer.digit === null) find("caption").textContent = answer.problem;
        else await use(await pixelsOf(answer.stages.image), null, `tenfold’s own network reads a ${answer.digit}`);
      } catch (error) {
        find("caption").textContent = error.message;
      }
    }
    reading = false;
  }

  async function takeTestImage(index) {
    const { image: pixels, label } = await ask(`/lab/api/image?index=${index}`);
    pad.clear();
    await use(pixels, label, `test image ${index}, a ${label}`, `t${index}`);
  }

  find("clear").addEventListener("click", () => pad.clear());
  find("test-image").addEventListener("click", () => takeTestImage(Math.floor(Math.random() * 10000)));
  find("choose").addEventListener("click", () => find("file").click());
  find("file").addEventListener("change", (event) => {
    if (event.target.files[0]) readOnNewPaper(event.target.files[0]);
    event.target.value = "";
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) readOnNewPaper(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => event.clipboardData.files[0] && readOnNewPaper(event.clipboardData.files[0]));
  document.addEventListener("themechange", show);

  function readOnNewPaper(picture) {
    pad.clear();
    read(picture);
  }

  return {
    /** Show the digit in the URL, or the first test image. */
    async show(text) {
      try {
        if (text?.startsWith("z")) await use(await decompress(text.slice(1)), null, "the digit in the URL of this page", text);
        else await takeTestImage(Number(text?.slice(1) ?? 0) || 0);
      } catch {
        await takeTestImage(0);
      }
    },
  };
}
