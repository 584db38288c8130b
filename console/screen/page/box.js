// How the page speaks with the box. Nothing here waits longer than LIMIT_MS.

const LIMIT_MS = 10000;
// what turns the direction of writing around: a name or a note must not do that to what stands beside it
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
let person = { may: [], name: "" };

export { language, speakIn } from "./words.js";

export const may = (action) => person.may.includes(action);

export function become(found) { person = found; }

// { status, body, text }: status 0 where there was no answer
export async function ask(path, options = {}, limitMs = LIMIT_MS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limitMs);
  try {
    const answer = await fetch(path, { cache: "no-store", ...options, signal: abort.signal });
    const plain = (answer.headers.get("content-type") || "").startsWith("application/json");
    const body = plain ? JSON.parse(await answer.text(), straight) : null;
    const text = body && body.text ? `${body.code}: ${body.text}` : String(answer.status);
    return { status: answer.status, body, text, tag: answer.headers.get("etag") };
  } catch {
    return { status: 0, body: null, text: "", tag: null };
  } finally {
    clearTimeout(timer);
  }
}

function straight(key, value) { return typeof value === "string" ? value.replace(TURNS, "\ufffd") : value; }

export function send(path, fields) {
  return ask(path, {
    method: "POST", body: JSON.stringify(fields),
    headers: { "content-type": "application/json", "x-gonogo-screen": "1" },
  });
}
