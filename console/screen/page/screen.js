// The page: asks the box again and again, draws what is new, and says when the box does not answer.
//
// How old something is, is told by the age that the box gave and this browser's own time since then;
// the two clocks are never compared.

import { Pictures, at, button, drawAge, drawPart, drawState, pathOf, put, t } from "./draw.js";
import { answered, isDead, lookAlive, speaks } from "./alive.js";
import { ask, become, language, may } from "./box.js";
import { languages, learn, links } from "./frame.js";
import { openPart } from "./part.js";
import { nameAs } from "./words.js";
import { drawPerson, watchPerson } from "./person.js";
import { pageOf, showAudit, showDisputed, showParts } from "./review.js";

const POLL_MS = 200;  // between two questions, unless the box held its answer until there was something newer
const NEXT_MS = 100;  // the same after something newer
const POLL_LIMIT_MS = 1000;
const LOOK_MS = 100;
const AGES_MS = 500;
const TABS = ["line", "parts", "disputed", "audit"];
const NEEDS = { audit: "audit-sample" };  // what is for some alone is not there for the others

let now = null;
let tag = "";
let takenMs = 0;  // when `now` came, by performance.now()
let agesMs = 0;
let begun = false;  // whether there are words, and somebody to say them to
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
    answered();
    if (answer.status === 200) {
      const first = !now;
      now = answer.body;
      tag = answer.tag;
      takenMs = performance.now();
      draw();
      if (first) { show(asked()); }  // a page that an address names may show what is known only now
    }
    look();
  }
  const betweenMs = answer && answer.status === 200 ? NEXT_MS : POLL_MS;
  setTimeout(poll, Math.max(0, betweenMs - (performance.now() - askedMs)));
}

// whether the box still answers, and how old is what is shown
function look() {
  const elapsed = performance.now();
  lookAlive();
  if (now && !isDead() && elapsed - agesMs > AGES_MS) {
    agesMs = elapsed;
    drawState(now, elapsed - takenMs);
    drawAge(now, elapsed - takenMs);
  }
}

// the page that the address names, so that "back" and a bookmark lead to one
function asked() {
  const name = location.hash.slice(1);
  return TABS.includes(name) && isTheirs(name) ? name : TABS[0];
}

function show(name) {
  for (const each of TABS) { pageOf(each).hidden = each !== name; }
  for (const each of at("tabs").children) {
    if (each.dataset.tab === name) { each.setAttribute("aria-current", "page"); } else { each.removeAttribute("aria-current"); }
  }
  if (name === "parts" && now) { showParts(pageOf(name), now, views); }
  if (name === "disputed") { showDisputed(pageOf(name), views); }
  if (name === "audit") { showAudit(pageOf(name)); }
}

async function speakNow(name) {
  if (!await learn(name)) { return; }
  links("line");
  put(at("look"), t("look"));
  at("look").hidden = !(now && now.part);
  drawPerson();
  at("tabs").replaceChildren(...TABS.filter(isTheirs).map((each) => {
    const made = button(t(`tab.${each}`), () => { if (asked() === each) { show(each); } else { location.hash = each; } });
    made.dataset.tab = each;
    return made;
  }));
  pictures.key = "";  // its words are in the other language
  if (now) { draw(); }
  show(asked());
}

function isTheirs(name) { return !(name in NEEDS) || may(NEEDS[name]); }

// nothing stays of what was shown to somebody else
function somebodyElse() {
  if (at("part").open) { at("part").close(); }
  for (const each of TABS) { if (each !== "line") { pageOf(each).replaceChildren(); } }
  speakNow(language());
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
  watchPerson(somebodyElse);
  speaks();
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
begin();
