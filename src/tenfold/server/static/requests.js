// Requests to the server, below the prefix that it serves the pages under. Shows nothing.

const ROOT = new URL("./", import.meta.url);
const NO_ANSWER = "The server does not answer. Is it still running?";
const FOR_DEVELOPERS = /\s*\((?:first bytes|--number)[^)]*\)/g; // what helps a program, not a visitor

/** The URL of a path such as "v1/read". */
export const address = (path) => new URL(path, ROOT).href;

/** A request that failed: `message` is a sentence for the visitor, `status` that of HTTP, or 0 without an answer. */
export class RequestError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** True if a request was aborted, because its answer is not wanted any more. */
export const isAborted = (error) => error.name === "AbortError";

/**
 * Send a request and return the JSON of its answer.
 *
 * @param path such as "v1/read".
 * @param options.body makes it a POST; `type` is its content type.
 * @param options.signal aborts it.
 * @param options.as "blob" for an answer that is a file.
 * @param options.onSent called with the fraction of the body that is sent, 0..1, while it is being sent.
 */
export async function ask(path, { body, type, signal, onSent, as } = {}) {
  const [status, text] = body !== undefined && onSent ? await upload(path, body, type, signal, onSent) : await exchange(path, body, type, signal, as);
  if (status < 400 && as === "blob") return text;
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    if (status < 400) throw new RequestError("The answer of the server is damaged. Try again.", status);
  }
  if (status < 400) return answer;
  throw new RequestError(sentence(answer?.error ?? `The server answered ${status}`), status);
}

async function exchange(path, body, type, signal, as) {
  try {
    const method = body === undefined ? "GET" : "POST";
    const response = await fetch(address(path), { method, body, headers: type ? { "Content-Type": type } : {}, signal });
    return [response.status, await (as === "blob" && response.ok ? response.blob() : response.text())];
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new RequestError(NO_ANSWER);
  }
}

// fetch does not tell how much of a body is sent.
function upload(path, body, type, signal, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(path));
    request.setRequestHeader("Content-Type", type);
    request.upload.addEventListener("progress", ({ loaded, total }) => onSent(total ? loaded / total : 1));
    request.addEventListener("load", () => resolve([request.status, request.responseText]));
    request.addEventListener("error", () => reject(new RequestError(NO_ANSWER)));
    request.addEventListener("abort", () => reject(new DOMException("superseded", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    if (signal?.aborted) reject(new DOMException("superseded", "AbortError"));
    else request.send(body);
  });
}

/** Runs one piece of work at a time. Of those that are wanted meanwhile, only the newest is run. */
export class Newest {
  #work;
  #running = null;
  #waiting = null;

  /** `work(signal, ...parameters)` returns a promise; the signal aborts when its result is not wanted any more. */
  constructor(work) {
    this.#work = work;
  }

  async run(...parameters) {
    this.#waiting = parameters;
    if (this.#running) return;
    while (this.#waiting) {
      const current = this.#waiting;
      this.#waiting = null;
      this.#running = new AbortController();
      try {
        await this.#work(this.#running.signal, ...current);
      } catch (error) {
        if (!isAborted(error)) console.error(error);
      } finally {
        this.#running = null;
      }
    }
  }

  /** Abort what runs, and forget what waits. */
  stop() {
    this.#waiting = null;
    this.#running?.abort();
  }
}

/** A message as a sentence for visitors: with a capital and a full stop, without options of the command line or bytes. */
export function sentence(text) {
  const plain = text.replace(FOR_DEVELOPERS, "").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1) + (/[.!?]$/.test(plain) ? "" : ".");
}
