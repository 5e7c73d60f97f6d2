import assert from "node:assert/strict";
import test from "node:test";

import { decode, encode } from "../../src/tenfold/server/static/digit_code.js";
import { asAccuracy, duration, exact, percent, rounded, scientific, unpack } from "../../src/tenfold/server/static/numbers.js";

test("percent have a decimal where it says something", () => {
  assert.deepEqual([1, 0.9996, 0.9989, 0.56, 0.0004].map((value) => percent(value)), ["100 %", "100 %", "99.9 %", "56.0 %", "0 %"]);
  assert.equal(asAccuracy(0.7447), "74.47 %");
});

test("exact numbers are those of Python", () => {
  const python = { 0.1: "0.1", 1e-7: "1e-07", 1e22: "1e+22", 5: "5.0", "-0": "-0.0" };
  for (const [value, text] of Object.entries(python)) assert.equal(exact(Number(value)), text);
  assert.equal(exact(-0), "-0.0");
  assert.equal(exact(Infinity), "inf");
});

test("rounded numbers and durations are short", () => {
  assert.equal(rounded(-0.000123), "−1.23 × 10⁻⁴");
  assert.equal(scientific(1e-7), "10⁻⁷");
  assert.deepEqual([0.004, 0.05, 12, 600, 7200, 200000].map(duration), ["4.0 ms", "50 ms", "12 s", "10 minutes", "2.0 hours", "2.3 days"]);
});

test("float64 numbers arrive bit for bit", () => {
  const values = new Float64Array([0.1, -1e-300, Infinity]);
  assert.deepEqual(unpack(Buffer.from(values.buffer).toString("base64")), values);
});

test("an image in a URL is the image", async () => {
  const image = Uint8Array.from({ length: 784 }, (_, pixel) => (pixel * 37) % 256);
  const text = await encode(image);
  assert.match(text, /^z[\w-]+$/);
  assert.deepEqual(await decode(text), image);
  await assert.rejects(decode("zAAAA"));
});
