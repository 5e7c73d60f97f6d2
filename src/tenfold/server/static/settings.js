// The settings of all pages. They are kept in the URL, so that a view can be shared, and in the links to the other pages.

const CHOICES = { // of the visitor; the first is the default and left out
  read: ["digit", "number"],
  pen: ["thick", "thin"],
  theme: ["auto", "light", "dark"],
};
const RUN = { alpha: "1e-7", epochs: "5", images: "1000", start: "article", seed: "0" }; // of a training run: the article's
const KEPT = [...Object.keys(CHOICES), ...Object.keys(RUN), "digit"]; // by links to other pages

export const DEFAULT_RUN = { ...RUN };

/** One of the visitor's choices. */
export function setting(name) {
  const value = new URLSearchParams(location.search).get(name);
  return CHOICES[name].includes(value) ? value : CHOICES[name][0];
}

export function set(name, value) {
  const url = new URL(location);
  if (value === CHOICES[name][0]) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(history.state, "", url);
  keepInLinks();
}

export function nextChoice(name) {
  const choices = CHOICES[name];
  return choices[(choices.indexOf(setting(name)) + 1) % choices.length];
}

/** The values in the URL: the settings of a run, and others that a page keeps there. */
export function readUrl() {
  const values = Object.fromEntries(new URLSearchParams(location.search));
  for (const name of ["alpha", "epochs", "images", "seed"]) {
    if (!(Number(values[name]) >= 0)) delete values[name]; // not a number: use the default
  }
  return { ...RUN, ...values };
}

/** The query of these values, without defaults. */
export function query(values) {
  const changed = Object.entries(values).filter(([name, value]) => value !== "" && String(value) !== RUN[name]);
  return new URLSearchParams(changed.map(([name, value]) => [name, String(value)])).toString();
}

/** Write values to the URL, after a delay, because browsers need milliseconds for it. */
export function writeUrl(values) {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const text = query({ ...values, ...choices() });
    history.replaceState(null, "", text ? `?${text}` : location.pathname);
  }, 200);
}
let writing = 0;

/** Make the links to the other pages keep the choices, the run and the digit; `values` are newer than the URL. */
export function keepInLinks(values = {}) {
  Object.assign(newest, values);
  const all = { ...Object.fromEntries(new URLSearchParams(location.search)), ...newest, ...choices() };
  const text = query(Object.fromEntries(Object.entries(all).filter(([name]) => KEPT.includes(name))));
  for (const link of document.querySelectorAll("[data-keeps]")) {
    link.href = new URL(link.href).pathname + (text ? `?${text}` : "");
  }
}
const newest = {};

/** The settings of a run, without other values. */
export const runOf = ({ alpha, epochs, images, start, seed }) => ({ alpha, epochs, images, start, seed });

function choices() {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(Object.keys(CHOICES).map((name) => [name, given.get(name) ?? ""]));
}
