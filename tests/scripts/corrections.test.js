// Unit tests of corrections.js: node --test tests/scripts

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const kept = new Map();
globalThis.localStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
const { add, asPixels, asText, corrections, exported, importFrom, remove, removeAll } = await import(
  "../../src/tenfold/server/static/corrections.js"
);

const image = (value) => asText(new Uint8Array(784).fill(value));

beforeEach(() => kept.clear());

test("pixels survive their text", () => {
  const pixels = Uint8Array.from({ length: 784 }, (_, p) => p % 256);
  assert.deepEqual(asPixels(asText(pixels)), pixels);
});

test("the newest correction of an image is the one that counts", () => {
  add({ image: image(1), digit: 4, read: 9 });
  add({ image: image(2), digit: 7, read: null });
  add({ image: image(1), digit: 1, read: 9 });
  assert.deepEqual(corrections().map(({ digit }) => digit), [7, 1]);
  remove(image(2));
  assert.deepEqual(corrections().map(({ digit }) => digit), [1]);
  removeAll();
  assert.deepEqual(corrections(), []);
});

test("an exported file is imported without doubles", () => {
  add({ image: image(1), digit: 4, read: 9 });
  add({ image: image(2), digit: 7, read: null });
  const file = exported();
  assert.equal(importFrom(file, "a.json"), 0);
  remove(image(1));
  assert.equal(importFrom(file, "a.json"), 1);
  assert.deepEqual(corrections().map(({ digit }) => digit), [7, 4]);
});

test("a file with anything wrong adds nothing and gives one sentence", () => {
  const good = { image: image(1), digit: 4, read: 9 };
  const file = (...all) => JSON.stringify({ kind: "tenfold corrections", corrections: all });
  const wrong = {
    "not JSON": "{",
    "does not hold corrections": "[1, 2]",
    "no list of corrections": JSON.stringify({ kind: "tenfold corrections" }),
    "Correction 2 in a.json has no image": file(good, { ...good, image: "AAAA" }),
    "Correction 1 in a.json has no digit": file({ ...good, digit: 10 }),
    "Correction 1 in a.json has no image of": file(null),
  };
  for (const [reason, text] of Object.entries(wrong)) {
    assert.throws(() => importFrom(text, "a.json"), (error) => error.message.includes(reason) && /\.$/.test(error.message));
  }
  assert.deepEqual(corrections(), []);
});

test("what another version kept is not shown as corrections", () => {
  kept.set("tenfold.corrections", '[{"image": 7}]');
  assert.deepEqual(corrections(), []);
});

test("a browser that keeps nothing says so", () => {
  const { setItem } = globalThis.localStorage;
  globalThis.localStorage.setItem = () => { throw new Error("QuotaExceededError"); };
  assert.throws(() => add({ image: image(1), digit: 4, read: 9 }), /The browser does not keep corrections/);
  globalThis.localStorage.setItem = setItem;
});
