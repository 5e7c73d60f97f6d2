// The settings of a run, kept in the URL so that a view can be shared; and requests to the server.

const DEFAULTS = { alpha: "1e-7", epochs: "5", images: "1000", start: "article", seed: "0" };

/** The values in the URL: the settings of a run, and others that a page keeps there. */
export function readUrl() {
  const values = Object.fromEntries(new URLSearchParams(location.search));
  for (const name of ["alpha", "epochs", "images", "seed"]) {
    if (!(Number(values[name]) >= 0)) delete values[name]; // not a number: use the default
  }
  return { ...DEFAULTS, ...values };
}

/** The query of these values, without defaults. */
export function query(values) {
  const changed = Object.entries(values).filter(([name, value]) => value !== "" && String(value) !== DEFAULTS[name]);
  return new URLSearchParams(changed.map(([name, value]) => [name, String(value)])).toString();
}

/** Write values and the theme to the URL, after a delay, because browsers need milliseconds for it. */
export function writeUrl(values) {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const text = query({ ...values, theme: theme() });
    history.replaceState(null, "", text ? `?${text}` : location.pathname);
  }, 200);
}
let writing = 0;

/** Make links to the lab's other pages keep the run, the digit and the theme. */
export function updateLinks(values) {
  for (const link of document.querySelectorAll("[data-keeps]")) {
    const text = query({ ...runOf(values), digit: values.digit ?? "", theme: theme() });
    link.href = new URL(link.href).pathname + (text ? `?${text}` : "");
  }
}

const theme = () => new URLSearchParams(location.search).get("theme") ?? "";

/** The settings of a run, without other values. */
export const runOf = ({ alpha, epochs, images, start, seed }) => ({ alpha, epochs, images, start, seed });

/** Fetch JSON from the server; throws an Error with the message of the server. */
export async function ask(path, options) {
  const response = await fetch(path, options);
  if (response.ok) return response.json();
  const { error } = await response.json().catch(() => ({}));
  throw Object.assign(new Error(error ?? `the server answered ${response.status}`), { status: response.status });
}
