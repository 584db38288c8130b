// The page: asks the box again and again, draws what is new, and says when the box does not answer.
//
// How old something is, is told by the age that the box gave and this browser's own time since then;
// the two clocks are never compared.

import { Pictures, at, button, drawAge, drawPart, drawState, pathOf, put, speak, t } from "./draw.js";
import { ask, become, language, speakIn } from "./box.js";
import { openPart } from "./part.js";
import { pageOf, showAudit, showDisputed, showParts } from "./review.js";

const POLL_MS = 200;  // between two questions, unless the box held its answer until there was something newer
const NEXT_MS = 100;  // the same after something newer
const POLL_LIMIT_MS = 1000;
const DEAD_MS = 1500;  // struck through within two seconds, with what it takes to notice
const LOOK_MS = 100;
const AGES_MS = 500;
const TABS = ["line", "parts", "disputed", "audit"];

let now = null;
let tag = "";
let takenMs = 0;  // when `now` came, by performance.now()
let aliveMs = -Infinity;  // when the box last answered
let aliveAt = null;  // the same on the wall
let agesMs = 0;
let dead = true;  // until the box has answered
let begun = false;  // whether there are words to say it in
let tab = "line";
let views = [];  // { view, name }
const pictures = new Pictures(at("views"));


function draw() {
  drawState(now, performance.now() - takenMs);
  drawPart(now);
  drawAge(now, performance.now() - takenMs);
  const part = now.part;
  pictures.show((part ? part.views : []).map((each) => ({
    view: each.view, name: each.name, fault: each.fault,
    url: each.pictured ? `/picture/${pathOf(part)}/${each.view}` : "",
  })));
  at("look").hidden = !part;
}

async function poll() {
  const askedMs = performance.now();
  const headers = tag ? { "if-none-match": tag } : {};
  const answer = document.hidden ? null : await ask("/now?wait", { headers }, POLL_LIMIT_MS);
  if (answer && (answer.status === 200 || answer.status === 304)) {
    aliveMs = performance.now();
    aliveAt = new Date();
    if (answer.status === 200) {
      now = answer.body;
      tag = answer.tag;
      takenMs = performance.now();
      draw();
    }
    look();
  }
  const betweenMs = answer && answer.status === 200 ? NEXT_MS : POLL_MS;
  setTimeout(poll, Math.max(0, betweenMs - (performance.now() - askedMs)));
}

// whether the box still answers, and how old is what is shown
function look() {
  const elapsed = performance.now();
  setDead(elapsed - aliveMs > DEAD_MS);
  if (now && !dead && elapsed - agesMs > AGES_MS) {
    agesMs = elapsed;
    drawState(now, elapsed - takenMs);
    drawAge(now, elapsed - takenMs);
  }
}

function setDead(is) {
  const clock = aliveAt && aliveAt.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  at("dead").hidden = !(is && begun);
  if (is && begun) { put(at("dead"), clock ? t("dead", { at: clock }) : t("dead.never")); }
  if (is === dead) { return; }
  dead = is;
  document.body.classList.toggle("dead", is);
  disable();
}

// no button does anything that the box would not hear; also one that is made meanwhile
function disable() {
  for (const each of document.querySelectorAll("button, select, input")) {
    if (each.disabled !== dead) { each.disabled = dead; }
  }
}

function show(name) {
  tab = name;
  for (const each of TABS) { pageOf(each).hidden = each !== name; }
  for (const each of at("tabs").children) {
    if (each.dataset.tab === name) { each.setAttribute("aria-current", "page"); } else { each.removeAttribute("aria-current"); }
  }
  if (name === "parts" && now) { showParts(pageOf(name), now, views); }
  if (name === "disputed") { showDisputed(pageOf(name), views); }
  if (name === "audit") { showAudit(pageOf(name)); }
}

async function speakNow(name) {
  const answer = await ask(`/texts/${name}.json`);
  if (answer.status !== 200) { return; }
  speak(answer.body);
  speakIn(name);
  document.documentElement.lang = name;
  put(at("look"), t("look"));
  at("look").hidden = !(now && now.part);
  at("language").setAttribute("aria-label", t("language"));
  for (const each of at("language").children) { put(each, t(`language.${each.value}`)); }
  at("tabs").replaceChildren(...TABS.map((each) => {
    const made = button(t(`tab.${each}`), () => show(each));
    made.dataset.tab = each;
    return made;
  }));
  pictures.key = "";  // its words are in the other language
  if (now) { draw(); }
  show(tab);
}

function languages(found) {
  at("language").replaceChildren(...found.languages.map((each) => {
    const made = document.createElement("option");
    made.value = each;
    return made;
  }));
  const asked = new URLSearchParams(location.search).get("lang");
  at("language").value = found.languages.includes(asked) ? asked : found.language;
}

async function begin() {
  const answer = await ask("/about");
  if (answer.status !== 200) {
    setTimeout(begin, POLL_LIMIT_MS);
    return;
  }
  become(answer.body);
  views = answer.body.views.map((name, view) => ({ view, name }));
  languages(answer.body);
  document.title = `gonogo ${answer.body.station}`;
  await speakNow(at("language").value);
  begun = true;
  poll();
}

at("language").addEventListener("change", () => speakNow(at("language").value));
// the part that is on the screen at this moment, and no later one
at("look").addEventListener("click", () => { if (now && now.part) { openPart({ ...now.part, run: now.run }, views); } });
// a page that was in the background shows nothing old as if it were of now
document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); } });
setInterval(look, LOOK_MS);
new MutationObserver(disable).observe(document.body, { childList: true, subtree: true });
begin();
