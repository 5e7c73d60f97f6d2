// Images of 28 x 28 on canvases: ink, or values above and below 0 in two colours; and one pixel pointed at in all of them.

const SIDE = 28;
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

let colours = null;
document.addEventListener("themechange", () => { colours = null; });

function rgb(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function words() {
  colours ??= { ink: rgb("--ink"), for: rgb("--for"), against: rgb("--against") };
  return colours;
}

function paint(canvas, pixel) {
  if (canvas.width !== SIDE) canvas.width = canvas.height = SIDE;
  const picture = new ImageData(SIDE, SIDE);
  for (let p = 0; p < SIDE * SIDE; p += 1) {
    const [colour, strength] = pixel(p);
    picture.data[4 * p] = colour[0];
    picture.data[4 * p + 1] = colour[1];
    picture.data[4 * p + 2] = colour[2];
    picture.data[4 * p + 3] = Math.round(255 * Math.min(1, strength));
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

/** An image, 0 paper .. 255 ink. */
export const drawInk = (canvas, image) => paint(canvas, (p) => [words().ink, image[p] / 255]);

/** Values, blue above 0 and orange below, `largest` at full strength; `from` is where this image begins. */
export function drawSigned(canvas, values, largest, from = 0) {
  const { for: blue, against: orange } = words();
  paint(canvas, (p) => {
    const value = values[from + p];
    return Number.isNaN(value) ? [orange, 1] : [value > 0 ? blue : orange, Math.abs(value) / largest || 0];
  });
}

/** The size that only one value in a hundred exceeds, so that a few large ones do not make all others pale. */
export function strong(values, share = 0.99) {
  const sizes = Float64Array.from(values, Math.abs).filter((size) => size > 0 && Number.isFinite(size)).sort();
  return sizes.length ? sizes[Math.floor(share * (sizes.length - 1))] || 1 : 1;
}

/**
 * Of images of weights, the middle of each, where ink falls: its size is the measure, so that margins which nothing was
 * learned about do not make it pale.
 */
export function inTheMiddle(values) {
  const inside = (place) => place > 5 && place < SIDE - 6;
  return values.filter((_, i) => inside(Math.floor(i / SIDE) % SIDE) && inside(i % SIDE));
}

/** Ten figures, one a digit, each a canvas and a caption; returns the canvases and captions. */
export function tenFigures(place, label) {
  const figures = [...Array(10).keys()].map((digit) => {
    const figure = document.createElement("figure");
    const tile = document.createElement("div");
    const canvas = document.createElement("canvas");
    const caption = document.createElement("figcaption");
    tile.className = "tile";
    canvas.className = "pixelated";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label(digit));
    caption.textContent = digit;
    tile.append(canvas);
    figure.append(tile, caption);
    return { figure, canvas, caption };
  });
  place.replaceChildren(...figures.map(({ figure }) => figure));
  return figures;
}

/**
 * Pointing at one pixel, the same one on every canvas inside `place`: with the mouse, a finger, or the arrow keys once
 * the place has the focus. Calls `tell` with the pixel's number, or null when nothing is pointed at.
 */
export function pointAtPixels(place, tell) {
  let at = null;
  function go(pixel) {
    at = pixel;
    place.style.setProperty("--row", pixel === null ? 0 : Math.floor(pixel / SIDE));
    place.style.setProperty("--column", pixel === null ? 0 : pixel % SIDE);
    place.toggleAttribute("data-pointing", pixel !== null);
    tell(pixel);
  }
  place.tabIndex = 0;
  place.classList.add("pixels");
  place.addEventListener("pointermove", (event) => {
    const canvas = event.target.closest("canvas");
    if (!canvas) return;
    const box = canvas.getBoundingClientRect();
    const [row, column] = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
      .map((share) => Math.min(SIDE - 1, Math.max(0, Math.floor(share * SIDE))));
    go(row * SIDE + column);
  });
  place.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") return go(null);
    if (step === undefined || event.target !== place) return undefined;
    event.preventDefault();
    const next = (at ?? 14 * SIDE + 13) + step;
    return next >= 0 && next < SIDE * SIDE ? go(next) : undefined;
  });
  return { again: () => tell(at), go };
}

export const pixelName = (pixel) => `row ${Math.floor(pixel / SIDE) + 1}, column ${(pixel % SIDE) + 1}`;
