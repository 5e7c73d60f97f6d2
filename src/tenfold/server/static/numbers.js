// Numbers of all pages: decoding them from the server, and formatting them, rounded or exact.

/** Decode float64 numbers from base64. */
export function unpack(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return new Float64Array(bytes.buffer);
}

/** A float64 with all its digits, as Python prints it. */
export function exact(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const [digits, exponent] = x.toExponential().split("e");
  if (x !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return Number.isInteger(x) ? `${Object.is(x, -0) ? "-0" : x}.0` : String(x);
}

/** A rounded number, with a typographic minus sign. */
export function rounded(x) {
  if (!Number.isFinite(x)) return exact(x);
  const size = Math.abs(x);
  const text = size === 0 ? "0" : size < 0.001 || size >= 1e6 ? scientific(x) : x.toFixed(size < 0.1 ? 4 : 3);
  return text.replace("-", "−");
}

export function scientific(x, digits = 3) {
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  const superscript = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
  const trimmed = mantissa.replace(/\.?0+$/, "");
  return trimmed === "1" ? `10${superscript}` : `${trimmed} × 10${superscript}`;
}

/** A fraction in percent, by default with one decimal, but 0 % and 100 % without. */
export function percent(fraction, places) {
  const value = 100 * fraction;
  return `${value.toFixed(places ?? (value > 99.95 || value < 0.05 ? 0 : 1))} %`;
}

/** An accuracy in percent, with two decimals, as everywhere in the documentation. */
export const asAccuracy = (fraction) => percent(fraction, 2);

export const count = (n) => n.toLocaleString("en-US");

/** A duration in a suitable unit, from milliseconds to days. */
export function duration(seconds) {
  if (seconds < 0.0995) return `${(1000 * seconds).toFixed(seconds < 0.00995 ? 1 : 0)} ms`;
  if (seconds < 90) return `${seconds.toPrecision(2)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toPrecision(2)} hours`;
  return `${(seconds / 86400).toPrecision(2)} days`;
}
