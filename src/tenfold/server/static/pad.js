// The paper of all pages: strokes by mouse, pen, finger or keys, or a picture; undo, redo and clear. Sends no requests.
// Lengths are in heights of the paper, and x is 0 in its middle, so that a drawing stays centered when the paper widens.

import { element } from "./elements.js";

const PENS = { thick: 0.075, thin: 0.035 };
const STEP = 0.02, LARGE_STEP = 0.1; // movement of the pen by one arrow key
const SENT_HEIGHT = 280; // pixels: the height of the drawing that is sent
const KEYS = "Arrow keys move the pen, with Shift in larger steps. Space lowers and lifts it. Backspace undoes the last stroke, "
  + "Escape clears the paper.";

export class Pad {
  pen = "thick";
  scale = 1; // scale of the pen: numbers are written smaller than a single digit
  #canvas; #pencil; #hint; #changed;
  #history = []; // the actions, oldest first: {points, width}, {blob, name, image} or {clear: true}; `fresh` starts new paper
  #undone = []; // for redo, the last undone at the end
  #stroke = null; // the stroke that is being drawn
  #keys = { x: 0, y: 0.5, down: false };

  /**
   * Put the paper into `container`.
   *
   * @param changed called with the time of the event and the kind of change whenever the paper changes: "stroke", "lift",
   *   "undo", "redo", "clear" or "picture".
   */
  constructor(container, changed) {
    this.#changed = changed;
    this.#canvas = element("canvas", { id: "paper", tabIndex: 0, role: "application", ariaLabel: "Paper to draw on" });
    this.#canvas.setAttribute("aria-describedby", "keys");
    this.#hint = element(
      "div", { className: "hint", id: "hint", ariaHidden: "true" },
      element("p", { className: "hint-main" }, "Draw a digit"), element("p", { className: "small" }, "or drop, paste or choose a picture"),
    );
    this.#pencil = element("span", { className: "pencil", id: "pencil", ariaHidden: "true", hidden: true });
    container.prepend(this.#canvas);
    container.append(this.#hint, this.#pencil, element("p", { className: "visually-hidden", id: "keys" }, KEYS));

    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#up(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => this.#showPencil());
    canvas.addEventListener("blur", () => this.#liftKeys());
    new ResizeObserver(() => this.draw()).observe(canvas);
    document.addEventListener("themechange", () => this.draw());
  }

  get canUndo() { return this.#history.length > 0; }
  get canRedo() { return this.#undone.length > 0; }
  get isEmpty() { return this.#shown().length === 0; }
  get isDrawing() { return this.#stroke !== null; }
  get picture() { return this.#shown().find((item) => item.blob) ?? null; }
  set hint(text) { this.#hint.firstChild.textContent = text; }

  undo(time = performance.now()) {
    this.#stroke = null;
    const last = this.#history.pop();
    if (last) this.#undone.push(last);
    this.#update(time, "undo");
  }

  redo(time = performance.now()) {
    this.#stroke = null;
    const next = this.#undone.pop();
    if (next) this.#history.push(next);
    this.#update(time, "redo");
  }

  clear(time = performance.now()) {
    this.#stroke = null;
    if (!this.isEmpty) this.#act({ clear: true });
    this.#update(time, "clear");
  }

  /** Show a picture on new paper; `image` is null if the browser cannot show the blob. */
  showPicture(blob, name, image, time = performance.now()) {
    this.#stroke = null;
    this.#act({ blob, name, image, fresh: true });
    this.#update(time, "picture");
  }

  /** Set the image of a picture that the browser cannot show. */
  setImage(blob, image) {
    for (const item of this.#history) if (item.blob === blob) item.image = image;
    this.draw();
  }

  /** The strokes on the paper, to be kept while the page is away. */
  get strokes() { return this.#shown().filter((item) => item.points).map(({ points, width }) => ({ points, width })); }

  /** Show strokes that were kept. */
  restore(strokes, time = performance.now()) {
    this.#history.push(...strokes);
    this.#update(time, "lift");
  }

  /** The position of the picture, or the whole paper: left, top, width and height as fractions of the paper. */
  frame() {
    const image = this.picture?.image;
    const { width, height } = this.#canvas.getBoundingClientRect();
    if (!image) return { left: 0, top: 0, width: 1, height: 1 };
    const scale = Math.min(width / image.width, height / image.height);
    const [w, h] = [image.width * scale / width, image.height * scale / height];
    return { left: (1 - w) / 2, top: (1 - h) / 2, width: w, height: h };
  }

  draw() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (this.#canvas.width !== w || this.#canvas.height !== h) Object.assign(this.#canvas, { width: w, height: h });
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, w, h);
    const image = this.picture?.image;
    if (image) {
      const { left, top, width: wide, height: high } = this.frame();
      context.drawImage(image, left * w, top * h, wide * w, high * h);
    }
    this.#drawStrokes(context, w, h, getComputedStyle(this.#canvas).color);
  }

  /** The strokes, black on white, as the bytes of a PGM file; other formats take longer to encode. */
  bytes() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const [w, h] = [Math.round(SENT_HEIGHT * width / height), SENT_HEIGHT];
    const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, w, h);
    this.#drawStrokes(context, w, h, "black");
    const colours = context.getImageData(0, 0, w, h).data;
    const head = new TextEncoder().encode(`P5 ${w} ${h} 255\n`);
    const bytes = new Uint8Array(head.length + w * h);
    bytes.set(head);
    for (let i = 0; i < w * h; i++) bytes[head.length + i] = colours[4 * i];
    return bytes;
  }

  #shown() {
    const start = this.#history.findLastIndex((item) => item.clear || item.fresh);
    return this.#history.slice(this.#history[start]?.clear ? start + 1 : Math.max(0, start));
  }

  #act(item) {
    this.#history.push(item);
    this.#undone = [];
  }

  #update(time, kind) {
    this.#hint.hidden = !this.isEmpty;
    this.draw();
    this.#changed(time, kind);
  }

  #drawStrokes(context, width, height, colour) {
    context.save();
    context.translate(width / 2, 0);
    context.scale(height, height);
    Object.assign(context, { strokeStyle: colour, lineCap: "round", lineJoin: "round" });
    for (const { points, width: penWidth } of this.#shown()) {
      if (!points) continue;
      context.lineWidth = penWidth;
      context.beginPath();
      context.moveTo(points[0].x, points[0].y);
      for (let i = 1; i < points.length; i++) { // quadratic curves between the midpoints are smooth
        const [from, to] = [points[i - 1], points[i]];
        context.quadraticCurveTo(from.x, from.y, (from.x + to.x) / 2, (from.y + to.y) / 2);
      }
      const last = points.at(-1);
      context.lineTo(last.x, last.y);
      context.stroke();
    }
    context.restore();
  }

  #begin(point) {
    this.#stroke = { points: [point], width: PENS[this.pen] * this.scale, fresh: this.picture !== null };
    this.#act(this.#stroke);
  }

  #point(event) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: (event.clientX - left - width / 2) / height, y: (event.clientY - top) / height };
  }

  #down(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.#liftKeys();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#begin(this.#point(event));
    this.#update(event.timeStamp, "stroke");
  }

  #move(event) {
    if (!this.#stroke || this.#keys.down || !event.isPrimary) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#stroke.points.push(this.#point(each));
    this.#update(event.timeStamp, "stroke");
  }

  #up(event) {
    if (!this.#stroke || this.#keys.down || !event.isPrimary) return;
    this.#stroke = null;
    this.#update(event.timeStamp, "lift");
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in moves) this.#moveKeys(moves[event.key], event.timeStamp);
    else if (event.key === " " || event.key === "Enter") this.#toggleKeys(event.timeStamp);
    else if (event.key === "Backspace" || event.key === "Delete") this.#undoByKey(event.timeStamp);
    else if (event.key === "Escape") this.#clearByKey(event.timeStamp);
    else return;
    event.preventDefault();
    this.#showPencil();
  }

  #moveKeys([right, down], time) {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const half = width / height / 2;
    this.#keys.x = Math.min(half, Math.max(-half, this.#keys.x + right));
    this.#keys.y = Math.min(1, Math.max(0, this.#keys.y + down));
    if (!this.#keys.down || !this.#stroke) return;
    this.#stroke.points.push({ x: this.#keys.x, y: this.#keys.y });
    this.#update(time, "stroke");
  }

  #toggleKeys(time) {
    this.#keys.down = !this.#keys.down;
    if (this.#keys.down) this.#begin({ x: this.#keys.x, y: this.#keys.y });
    else this.#stroke = null;
    this.#update(time, this.#keys.down ? "stroke" : "lift");
  }

  #undoByKey(time) {
    this.#keys.down = false;
    this.undo(time);
  }

  #clearByKey(time) {
    this.#keys.down = false;
    this.clear(time);
  }

  #liftKeys() {
    const wasDown = this.#keys.down && this.#stroke !== null;
    if (wasDown) this.#stroke = null;
    this.#keys.down = false;
    this.#pencil.hidden = true;
    if (wasDown) this.#update(performance.now(), "lift");
  }

  // Show the keyboard pen only if the paper was focused by keyboard.
  #showPencil() {
    this.#pencil.hidden = !this.#canvas.matches(":focus-visible");
    const { width, height } = this.#canvas.getBoundingClientRect();
    this.#pencil.style.left = `${50 + 100 * this.#keys.x * height / width}%`;
    this.#pencil.style.top = `${100 * this.#keys.y}%`;
    this.#pencil.classList.toggle("down", this.#keys.down);
  }
}
