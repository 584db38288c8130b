// Signing in: a name, and a PIN that is typed or a badge whose reader types it and Enter. Where there is
// no account yet, the first one by its code; where what is typed could be read on its way, the way to
// a page where it could not.

import { at, make, put } from "./draw.js";
import { ask, become, language, send, who } from "./box.js";
import { beside, speak, speakIn, t, wanted } from "./words.js";

const RETRY_MS = 1000;
const BACK_MS = 120000;  // nobody leaves this page in front of the line for long
const SEE = "see-parts";
let untilMs = 0;  // when the next attempt is looked at, by this browser's own time
let wrong = "";
let sending = false;
let backTimer = 0;

const isFirst = () => who().first;
const toLine = () => location.replace(`/?lang=${language()}`);

function label(id, key) { put(at(`${id}-label`), t(key)); }

function draw() {
  const { station, acts } = who();
  document.title = `gonogo ${station}`;
  put(at("station"), station);
  put(at("title"), t(isFirst() ? "first.title" : "login.title"));
  put(at("about"), !acts ? t("login.plain") : isFirst() ? t("first.about") : new URLSearchParams(location.search).has("ended") ? t("person.ended") : "");
  label("code", "first.code");
  label("name", "login.name");
  label("secret", "login.secret");
  label("again", "login.again");
  put(at("go"), t(isFirst() ? "first.go" : "login.go"));
  put(at("back"), t("login.back"));
  at("form").hidden = !acts;
  at("code-row").hidden = at("again-row").hidden = !isFirst();
  at("back").hidden = !who().may.includes(SEE);
  drawWays(acts);
  if (acts) { at(isFirst() ? "code" : "name").focus(); }
}

function drawWays(acts) {
  const port = who().tls_port;
  at("ways").hidden = acts || port === null;
  if (at("ways").hidden) { return; }
  const secure = link(`https://${location.hostname}:${port}/`);
  const ca = link("/ca.crt");
  at("ways").replaceChildren(item(t("login.secure"), secure), item(t("login.ca"), ca));
}

function link(url) {
  const made = make("a", url);
  made.href = url;
  return made;
}

function item(text, more) {
  const made = make("li", `${text} `);
  made.append(more);
  return made;
}

function drawTold() {
  const left = Math.ceil((untilMs - performance.now()) / 1000);
  const wait = left > 0 ? t("login.wait", { n: left }) : "";
  if (wrong || wait) { put(at("told"), beside([wrong, wait])); }
}

function say(text, waitS = 0) {
  wrong = text;
  untilMs = performance.now() + waitS * 1000;
  put(at("told"), text);
  drawTold();
}

// Enter goes on to what is still empty: a reader that types a badge ends with it
function emptyField() {
  const fields = isFirst() ? ["code", "name", "secret", "again"] : ["name", "secret"];
  return fields.find((each) => !at(each).value);
}

async function submit(event) {
  event.preventDefault();
  const empty = emptyField();
  if (empty) { at(empty).focus(); return; }
  if (sending) { return; }
  const fields = { name: at("name").value, secret: at("secret").value };
  const again = at("again").value;
  at("secret").value = at("again").value = "";
  at("secret").focus();
  if (isFirst() && again !== fields.secret) { say(t("login.differ")); return; }
  sending = true;
  say(t("told.sending"));
  const answer = isFirst()
    ? await send("/first", { ...fields, code: at("code").value })
    : await send("/login", fields);
  sending = false;
  if (answer.status === 200) { toLine(); return; }
  refused(answer);
}

function refused(answer) {
  const body = answer.body || {};
  if (body.code === "GN674") {
    say(body.early ? t("login.early") : t("login.wrong"), body.wait_s);
  } else if (body.code === "busy") {
    say(t("login.busy"));
  } else {
    say(answer.status ? t("failed", { text: answer.text }) : t("login.lost"));
  }
}

function waitForSomebody() {
  clearTimeout(backTimer);
  backTimer = setTimeout(() => { if (!at("back").hidden) { toLine(); } }, BACK_MS);
}

async function begin() {
  const answer = await ask("/about");
  if (answer.status !== 200) { setTimeout(begin, RETRY_MS); return; }
  become({ ...answer.body, csrf: "" });  // whoever signs in here is nobody yet
  const name = wanted(answer.body);
  const texts = await ask(`/texts/${name}.json`);
  if (texts.status !== 200) { setTimeout(begin, RETRY_MS); return; }
  speakIn(name);
  speak(texts.body);
  draw();
  waitForSomebody();
}

at("form").addEventListener("submit", submit);
at("back").addEventListener("click", toLine);
document.addEventListener("input", waitForSomebody);
// what was typed is not there for who comes back
window.addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });
setInterval(drawTold, RETRY_MS / 2);
begin();
