// Who is signed in, on every page that has a place for it (id "person"): name and role, in or out, and
// how long it lasts. No clock is compared: the box says how many seconds are left.

import { at, button, make, put, t } from "./draw.js";
import { ask, become, language, may, onSession, send, who } from "./box.js";

const WARN_S = 60;
const TOUCH_MS = 15000;  // what is done in between keeps the session once
const LOOK_MS = 500;
const SEE = "see-parts";
const LOGIN = "/login.html";

let changed = () => {};
let leftS = null;  // as the box said it, at `heardMs` by this browser's own time
let heardMs = 0;
let touchedMs = -Infinity;
let asking = false;
let leaving = false;
let ended = false;

export const signedIn = () => who().session !== "-";

// `call`: somebody else is there now, or nobody; what was shown is to be drawn anew
export function watchPerson(call) {
  changed = call;
  onSession(heard);
  drawPerson();
  for (const each of ["pointerdown", "keydown"]) { document.addEventListener(each, touch, true); }
  // a page out of the browser's memory is one of before
  window.addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });
  setInterval(drawLeft, LOOK_MS);
  toLogin();
}

// where nothing is shown without signing in
function toLogin() {
  if (!may(SEE)) { location.replace(loginPage()); }
}

function loginPage() { return `${LOGIN}?lang=${language()}${ended ? "&ended" : ""}`; }

function heard(said) {
  const [session, left] = said.split(" ");
  leftS = left === undefined ? null : Number(left);
  heardMs = performance.now();
  if (session !== who().session) { renew(); }
}

async function renew() {
  if (asking) { return; }
  asking = true;
  const was = signedIn();
  const answer = await ask("/about");
  if (answer.status === 200) {
    become(answer.body);
    ended = was && !signedIn() && !leaving;
    leaving = false;
    drawPerson();
    changed();
    toLogin();
  }
  asking = false;
}

// that a page asks for what is new is nobody; a finger or a key is somebody
function touch() {
  const now = performance.now();
  if (!signedIn() || now - touchedMs < TOUCH_MS) { return; }
  touchedMs = now;
  send("/here", {});
}

async function leave() {
  leaving = true;
  const answer = await send("/logout", {});
  if (answer.status === 200) { renew(); } else { leaving = false; }
}

export function drawPerson() {
  const person = who();
  const name = make("span", signedIn() ? t("person.is", { name: person.name, role: t(`role.${person.role}`) }) : t("person.nobody"));
  name.id = "person-name";
  const parts = [name];
  if (!person.acts) {
    parts.push(make("span", t("person.looks")));
  }
  if (signedIn()) {
    parts.push(named(button(t("person.out"), leave), "sign-out"));
  } else {
    parts.push(named(button(t("person.in"), () => { location.assign(loginPage()); }), "sign-in"));
  }
  const told = named(make("span", "", "told"), "person-told");
  told.setAttribute("role", "status");
  at("person").replaceChildren(...parts, told);
  drawLeft();
}

function named(made, id) {
  made.id = id;
  return made;
}

function drawLeft() {
  const told = at("person-told");
  if (!told) { return; }
  const left = leftS === null ? null : Math.max(leftS - (performance.now() - heardMs) / 1000, 0);
  const soon = signedIn() && left !== null && left < WARN_S;
  put(told, soon ? t("person.ending", { n: Math.floor(left) }) : ended && !signedIn() ? t("person.ended") : "");
}
