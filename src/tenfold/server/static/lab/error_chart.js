// The errors of all rungs on one logarithmic scale, so that 1 % and 0.5 % are as far apart as 20 % and 10 %.

import { element } from "../elements.js";
import { percent } from "../numbers.js";

const LEAST = 0.001, MOST = 0.5; // fractions of errors at the two ends of the scale
const TICKS = [0.002, 0.01, 0.05, 0.25];

/** Where a fraction of errors lies on the scale: 0 at its left end, 1 at its right end. */
export const position = (errors) => (Math.log(Math.min(MOST, Math.max(LEAST, errors))) - Math.log(LEAST)) / (Math.log(MOST) - Math.log(LEAST));

/**
 * Show a row for each network.
 *
 * @param list the <ol>.
 * @param rows [{name, accuracy, trained, answer}]: accuracy 0..1, or null if unknown; `trained` is false if it was measured
 *   elsewhere; `answer` is {digit, runnerUp, className} of the digit on the page, or null.
 */
export function showErrors(list, rows) {
  const ticks = element("li", { className: "ticks small soft", ariaHidden: "true" }, element("span"), element("span", { className: "track" }, ...TICKS.map((tick) => {
    const mark = element("span", {}, percent(tick, tick < 0.01 ? 1 : 0));
    mark.style.setProperty("--at", position(tick));
    return mark;
  })));
  list.replaceChildren(...rows.map(({ name, accuracy, trained, answer }) => {
    const dot = element("span", { className: trained ? "dot" : "dot elsewhere", hidden: accuracy === null });
    if (accuracy !== null) dot.style.setProperty("--at", position(1 - accuracy));
    const said = answer ? [element("b", { className: answer.className }, answer.digit), element("span", { className: "soft small" }, ` or ${answer.runnerUp}`)] : [];
    const errors = accuracy === null ? "" : percent(1 - accuracy, 2);
    return element("li", {}, element("span", { className: "network" }, name), element("span", { className: "track", ariaHidden: "true" }, dot),
      element("span", { className: "percent small" }, errors), element("span", { className: "said" }, ...said));
  }), ticks);
}
