// Corrected digits, kept in this browser: added, deleted, exported and imported as JSON. Shows nothing.

import { PIXELS } from "./digit_code.js";

const KEPT = "tenfold.corrections";
const KIND = "tenfold corrections"; // the first field of an exported file
export const MOST = 2000; // browsers keep 5 MB for a site, and a correction has 1.1 kB

/** A sentence for the visitor. */
export class CorrectionsError extends Error {}

/** All corrections, oldest first: {image: 784 bytes in base64, digit: 0..9, read: what was read, or null}. */
export function corrections() {
  try {
    return checked(JSON.parse(localStorage.getItem(KEPT) ?? "[]"));
  } catch {
    return []; // they were kept by another version, or the browser keeps nothing
  }
}

/** Add a correction; one of the same image is replaced. */
export function add(correction) {
  keep([...corrections().filter(({ image }) => image !== correction.image), correction]);
}

export function remove(image) {
  keep(corrections().filter((each) => each.image !== image));
}

export function removeAll() {
  keep([]);
}

/** All corrections as the text of a file, which can also be sent to /v1/teach as it is. */
export const exported = () => JSON.stringify({ kind: KIND, corrections: corrections() }, null, 1);

/** Add the corrections in the text of a file; returns how many are new. Nothing is added if anything is wrong. */
export function importFrom(text, name) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new CorrectionsError(`${name} is not JSON: choose a file that was exported here.`);
  }
  if (file?.kind !== KIND) throw new CorrectionsError(`${name} does not hold corrections: choose a file that was exported here.`);
  const before = corrections(), known = new Set(before.map(({ image }) => image));
  const fresh = checked(file.corrections, name).filter(({ image }) => !known.has(image) && known.add(image));
  keep([...before, ...fresh]);
  return fresh.length;
}

/** 784 numbers in base64. */
export const asText = (pixels) => btoa(String.fromCharCode(...pixels));

/** The 784 numbers of a text in base64. */
export const asPixels = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function keep(all) {
  if (all.length > MOST) throw new CorrectionsError(`There are ${all.length} corrections, and at most ${MOST} are kept: export and delete some.`);
  try {
    localStorage.setItem(KEPT, JSON.stringify(all));
  } catch {
    throw new CorrectionsError("The browser does not keep corrections for this page, for example in a private window.");
  }
}

function checked(all, name = "") {
  if (!Array.isArray(all)) throw new CorrectionsError(`${name} has no list of corrections: choose a file that was exported here.`);
  return all.map((each, i) => {
    const wrong = !isImage(each?.image) ? `no image of 28 × 28 pixels` : !isDigit(each.digit) ? `no digit from 0 to 9` : "";
    if (wrong) throw new CorrectionsError(`Correction ${i + 1} in ${name} has ${wrong}: nothing was imported.`);
    return { image: each.image, digit: each.digit, read: isDigit(each.read) ? each.read : null };
  });
}

const isDigit = (value) => Number.isInteger(value) && value >= 0 && value <= 9;

function isImage(text) {
  try {
    return typeof text === "string" && atob(text).length === PIXELS;
  } catch {
    return false;
  }
}
