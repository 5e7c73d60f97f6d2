// Requests to the server. Shows nothing.

// POST bytes and return the JSON of the answer; throws an Error whose message can be shown to the visitor.
export async function ask(path, bytes, type, signal) {
  let response;
  try {
    response = await fetch(path, { method: "POST", body: bytes, headers: { "Content-Type": type }, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(sentence(answer.error ?? `The server answered ${response.status}.`));
  return answer;
}

// A function that runs `work` one call at a time. Of the calls that arrive meanwhile, only the newest is run.
export function newestOnly(work) {
  let running = false, waiting = null;
  return async function next(...parameters) {
    waiting = parameters;
    if (running) return;
    running = true;
    while (waiting) {
      const current = waiting;
      waiting = null;
      await work(...current);
    }
    running = false;
  };
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
