// Unit tests of table/read_queue.js: node --test tests/scripts

import assert from "node:assert/strict";
import test from "node:test";

import { ReadQueue } from "../../src/tenfold/server/static/table/read_queue.js";

const soon = () => new Promise((resolve) => { setImmediate(resolve); });
const failing = (status) => Object.assign(new Error(`status ${status}`), { status });

test("four are at work at once, and all are done", async () => {
  const queue = new ReadQueue();
  let running = 0, most = 0;
  const results = await Promise.all([...Array(20).keys()].map((i) => queue.add(async () => {
    running += 1;
    most = Math.max(most, running);
    await soon();
    running -= 1;
    return i;
  })));
  assert.equal(most, 4);
  assert.deepEqual(results, [...Array(20).keys()]);
});

test("a busy server is asked again after longer and longer waits", async () => {
  const waits = [];
  const queue = new ReadQueue(async (milliseconds) => { waits.push(milliseconds); });
  let tries = 0;
  const result = await queue.add(async () => {
    tries += 1;
    if (tries < 4) throw failing(tries % 2 ? 429 : 503);
    return "read";
  });
  assert.equal(result, "read");
  assert.deepEqual(waits, [500, 1000, 2000]);
});

test("a server that stays busy, and any other error, end one piece of work only", async () => {
  const queue = new ReadQueue(async () => {});
  let tries = 0;
  await assert.rejects(queue.add(async () => { tries += 1; throw failing(503); }), { status: 503 });
  assert.equal(tries, 6);
  tries = 0;
  await assert.rejects(queue.add(async () => { tries += 1; throw failing(422); }), { status: 422 });
  assert.equal(tries, 1);
  assert.equal(await queue.add(async () => 7), 7);
});

test("clearing aborts what runs and forgets what waits; what is added later is done", async () => {
  const queue = new ReadQueue();
  const started = [], ended = [];
  for (let i = 0; i < 6; i += 1) {
    queue.add((signal) => new Promise((resolve, reject) => {
      started.push(i);
      signal.addEventListener("abort", () => reject(signal.reason));
    })).then(() => ended.push(i), () => ended.push(i));
  }
  await soon();
  queue.clear();
  assert.equal(await queue.add(async () => "new"), "new");
  assert.deepEqual(started, [0, 1, 2, 3]);
  assert.deepEqual(ended, []);
});
