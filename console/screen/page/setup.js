// Setting up: the newest frame in figures while a lens is turned, master parts, and what changed.

import { age, at, button, make, number, pathOf, put, t } from "./draw.js";
import { ask, language, may, send } from "./box.js";
import { isDead } from "./alive.js";
import { mark, picture } from "./chart.js";
import { begin } from "./frame.js";
import { beside, instant, listed, named, sentences } from "./words.js";

const [WIDTH, HEIGHT] = [1000, 200];
const VIEW_MS = 500;
const GOLDEN_MS = 1000;
const MASTER = "show-master-part";
const CHANNELS = { 1: ["grey"], 3: ["blue", "green", "red"] };
const best = new Map();  // of each view the highest focus since the page was opened
let views = [];

async function start() {
  const about = await ask("/about");
  if (about.status !== 200) { return; }
  views = about.body.views;
  const kept = at("view").value;
  put(at("view-label"), t("setup.view"));
  at("view").replaceChildren(...views.map((name, k) => {
    const made = make("option", named(name));
    made.value = String(k);
    return made;
  }));
  at("view").value = kept || "0";
  for (const each of ["golden", "changes"]) { put(at(`${each}-title`), t(`setup.${each}`)); }
  const asks = ["good", "bad", "back"].map((part) => button(t(`golden.${part}`), () => show(part), "large"));
  at("golden-do").replaceChildren(...(may(MASTER) ? asks : []));
  look();
  golden();
  changes();
}

async function look() {
  const view = at("view").value || "0";
  const answer = await ask(`/setup/view/${view}`);
  if (view !== at("view").value) { return; }
  if (answer.status !== 200) { put(at("frame"), t("failed", { text: answer.text })); at("picture").hidden = true; return; }
  const found = answer.body;
  const top = Math.max(best.get(view) || 0, found.focus);
  best.set(view, top);
  put(at("frame"), t("setup.frame", { id: found.part_id, age: age(found.age_ms), width: found.width_px, height: found.height_px }));
  at("histogram").replaceChildren(histogram(found.histogram));
  at("figures").replaceChildren(...[
    t("setup.focus", { now: number(found.focus), best: number(top) }),
    t("setup.saturated", { share: number(Math.round(found.saturated * 10000) / 10) }),
    t("setup.black", { share: number(Math.round(found.black * 10000) / 10) }),
    t("setup.light", { mean: number(Math.round(found.mean)), contrast: number(found.contrast) }),
  ].map((each) => make("li", each)), bar(found.focus, top));
  showPicture(`/picture/${pathOf(found)}/${view}`);
}

function showPicture(url) {
  const image = at("picture");
  image.alt = t("view.picture", { name: named(views[Number(at("view").value)] || "") });
  image.src = url;
}

// how near to the best so far: past it the bar grows shorter
function bar(focus, top) {
  const svg = picture(WIDTH, 30, t("setup.focus", { now: number(focus), best: number(top) }));
  svg.append(mark("rect", { class: "bar", x: 0, y: 0, width: top ? (focus / top) * WIDTH : 0, height: 30 }));
  const line = make("li");
  line.append(svg);
  return line;
}

// roots of counts: some saturated pixels are seen, too
function histogram(channels) {
  const svg = picture(WIDTH, HEIGHT, t("setup.histogram"));
  const most = Math.sqrt(Math.max(...channels.flat(), 1));
  channels.forEach((counts, channel) => {
    const points = counts.map((count, k) => `${k ? "L" : "M"}${(k / (counts.length - 1)) * WIDTH} ${HEIGHT - (Math.sqrt(count) / most) * (HEIGHT - 4)}`);
    svg.append(mark("path", { class: `line ${(CHANNELS[channels.length] || ["grey"])[channel]}`, d: points.join("") }));
  });
  return svg;
}

async function golden() {
  const answer = await ask("/setup/golden");
  if (answer.status !== 200) { at("golden").replaceChildren(make("li", t("failed", { text: answer.text }))); return; }
  const lines = answer.body.places.flatMap(place);
  const request = answer.body.request;
  if (request) {
    const left = request.left_ms === null ? "" : t("golden.left", { n: Math.floor(request.left_ms / 1000) });
    const part = t(`golden.part.${request.part}`);
    const words = beside([t(`golden.phase.${request.phase}`, { part }), left]);
    lines.push(make("li", request.why ? t("colon", { name: words, text: request.why }) : words));
  }
  at("golden").replaceChildren(...(lines.length ? lines : [make("li", t("golden.none"))]));
}

function place(its) {
  const part = t(`golden.part.${its.part}`);
  const lines = [];
  if (its.gate !== "OPEN") { lines.push(make("li", t(`golden.gate.${its.gate}`, { part }), "wrong")); }
  const passed = its.passed_age_ms === null ? t("golden.unshown", { part }) : t("golden.right", { part, age: age(its.passed_age_ms) });
  const due = its.due_ms === null ? "" : its.due_ms > 0 ? t("golden.due", { h: number(Math.round(its.due_ms / 360000) / 10) }) : t("golden.overdue");
  lines.push(make("li", sentences([passed, due])));
  return lines;
}

async function show(part) {
  const sent = await send("/setup/golden", { part });
  put(at("told"), sent.status === 200 ? t(`golden.asked.${part}`) : sent.status ? t("told.failed", { text: sent.text }) : t("golden.lost"));
  golden();
}

async function changes() {
  const answer = await ask(`/setup/changes?lang=${language()}`);
  if (answer.status !== 200) { put(at("differs-about"), t("failed", { text: answer.text })); return; }
  const found = answer.body;
  const differs = (found.differs || []).map(([key, old, now]) => make("li", t("setup.change", { key, old: shown(old), now: shown(now) })));
  put(at("differs-about"), found.file === null ? found.why : t(found.differs === null ? "setup.uncompared" : differs.length ? "setup.differs" : "setup.same", { file: found.file }));
  at("differs").replaceChildren(...differs);
  put(at("rows-about"), t(found.rows.length ? "setup.rows" : "setup.no-rows"));
  at("rows").replaceChildren(...found.rows.map(row));
}

const shown = (value) => (value === null ? t("setup.no-key") : typeof value === "string" ? value : JSON.stringify(value));

function row(each) {
  const card = make("div", "", "card");
  card.append(make("p", listed([instant(each.at), each.what, each.state, each.who].filter(Boolean))), ...each.lines.map((line) => make("p", line.trim())));
  return card;
}

function every(ms, call) { setInterval(() => { if (!document.hidden && !isDead() && views.length) { call(); } }, ms); }

at("picture").addEventListener("load", () => { at("picture").hidden = false; });
at("picture").addEventListener("error", () => { at("picture").hidden = true; });
at("view").addEventListener("change", look);
every(VIEW_MS, look);
every(GOLDEN_MS, golden);
begin("setup", start);
