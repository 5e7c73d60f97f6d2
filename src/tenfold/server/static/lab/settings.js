// The settings of a run, as they stand in the URL, so that a view can be shared.

const DEFAULTS = { alpha: "1e-7", epochs: "5", images: "1000", start: "article", seed: "0" };

/** What the URL says: the settings of a run, and whatever else a page keeps there. */
export function fromUrl() {
  const given = Object.fromEntries(new URLSearchParams(location.search));
  for (const name of ["alpha", "epochs", "images", "seed"]) {
    if (!(Number(given[name]) >= 0)) delete given[name]; // no number: as by default
  }
  return { ...DEFAULTS, ...given };
}

/** The query that stands for these values; what is as by default is left out. */
export function query(values) {
  const given = Object.entries(values).filter(([name, value]) => value !== "" && String(value) !== DEFAULTS[name]);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** The URL holds these values, and the colours chosen meanwhile; a moment later, since browsers take milliseconds for it. */
export function intoUrl(values) {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const text = query({ ...values, theme: theme() });
    history.replaceState(null, "", text ? `?${text}` : location.pathname);
  }, 200);
}
let writing = 0;

/** The lab's other pages open with the same run, digit and colours. */
export function keepInLinks(values) {
  for (const link of document.querySelectorAll("[data-keeps]")) {
    const text = query({ ...runOf(values), digit: values.digit ?? "", theme: theme() });
    link.href = new URL(link.href).pathname + (text ? `?${text}` : "");
  }
}

const theme = () => new URLSearchParams(location.search).get("theme") ?? "";

/** Only what a run depends on. */
export const runOf = ({ alpha, epochs, images, start, seed }) => ({ alpha, epochs, images, start, seed });

/** The answer to a question to the server; throws what the server says went wrong. */
export async function ask(path, options) {
  const answer = await fetch(path, options);
  if (answer.ok) return answer.json();
  const reason = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(reason.error ?? `the server answered ${answer.status}`), { status: answer.status });
}
