// Files that the page makes and the browser saves.

import { element } from "./elements.js";

/** Save a blob as a file with this name. */
export function download(name, blob) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser needs it until the file is saved
}
