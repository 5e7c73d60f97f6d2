import assert from "node:assert/strict";
import test from "node:test";

import { Newest, RequestError, address, ask, isAborted, sentence } from "../../src/tenfold/server/static/requests.js";

const answering = (status, text) => async () => ({ status, text: async () => text });

test("requests go below the folder of the script", () => {
  assert.ok(address("v1/read").endsWith("/static/v1/read"));
});

test("an error of the server is its sentence with its status", async () => {
  globalThis.fetch = answering(422, '{"error": "the picture is empty"}');
  await assert.rejects(ask("v1/read", { body: "" }), { name: "Error", message: "The picture is empty.", status: 422 });
  globalThis.fetch = answering(502, "<html>bad gateway</html>");
  await assert.rejects(ask("v1/read"), { message: "The server answered 502.", status: 502 });
});

test("a lost server and a damaged answer are told in words", async () => {
  globalThis.fetch = async () => { throw new TypeError("Failed to fetch"); };
  await assert.rejects(ask("v1/read"), (error) => error instanceof RequestError && /does not answer/.test(error.message));
  globalThis.fetch = answering(200, '{"digit": 7');
  await assert.rejects(ask("v1/read"), { message: "The answer of the server is damaged. Try again." });
});

test("visitors see neither bytes in hex nor options", () => {
  assert.equal(sentence("unknown format (first bytes 64 61 74). Give a JPEG"), "Unknown format. Give a JPEG.");
  assert.equal(sentence("read them as a number (--number, read_number), or show one"), "Read them as a number, or show one.");
});

test("of the work that is wanted while some runs, only the newest is done", async () => {
  const done = [];
  let release;
  const newest = new Newest(async (signal, name) => {
    await new Promise((resolve) => { release = resolve; });
    done.push(name);
  });
  const all = newest.run("first");
  newest.run("second");
  newest.run("third");
  release();
  await new Promise(setImmediate);
  release();
  await all;
  assert.deepEqual(done, ["first", "third"]);
});

test("stopped work is aborted, and what is wanted next is done at once", async () => {
  const done = [];
  const newest = new Newest((signal, name) => new Promise((resolve, reject) => {
    if (name === "next") resolve(done.push(name));
    signal.addEventListener("abort", () => reject(signal.reason));
  }));
  const all = newest.run("slow");
  newest.stop();
  newest.run("next");
  await all;
  assert.deepEqual(done, ["next"]);
  assert.ok(isAborted(new DOMException("", "AbortError")));
});
