// The paper: strokes by mouse, pen, finger or keys, or a picture; undo and clear. Sends no requests.
// Lengths are in heights of the paper, and x is 0 in its middle, so that a drawing stays centered when the paper widens.

const PENS = { thick: 0.075, thin: 0.035 };
const STEP = 0.02, LARGE_STEP = 0.1; // movement of the pen by one arrow key
const SENT_HEIGHT = 280; // pixels: the height of the drawing that is sent

export class Pad {
  pen = "thick";
  scale = 1; // scale of the pen: numbers are written smaller than a single digit
  #canvas; #pencil; #changed;
  #history = []; // the actions, oldest first: {points, width}, {blob, name, image} or {clear: true}
  #stroke = null; // the stroke that is being drawn
  #keys = { x: 0, y: 0.5, down: false };

  // `changed(time)` is called whenever the paper changes; `time` is the time of the event.
  constructor(canvas, pencil, changed) {
    this.#canvas = canvas;
    this.#pencil = pencil;
    this.#changed = changed;
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
  get isEmpty() { return this.#shown().length === 0; }
  get picture() { return this.#shown().find((item) => item.blob) ?? null; }

  undo(time = performance.now()) {
    this.#stroke = null;
    this.#history.pop();
    this.#update(time);
  }

  clear(time = performance.now()) {
    this.#stroke = null;
    if (!this.isEmpty) this.#history.push({ clear: true });
    this.#update(time);
  }

  // Show a picture on new paper; `image` is null if the browser cannot show the blob.
  showPicture(blob, name, image, time) {
    this.#stroke = null;
    this.#history.push({ clear: true }, { blob, name, image });
    this.#update(time);
  }

  // Set the image of a picture that the browser cannot show.
  setImage(blob, image) {
    for (const item of this.#history) if (item.blob === blob) item.image = image;
    this.draw();
  }

  // The position of the picture, or the whole paper: left, top, width and height as fractions of the paper.
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
      const { left, top, width, height } = this.frame();
      context.drawImage(image, left * w, top * h, width * w, height * h);
    }
    this.#drawStrokes(context, w, h, getComputedStyle(this.#canvas).color);
  }

  // The strokes, black on white, as the bytes of a PGM file; other formats take longer to encode.
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
    return this.#history.slice(this.#history.findLastIndex((item) => item.clear) + 1);
  }

  #update(time) {
    this.draw();
    this.#changed(time);
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
    if (this.picture) this.#history.push({ clear: true });
    this.#stroke = { points: [point], width: PENS[this.pen] * this.scale };
    this.#history.push(this.#stroke);
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
    this.#update(event.timeStamp);
  }

  #move(event) {
    if (!this.#stroke || !event.isPrimary) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#stroke.points.push(this.#point(each));
    this.#update(event.timeStamp);
  }

  #up(event) {
    if (!this.#stroke || !event.isPrimary) return;
    this.#stroke = null;
    this.#update(event.timeStamp);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in moves) this.#moveKeys(moves[event.key], event.timeStamp);
    else if (event.key === " " || event.key === "Enter") this.#toggleKeys(event.timeStamp);
    else if (event.key === "Backspace" || event.key === "Delete") this.#undoByKey(event.timeStamp);
    else if (event.key === "Escape") this.clear(event.timeStamp);
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
    this.#update(time);
  }

  #toggleKeys(time) {
    this.#keys.down = !this.#keys.down;
    if (this.#keys.down) this.#begin({ x: this.#keys.x, y: this.#keys.y });
    else this.#stroke = null;
    this.#update(time);
  }

  #undoByKey(time) {
    this.#keys.down = false;
    this.undo(time);
  }

  #liftKeys() {
    if (this.#keys.down) this.#stroke = null;
    this.#keys.down = false;
    this.#pencil.hidden = true;
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
