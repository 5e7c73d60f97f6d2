// An image of 28 x 28 pixels as text for a URL, and from a PNG.

export const PIXELS = 784;

/** 784 numbers as text: "z" and the compressed bytes. */
export async function encode(image) {
  const bytes = await pipe(Uint8Array.from(image), new CompressionStream("deflate-raw"));
  return `z${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The 784 numbers of a text. */
export async function decode(text) {
  const base64 = text.slice(1).replaceAll("-", "+").replaceAll("_", "/");
  const image = await pipe(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)), new DecompressionStream("deflate-raw"));
  if (image.length !== PIXELS) throw new Error(`an image has ${PIXELS} pixels, not ${image.length}`);
  return image;
}

/** The 784 pixels of a PNG image, by its URL. */
export async function pixelsOf(url) {
  const picture = Object.assign(new Image(), { src: url });
  await picture.decode();
  const context = new OffscreenCanvas(28, 28).getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, 28, 28);
  return Uint8Array.from({ length: PIXELS }, (_, p) => data[4 * p]);
}

async function pipe(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
