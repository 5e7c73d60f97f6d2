// Your digit: drawn, chosen, dropped, or one of MNIST's test images; kept in the URL as 784 compressed numbers.

import { decode, encode, pixelsOf } from "../digit_code.js";
import { element } from "../elements.js";
import { Pad } from "../pad.js";
import { onlyFirst, watchPictures } from "../pictures.js";
import { drawInk } from "../pixels.js";
import { Newest, ask, isAborted, sentence } from "../requests.js";

/**
 * Put the paper and its buttons into `[data-input]` of `container`, and connect them.
 *
 * @param onDigit called with {image, label, text}: 784 numbers; the label, or null if unknown; the digit as text for the URL.
 *   Called with null as soon as the digit on screen is another one that is not read yet, or none.
 */
export function startDigit(container, onDigit) {
  const find = (name) => container.querySelector(`[data-${name}]`);
  const paper = element("div", { className: "pad" });
  find("input").append(paper, buttons());
  const pad = new Pad(paper, changed);
  const reading = new Newest(read);
  let image = null;
  let asked = 0; // test images; only the last one is wanted, and none once the paper has changed
  let drawn = false; // the digit is what the strokes on the paper were a moment ago

  function changed(_, kind) {
    asked += 1;
    const continues = drawn && (kind === "stroke" || kind === "lift");
    if (kind !== "stroke") reading.stop();
    if (pad.isEmpty) none("Draw a digit, or take a test image.");
    else if (continues) container.classList.add("waiting");
    else none("reading …");
    if (!pad.isEmpty) reading.run(pad.picture?.blob ?? pad.bytes(), pad.picture);
  }

  /** There is no digit to judge: say why. */
  function none(caption) {
    image = null;
    drawn = false;
    find("caption").textContent = caption;
    container.classList.remove("waiting");
    container.classList.add("no-digit");
    onDigit(null);
  }

  function use(pixels, label, caption, text) {
    image = pixels;
    drawn = !pad.isEmpty && !pad.picture;
    container.classList.remove("no-digit", "waiting");
    find("caption").textContent = caption;
    show();
    onDigit({ image: pixels, label, text });
  }

  function show() {
    if (image) drawInk(find("image"), image);
  }

  async function read(signal, body, upload) {
    const onSent = upload && ((fraction) => { if (!signal.aborted && fraction < 1) none(`sending ${Math.floor(100 * fraction)} %`); });
    try {
      const answer = await ask("v1/stages", { body, type: "application/octet-stream", signal, onSent });
      if (answer.digit === null) return none(sentence(answer.problem));
      const pixels = await pixelsOf(answer.stages.image), text = await encode(pixels);
      signal.throwIfAborted();
      return use(pixels, null, `tenfold’s own network reads a ${answer.digit}`, text);
    } catch (error) {
      if (isAborted(error)) throw error;
      return none(error.message);
    }
  }

  async function takeTestImage(index) {
    reading.stop();
    if (!pad.isEmpty) pad.clear();
    none("loading …");
    const wanted = ++asked;
    try {
      const { image: pixels, label } = await ask(`lab/api/image?index=${index}`);
      if (wanted === asked) use(pixels, label, `test image ${index}, a ${label}`, `t${index}`);
    } catch (error) {
      if (wanted === asked) none(error.message);
    }
  }

  find("clear").addEventListener("click", () => {
    pad.clear();
    none("Draw a digit, or take a test image.");
  });
  find("test-image").addEventListener("click", () => takeTestImage(Math.floor(Math.random() * 10000)));
  watchPictures({ paper, choose: find("choose"), file: find("file") }, async (file, count) => {
    pad.showPicture(file, file.name, await createImageBitmap(file).catch(() => null));
    find("notice").textContent = onlyFirst(file.name, count);
  });
  document.addEventListener("themechange", show);

  return {
    /** Show the digit in the URL, or the first test image. */
    async show(text) {
      try {
        if (text?.startsWith("z")) use(await decode(text), null, "the digit in the URL of this page", text);
        else await takeTestImage(Number(text?.slice(1) ?? 0) || 0);
      } catch {
        await takeTestImage(0);
      }
    },
  };
}

/** The buttons below the paper, and the hidden input of files. */
function buttons() {
  const button = (name, text) => named(name, element("button", { className: "button", type: "button" }, text));
  const file = named("file", element("input", {
    type: "file", accept: "image/*,.heic,.heif,.pgm,.ppm,.tga,.jp2", ariaLabel: "Choose a picture", tabIndex: -1, hidden: true,
  }));
  return element(
    "div", { className: "row" }, button("clear", "Clear"), button("choose", "Picture"), button("testImage", "Test image"), file,
  );
}

function named(name, made) {
  made.dataset[name] = "";
  return made;
}
