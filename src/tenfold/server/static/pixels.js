// Images of 28 x 28 on the canvases of all pages: ink, or signed values in two colours; and pointing at one pixel.

const SIDE = 28;
const probe = document.createElement("i"); // resolves CSS colours, also where the system forces its own on texts
probe.className = "probe";
probe.hidden = true;
document.body.append(probe);

let colours = null;
document.addEventListener("themechange", () => { colours = null; });

function rgb(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function themeColours() {
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
export const drawInk = (canvas, image) => paint(canvas, (p) => [themeColours().ink, image[p] / 255]);

/** Values, blue above 0 and orange below; `largest` has full opacity, and `from` is the index of the first value. */
export function drawSigned(canvas, values, largest, from = 0) {
  const { for: blue, against: orange } = themeColours();
  paint(canvas, (p) => {
    const value = values[from + p];
    return Number.isNaN(value) ? [orange, 1] : [value > 0 ? blue : orange, Math.abs(value) / largest || 0];
  });
}

/** The 99th percentile of the absolute values: as the colour scale, it keeps a few large values from making all others pale. */
export function colourScale(values, quantile = 0.99) {
  const sizes = Float64Array.from(values, Math.abs).filter((size) => size > 0 && Number.isFinite(size)).sort();
  return sizes.length ? sizes[Math.floor(quantile * (sizes.length - 1))] || 1 : 1;
}

/**
 * The weights in the middle of each image, where images have ink. The colour scale comes from them, because large weights
 * in the untrained margins would make the middle pale.
 */
export function withoutMargins(values) {
  const inside = (position) => position > 5 && position < SIDE - 6;
  return values.filter((_, i) => inside(Math.floor(i / SIDE) % SIDE) && inside(i % SIDE));
}

/** Add ten figures to `container`, one for each digit; returns their elements, canvases and captions. */
export function tenFigures(container, label) {
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
  container.replaceChildren(...figures.map(({ figure }) => figure));
  return figures;
}

/**
 * Point at the same pixel on every canvas inside `container`: with the mouse, a finger, or the arrow keys while the
 * container has the focus. Calls `onPoint` with the index of the pixel, or null if there is none.
 */
export function pointAtPixels(container, onPoint) {
  let current = null;
  function go(pixel) {
    current = pixel;
    container.style.setProperty("--row", pixel === null ? 0 : Math.floor(pixel / SIDE));
    container.style.setProperty("--column", pixel === null ? 0 : pixel % SIDE);
    container.toggleAttribute("data-pointing", pixel !== null);
    onPoint(pixel);
  }
  container.tabIndex = 0;
  container.classList.add("pixels");
  container.addEventListener("pointermove", (event) => {
    const canvas = event.target.closest("canvas");
    if (!canvas) return;
    const box = canvas.getBoundingClientRect();
    const [row, column] = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
      .map((fraction) => Math.min(SIDE - 1, Math.max(0, Math.floor(fraction * SIDE))));
    go(row * SIDE + column);
  });
  container.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") return go(null);
    if (step === undefined || event.target !== container) return undefined;
    event.preventDefault();
    const next = (current ?? 14 * SIDE + 13) + step;
    return next >= 0 && next < SIDE * SIDE ? go(next) : undefined;
  });
  return { refresh: () => onPoint(current), go };
}

export const pixelName = (pixel) => `row ${Math.floor(pixel / SIDE) + 1}, column ${(pixel % SIDE) + 1}`;
