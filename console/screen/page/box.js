// How the page speaks with the box. Nothing here waits longer than LIMIT_MS.

const LIMIT_MS = 10000;
// what turns the direction of writing around: a name or a note must not do that to what stands beside it
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
let person = { may: [], name: "", session: "-", csrf: "" };
let heard = () => {};

export { language, speakIn } from "./words.js";

export const may = (action) => person.may.includes(action);
export const who = () => person;

export function become(found) { person = found; }
// told of which session each answer is, as the box says it: "TAG SECONDS-LEFT", or "-"
export function onSession(call) { heard = call; }

// { status, body, text }: status 0 where there was no answer
export async function ask(path, options = {}, limitMs = LIMIT_MS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limitMs);
  try {
    const answer = await fetch(path, { cache: "no-store", ...options, signal: abort.signal });
    const session = answer.headers.get("x-gonogo-session");
    if (session !== null) { heard(session); }
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

// any browser has it; randomUUID is there on secure pages alone
export function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

// with the token of the session that this page was shown to: no word of hers is taken for another's
export function send(path, fields) {
  const headers = { "content-type": "application/json" };
  if (person.csrf) { headers["x-gonogo-csrf"] = person.csrf; }
  return ask(path, { method: "POST", body: JSON.stringify(fields), headers });
}
