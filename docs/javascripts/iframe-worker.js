// Search in a site that is read from files. Browsers start no worker from a file; there, a hidden frame does its work.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #frame = document.createElement("iframe");
    #loaded;
    onmessage = null;

    constructor(url) {
      super();
      this.#frame.hidden = true;
      document.body.append(this.#frame);
      const { contentWindow: inside, contentDocument: page } = this.#frame;
      inside.postMessage = (data) => {
        const message = new MessageEvent("message", { data });
        this.dispatchEvent(message);
        this.onmessage?.(message);
      };
      const load = (source) =>
        new Promise((done, failed) => {
          const script = page.createElement("script");
          Object.assign(script, { src: source, onload: done, onerror: failed });
          page.body.append(script);
        });
      inside.importScripts = (...sources) => Promise.all(sources.map(load));
      this.#loaded = load(url);
    }

    postMessage(data) {
      const inside = this.#frame.contentWindow;
      this.#loaded.then(() => {
        const message = new MessageEvent("message", { data });
        inside.dispatchEvent(message);
      });
    }

    terminate() {
      this.#frame.remove();
    }
  };
}
