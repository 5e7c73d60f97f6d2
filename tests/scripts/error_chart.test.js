// Unit tests of lab/error_chart.js: node --test tests/scripts

import assert from "node:assert/strict";
import test from "node:test";

import { position } from "../../src/tenfold/server/static/lab/error_chart.js";

test("halving the errors is the same distance everywhere", () => {
  const distance = position(0.2) - position(0.1);
  assert.ok(distance > 0.1);
  assert.ok(Math.abs(position(0.01) - position(0.005) - distance) < 1e-12);
});

test("nothing leaves the scale", () => {
  assert.deepEqual([0, 0.001, 0.5, 1].map(position), [0, 0, 1, 1]);
});
