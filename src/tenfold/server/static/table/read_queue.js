// Work on many pictures: a few at once, tried again when the server is busy, aborted when it is not wanted. Shows nothing.

const AT_ONCE = 4;
const TRIES = 6;
const BUSY = [429, 503]; // the server asks to come again
const FIRST_WAIT = 500; // milliseconds before the second try; each further wait is twice as long

export class ReadQueue {
  #waiting = [];
  #running = 0;
  #stopped = new AbortController();
  #sleep;

  /** `sleep(milliseconds)` returns a promise; tests give one that does not wait. */
  constructor(sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); })) {
    this.#sleep = sleep;
  }

  /** Do `work(signal)` when there is room; returns its result. Rejects with its error, or when the queue is cleared. */
  add(work) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      this.#next();
    });
  }

  /** Abort what runs and forget what waits: neither resolves any more. */
  clear() {
    this.#stopped.abort();
    this.#stopped = new AbortController();
    this.#waiting = [];
  }

  async #next() {
    if (this.#running >= AT_ONCE || this.#waiting.length === 0) return;
    const { work, resolve, reject } = this.#waiting.shift();
    const { signal } = this.#stopped;
    this.#running += 1;
    try {
      const result = await this.#tried(work, signal);
      if (!signal.aborted) resolve(result);
    } catch (error) {
      if (!signal.aborted) reject(error);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #tried(work, signal) {
    for (let tried = 1; ; tried += 1) {
      try {
        return await work(signal);
      } catch (error) {
        if (signal.aborted || !BUSY.includes(error.status) || tried === TRIES) throw error;
      }
      await this.#sleep(FIRST_WAIT * 2 ** (tried - 1));
      signal.throwIfAborted();
    }
  }
}
