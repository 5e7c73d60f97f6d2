// Unit tests of table/rows.js: node --test tests/scripts

import assert from "node:assert/strict";
import test from "node:test";

import { asCsv, asJson, belongs, compare, isDoubtful } from "../../src/tenfold/server/static/table/rows.js";

const row = (values) => ({ name: "7.jpg", page: null, state: "read", text: "7", confidence: 0.99, problem: null, corrected: null, number: 0, ...values });

test("what failed comes first, then the least certain; what waits comes last", () => {
  const rows = [
    row({ name: "waits", state: "waiting", number: 0 }), row({ name: "sure", number: 1 }), row({ name: "equal", number: 2 }),
    row({ name: "unsure", confidence: 0.4, number: 3 }), row({ name: "failed", state: "failed", number: 4 }),
    row({ name: "no digit", text: "", confidence: 0, problem: "It is blank.", number: 5 }),
  ];
  assert.deepEqual(rows.sort(compare).map(({ name }) => name), ["failed", "no digit", "unsure", "sure", "equal", "waits"]);
});

test("a row is doubtful by its confidence, its problem or its failure, until it is corrected", () => {
  assert.ok(!isDoubtful(row({})));
  assert.ok(!isDoubtful(row({ state: "waiting", confidence: 0 })));
  for (const values of [{ confidence: 0.89 }, { problem: "It may be a 1." }, { state: "failed" }]) {
    assert.ok(isDoubtful(row(values)));
    assert.ok(belongs(row(values), "doubtful"));
    assert.ok(!belongs(row({ ...values, corrected: "4" }), "doubtful"));
    assert.ok(belongs(row({ ...values, corrected: "4" }), "corrected"));
  }
});

test("CSV quotes what must be quoted, and no cell is a formula", () => {
  const rows = [
    row({ name: 'a,"b".jpg', page: 2 }), row({ name: "=SUM(A1).png", text: "9", corrected: "4" }),
    row({ name: "bad.jpg", state: "failed", text: "", confidence: 0, problem: "It is damaged.\nSave it again." }),
  ];
  assert.equal(asCsv(rows), [
    "file,page,text,confidence,corrected,problem",
    '"a,""b"".jpg",2,7,0.99,false,', "'=SUM(A1).png,,4,0.99,true,", 'bad.jpg,,,,false,"It is damaged.\nSave it again."', "",
  ].join("\r\n"));
});

test("JSON has the same columns, and null for what is not known", () => {
  assert.deepEqual(JSON.parse(asJson([row({ state: "waiting" })])), [
    { file: "7.jpg", page: null, text: null, confidence: null, corrected: false, problem: null },
  ]);
});
