// Asks the server. Knows its addresses and errors; does not know what is shown.

// The JSON that the server makes of the bytes of a picture; throws an Error whose message is for the visitor.
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

// A function that runs `work`, but one call at a time: calls that come meanwhile are one, the last.
export function newestOnly(work) {
  let running = false, waiting = null;
  return async function next(...given) {
    waiting = given;
    if (running) return;
    running = true;
    while (waiting) {
      const now = waiting;
      waiting = null;
      await work(...now);
    }
    running = false;
  };
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
