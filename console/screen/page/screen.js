// The page: asks the box five times a second, draws what is new, and says when the box does not answer.
//
// How old something is, is told by the age that the box gave and this browser's own time since then;
// the two clocks are never compared.

import { Pictures, at, button, drawAge, drawPart, drawState, pathOf, put, speak, t } from "./draw.js";
import { clock, nameAs, speakIn, wanted } from "./words.js";
import { ask, become } from "./box.js";
import { openPart } from "./part.js";
import { pageOf, showAudit, showDisputed, showParts } from "./review.js";

const POLL_MS = 200;
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
let tab = asked();
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
  const headers = tag ? { "if-none-match": tag } : {};
  const answer = document.hidden ? null : await ask("/now", { headers }, POLL_LIMIT_MS);
  if (answer && (answer.status === 200 || answer.status === 304)) {
    aliveMs = performance.now();
    aliveAt = new Date();
    if (answer.status === 200) {
      const first = !now;
      now = answer.body;
      tag = answer.tag;
      takenMs = performance.now();
      draw();
      if (first) { show(tab); }  // a page that an address names may show what is known only now
    }
    look();
  }
  setTimeout(poll, POLL_MS);
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
  at("dead").hidden = !(is && begun);
  if (is && begun) { put(at("dead"), aliveAt ? t("dead", { at: clock(aliveAt) }) : t("dead.never")); }
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

// the page that the address names, so that "back" and a bookmark lead to one
function asked() {
  const name = location.hash.slice(1);
  return TABS.includes(name) ? name : TABS[0];
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
  speakIn(name);
  speak(answer.body);
  put(at("look"), t("look"));
  at("look").hidden = !(now && now.part);
  at("language").setAttribute("aria-label", t("language"));
  for (const each of at("language").children) { put(each, t(`language.${each.value}`)); }
  at("tabs").replaceChildren(...TABS.map((each) => {
    const made = button(t(`tab.${each}`), () => { location.hash = each; });
    made.dataset.tab = each;
    return made;
  }));
  pictures.key = "";  // its words are in the other language
  if (now) { draw(); }
  show(tab);
}

function languages(found) {
  const name = wanted(found);
  const offered = found.languages.includes(name) ? found.languages : [...found.languages, name];
  at("language").replaceChildren(...offered.map((each) => {
    const made = document.createElement("option");
    made.value = each;
    return made;
  }));
  at("language").value = name;
}

async function begin() {
  const answer = await ask("/about");
  if (answer.status !== 200) {
    setTimeout(begin, POLL_LIMIT_MS);
    return;
  }
  become(answer.body);
  views = answer.body.views.map((name, view) => ({ view, name }));
  nameAs(answer.body.names);
  languages(answer.body);
  document.title = `gonogo ${answer.body.station}`;
  await speakNow(at("language").value);
  begun = true;
  poll();
}

at("language").addEventListener("change", () => speakNow(at("language").value));
addEventListener("hashchange", () => { if (begun) { show(asked()); } });
// the part that is on the screen at this moment, and no later one
at("look").addEventListener("click", () => { if (now && now.part) { openPart({ ...now.part, run: now.run }, views); } });
// a page that was in the background shows nothing old as if it were of now
document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); } });
setInterval(look, LOOK_MS);
new MutationObserver(disable).observe(document.body, { childList: true, subtree: true });
begin();
