// The rows of the table as data: their order, what is doubtful, CSV and JSON. Shows nothing.
// A row: {name, page, state, text, confidence, problem, corrected}; page and corrected may be null.
// The states are "waiting", "read" and "failed".

const SURE = 0.9; // as on the page to draw on: below it, a reading is doubtful
const COLUMNS = ["file", "page", "text", "confidence", "corrected", "problem"];
const FORMULA = /^[=+\-@\t\r]/; // spreadsheets compute what starts so

/** True if a person should check the row. */
export const isDoubtful = ({ state, confidence, problem }) => state === "failed" || (state === "read" && (problem !== null || confidence < SURE));

/** Whether a row belongs to "all", "doubtful" or "corrected". */
export const belongs = (row, kind) => kind === "all" || (kind === "doubtful" ? isDoubtful(row) && row.corrected === null : row.corrected !== null);

/** Before 0 if `a` comes first: what failed, then the least certain, then what waits; equals in the order of arrival. */
export const compare = (a, b) => rank(a) - rank(b) || a.number - b.number;

function rank({ state, confidence, problem }) {
  if (state === "waiting") return 3;
  return state === "failed" ? -1 : problem !== null && confidence === 0 ? 0 : confidence;
}

/** What stands in the table in the end: the correction, or else the reading. */
export const valueOf = ({ text, corrected }) => corrected ?? text;

function record(row) {
  const read = row.state === "read";
  return {
    file: row.name, page: row.page, text: read || row.corrected !== null ? valueOf(row) : null,
    confidence: read ? row.confidence : null, corrected: row.corrected !== null, problem: row.problem,
  };
}

/** The rows as JSON, in the order of arrival. */
export const asJson = (rows) => JSON.stringify(rows.map(record), null, 1);

/** The rows as CSV (RFC 4180), in the order of arrival. */
export function asCsv(rows) {
  const lines = rows.map((row) => Object.values(record(row)).map(cell));
  return [COLUMNS, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

function cell(value) {
  if (value === null) return "";
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
