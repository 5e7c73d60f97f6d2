// The review of a form, field by field. Answers are sent in the background, in order; none is dropped before the server has it.

import { count, percent } from "../numbers.js";
import { address, ask, RequestError, sentence } from "../requests.js";

const AHEAD = 5; // fields that are loaded before they are shown
const SAMPLE = 100; // fields of an audit
const RETRY = 2000; // milliseconds until an answer that failed is sent again
const RECENT = 20; // answers over which the rate is measured
const at = (id) => document.getElementById(id);
const browser = crypto.randomUUID?.() ?? String(Math.random());

let items = []; // the first one is shown
let seen = new Set(); // readings that are shown, or answered
let answers = []; // given in this visit: { item, value, correction, sent }
let sending = Promise.resolve();
let unsent = 0;
let changes = 0; // answers given or taken back; progress that was asked for before the last one is old
let progress = { done: 0, left: 0 };
let audited = { checked: 0, wrong: 0, interval: [0, 1], unchecked: 0 };
let insisted = null; // the value that was typed once although it breaks an expectation
let times = [];

const task = () => document.querySelector("input[name=task]:checked").value;
const by = () => at("by").value.trim() || "unknown";
const post = (path, values) => ask(`review/api/${path}`, { body: JSON.stringify(values), type: "application/json" });

async function start() {
  at("by").value = stored("by") ?? "";
  try {
    const state = await ask("review/api/state");
    at("form").textContent = state.form;
    audited = state.audit;
    progress = state.progress;
    await load();
  } catch (error) {
    const missing = error instanceof RequestError && error.status === 404;
    at("progress").textContent = "";
    tell(missing ? "No form is served here. Start the server with tenfold serve --project FOLDER." : sentence(error.message));
  }
}

/** Load the next fields, and show the first one if none is shown. */
async function load() {
  const [current, before] = [task(), unsent ? -1 : changes]; // while answers are on their way, the server knows less
  if (current === "audit" && seen.size && items.length) return;
  const path = current === "audit" ? `sample?count=${SAMPLE}` : `next?browser=${browser}&count=${AHEAD}`;
  const answer = await ask(`review/api/${path}`);
  if (current !== task()) return;
  if (answer.progress && !unsent && before === changes) progress = answer.progress;
  const shown = items[0];
  for (const item of answer.items) {
    if (seen.has(item.reading)) continue;
    seen.add(item.reading);
    items.push(item);
    item.picture = new Image();
    item.picture.src = address(`review/api/crop/${item.reading}`);
  }
  if (items[0] !== shown || !shown) show();
  else tellProgress();
}

function show() {
  const item = items[0];
  at("card").hidden = !item;
  at("done").hidden = Boolean(item);
  at("done").textContent = task() === "audit" ? auditText() : "Nothing is left to review.";
  tellProgress();
  if (!item) return;
  insisted = null;
  at("name").textContent = item.field;
  at("sheet").textContent = item.sheet;
  at("crop").src = item.picture.src;
  at("crop").alt = `The field ${item.field} as it was written`;
  at("value").value = item.value;
  at("problem").textContent = item.problem ?? "";
  at("expected").textContent = item.expected ? `Expected: ${item.expected}.` : "";
  showSheet();
  at("value").focus();
  at("value").select();
}

function showSheet() {
  const wanted = at("show").ariaPressed === "true" && items.length > 0;
  at("around").hidden = !wanted;
  if (wanted) at("around").src = address(`review/api/around/${items[0].reading}`);
}

/** Take the value of the field on screen, and show the next one at once. */
function accept() {
  const item = items[0];
  if (!item) return;
  const value = at("value").value.trim();
  const given = { item, value, insist: insisted === value, correction: null, task: task() };
  changes += 1;
  items.shift();
  answers.push(given);
  times = [...times, performance.now()].slice(-RECENT);
  if (given.task === "answer") progress = { ...progress, done: progress.done + 1, left: Math.max(0, progress.left - 1) };
  tell("");
  show();
  queue(given);
  if (items.length < AHEAD && task() === "answer") sending.then(load).catch(fail);
}

/** Send an answer after those before it; try again until the server has it. */
function queue(given) {
  unsent += 1;
  sending = sending.then(async () => {
    for (;;) {
      try {
        const body = { reading: given.item.reading, value: given.value, by: by(), insist: given.insist };
        const answer = await post(given.task, body);
        given.correction = answer.correction;
        if (answer.may_insist) giveBack(given, `${answer.problem} Press Enter once more to accept it all the same.`);
        else if (answer.problem) tell(answer.problem);
        else if (given.task === "audit") audited = (await ask("review/api/state")).audit;
        break;
      } catch (error) {
        if (error.status >= 400 && error.status < 500) {
          giveBack(given, sentence(error.message));
          break;
        }
        tell(`${sentence(error.message)} The answer is kept, and sent again.`);
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    unsent -= 1;
    tellProgress();
  });
}

/** Show a field again whose answer does not count. */
function giveBack(given, why) {
  changes += 1;
  answers = answers.filter((one) => one !== given);
  if (given.task !== task()) return;
  items.unshift(given.item);
  if (given.task === "answer") progress = { ...progress, done: progress.done - 1, left: progress.left + 1 };
  show();
  at("value").value = given.value;
  at("value").select();
  insisted = given.value;
  tell(why);
}

async function undo() {
  const given = answers.at(-1);
  if (!given) return;
  changes += 1;
  answers.pop();
  await sending; // it may not be sent yet
  try {
    if (given.correction) await post("undo", { correction: given.correction, by: by(), browser });
    if (given.task === "answer") progress = { ...progress, done: progress.done - 1, left: progress.left + 1 };
    if (given.task === task()) items.unshift(given.item);
    tell("");
    show();
  } catch (error) {
    fail(error);
  }
}

function tellProgress() {
  at("undo").disabled = !answers.length;
  if (task() === "audit") {
    at("progress").textContent = auditText();
    at("bar").value = audited.checked / Math.max(1, audited.checked + items.length);
    return;
  }
  const { done, left } = progress;
  const minutes = times.length > 2 ? (times.at(-1) - times[0]) / (times.length - 1) / 60_000 : 0;
  const rate = minutes ? `, ${count(Math.round(1 / minutes))} a minute, about ${Math.ceil(left * minutes)} min left` : "";
  at("progress").textContent = `${count(done)} checked, ${count(left)} left${rate}`;
  at("bar").value = done / Math.max(1, done + left);
}

function auditText() {
  const { checked, wrong, interval, unchecked } = audited;
  if (!checked) return `${count(unchecked)} fields were filled without review. Check a random sample of them.`;
  const [low, high] = interval.map((rate) => percent(rate, 1));
  return `${count(checked)} of the fields without review checked, ${count(wrong)} wrong: ${percent(wrong / checked, 1)} (95 % interval ${low} to ${high}).`;
}

function tell(text) {
  at("note").hidden = !text;
  at("note").textContent = text;
}

const fail = (error) => tell(sentence(error.message));

function stored(name) {
  try {
    return localStorage.getItem(`tenfold-review-${name}`);
  } catch {
    return null;
  }
}

function store(name, value) {
  try {
    localStorage.setItem(`tenfold-review-${name}`, value);
  } catch {
    // private windows may refuse; the name is asked again
  }
}

at("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  accept();
});
at("undo").addEventListener("click", undo);
at("show").addEventListener("click", () => {
  at("show").ariaPressed = String(at("show").ariaPressed !== "true");
  showSheet();
});
at("clear").addEventListener("click", () => {
  at("value").value = "";
  at("value").focus();
});
at("around").addEventListener("error", () => {
  if (at("around").hidden) return;
  at("around").hidden = true;
  tell("The scan of this sheet cannot be read any more.");
});
at("by").addEventListener("change", () => store("by", at("by").value.trim()));
for (const radio of document.querySelectorAll("input[name=task]")) {
  radio.addEventListener("change", () => {
    items = [];
    seen = new Set();
    tell("");
    load().catch(fail);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.target === at("by") || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = { u: "undo", s: "show", e: "clear" }[event.key];
  if (!button) return;
  event.preventDefault();
  at(button).click();
  at("value").focus();
});
addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});
addEventListener("pagehide", () => navigator.sendBeacon(address(`review/api/leave?browser=${browser}`)));

start();
