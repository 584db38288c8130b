// Trends: drift charts, which verdicts people set aside, the times of the cycle, and health; each with its reason.

import { at, make, number, put, t } from "./draw.js";
import { ask, language } from "./box.js";
import { mark, picture } from "./chart.js";
import { begin } from "./frame.js";
import { isDead } from "./alive.js";
import { beside, count, listed, moment, named } from "./words.js";

const [WIDTH, HEIGHT] = [1000, 160];
const AGAIN_MS = 20000;
const GB = 1e9;
const MOST = 12;  // bars of a Pareto
let said = null;  // overrides as the box told them
let drawing = 0;  // its number: an answer for an earlier one is not drawn

async function load() {
  drawing += 1;
  const mine = drawing;
  for (const [name, draw] of [["drift", drawDrift], ["overrides", drawOverrides], ["cycle", drawCycle], ["health", drawHealth]]) {
    put(at(`${name}-title`), t(`trends.${name}`));
    const answer = await ask(`/trends/${name}?lang=${language()}`);
    if (mine !== drawing) { return; }
    if (answer.status === 200) { draw(answer.body); } else { at(name).replaceChildren(make("p", t("failed", { text: answer.text }))); }
  }
}

function drawDrift(found) {
  if (!found.charted) { at("drift").replaceChildren(make("p", t("drift.none"))); return; }
  at("drift").replaceChildren(...found.views.flatMap(view), ...found.said.map(aside));
}

function view(its) {
  const where = t("drift.view", { view: named(its.view), recipe: its.recipe });
  if (its.learning) {
    const learnt = t("drift.learning", { n: its.learnt_h, of: count(its.of_h) });
    return [make("p", t("colon", { name: where, text: learnt }))];
  }
  return [make("h4", where), ...its.charts.map(chart)];
}

// "2026-11-30 14:02", as the box's clock shows it
const minute = (since) => moment(...since.split(" "));

function chart(its) {
  const card = make("div", "", "card");
  const name = t(`signal.${its.signal}`);
  const words = t(its.out ? "drift.out" : "drift.in", { since: minute(its.since) });
  const limits = its.low === null ? t("drift.limit.one", { high: number(its.high) }) : t("drift.limit.two", { low: number(its.low), high: number(its.high) });
  const looks = its.looks.map((each) => t("drift.look", { what: t(`look.${each.name}`), then: number(each.then), now: number(each.now) }));
  const title = make("p", t("colon", { name, text: words }), its.out ? "wrong" : "");
  card.append(title, plot(its, name), make("p", beside([t("drift.now", { now: number(its.now) }), limits, ...looks])));
  return card;
}

// hours as dots, their weighted mean as a line, and its limits; in sigmas between hours
function plot(its, name) {
  const svg = picture(WIDTH, HEIGHT, name);
  const values = its.points.flatMap(([, x, z]) => [x, z]);
  const most = Math.max(its.high * 1.25, ...values.map(Math.abs), 1);
  const low = its.low === null ? -most / 4 : -most;
  const y = (value) => HEIGHT - ((value - low) / (most - low)) * HEIGHT;
  const x = (k) => (its.points.length > 1 ? (k / (its.points.length - 1)) * WIDTH : WIDTH / 2);
  for (const each of [its.high, its.low]) {
    if (each !== null) { svg.append(mark("path", { class: "limit recheck", d: `M0 ${y(each)}H${WIDTH}` })); }
  }
  svg.append(mark("path", { class: "axis", d: `M0 ${y(0)}H${WIDTH}` }));
  its.points.forEach(([, value], k) => { svg.append(mark("circle", { class: "dot", cx: x(k), cy: y(value), r: 4 })); });
  const way = its.points.map(([, , z], k) => `${k ? "L" : "M"}${x(k)} ${y(z)}`).join("");
  if (way) { svg.append(mark("path", { class: its.out ? "out" : "line", d: way })); }
  return svg;
}

// shares of people's words, of 1000 reviewed parts
function aside(its) {
  const where = its.view ? named(its.view) : t("drift.all-views");
  const reason = its.reason ? t(`reason.${its.reason}`) : "";
  const key = its.signal === "REVIEWS" ? "drift.unreviewed" : its.out ? "drift.aside.out" : "drift.aside.in";
  const shares = { share: count(its.share), low: count(its.low), high: count(its.high) };
  return make("p", t(key, { where, reason, began: minute(its.began), ...shares }), its.out ? "wrong" : "");
}

function options(select, label, key, entries) {
  const kept = select.value;
  put(at(label), t(key));
  select.replaceChildren(...entries.map(([value, text]) => {
    const made = make("option", text);
    made.value = value;
    return made;
  }));
  if (entries.some(([value]) => value === kept)) { select.value = kept; }
}

function drawOverrides(found) {
  said = found;
  const shifts = found.shifts.map((each, k) => [String(k), moment(each.day, each.at)]);
  const cameras = [...new Set(found.counts.map((each) => each.camera))].filter((each) => !found.cameras.includes(each));
  options(at("shift"), "shift-label", "overrides.shift", [["", t("overrides.all-shifts")], ...shifts]);
  options(at("camera"), "camera-label", "overrides.camera", [["*", t("overrides.all-cameras")],
    ...[...found.cameras, ...cameras].map((each) => [each, each ? named(each) : t("overrides.no-camera")])]);
  pareto();
}

function pareto() {
  const shift = at("shift").value;
  const camera = at("camera").value;
  const sums = new Map();
  for (const each of said.counts) {
    if ((shift !== "" && String(each.shift) !== shift) || (camera !== "*" && each.camera !== camera)) { continue; }
    const word = t(`word.${each.word}`);
    const key = each.text ? t("colon", { name: word, text: each.text }) : word;
    sums.set(key, (sums.get(key) || 0) + each.count);
  }
  const rows = [...sums].sort((one, other) => other[1] - one[1]).slice(0, MOST);
  const all = [...sums.values()].reduce((sum, each) => sum + each, 0);
  const reviewed = said.shifts.reduce((sum, each, k) => sum + (shift === "" || String(k) === shift ? each.reviewed : 0), 0);
  put(at("overrides-about"), t("overrides.about", { n: all, of: count(reviewed) }));
  at("overrides").replaceChildren(...(rows.length ? [bars(rows)] : []));
}

function bars(rows) {
  const most = rows[0][1];
  const table = make("table");
  for (const [name, n] of rows) {
    const line = make("tr");
    const cell = make("td");
    const svg = picture(WIDTH, 40, t("colon", { name, text: count(n) }));
    svg.append(mark("rect", { class: "bar", x: 0, y: 4, width: (n / most) * WIDTH, height: 32 }));
    cell.append(svg);
    line.append(make("th", name), make("td", count(n)), cell);
    table.append(line);
  }
  return table;
}

const ms = (value) => number(Math.round(value * 100) / 100);

function drawCycle(stages) {
  if (!stages.length) {
    put(at("cycle-about"), t("part.none"));
    at("cycle").replaceChildren();
    return;
  }
  const nearest = stages.reduce((one, other) => (other.p99_ms / other.due_ms > one.p99_ms / one.due_ms ? other : one));
  const late = stages.filter((each) => each.late);
  put(at("cycle-about"), late.length
    ? beside(late.map((each) => t("cycle.late", { stage: t(`stage.${each.stage}`), n: each.late, of: count(each.parts) })))
    : t("cycle.fine", { stage: t(`stage.${nearest.stage}`), at: ms(nearest.p99_ms), due: ms(nearest.due_ms) }));
  const table = make("table");
  const head = make("tr");
  head.append(...["stage", "p50", "p99", "max", "due", "parts"].map((each) => make("th", t(`cycle.${each}`))), make("th", ""));
  const end = Math.max(...stages.map((each) => Math.max(each.max_ms, each.due_ms)));
  table.append(head, ...stages.map((each) => stageRow(each, end)));
  at("cycle").replaceChildren(table);
}

function stageRow(each, end) {
  const line = make("tr");
  const name = t(`stage.${each.stage}`);
  const svg = picture(WIDTH, 40, name);
  const over = each.late ? "bar over" : "bar";
  svg.append(
    mark("rect", { class: over, x: 0, y: 12, width: (each.p99_ms / end) * WIDTH, height: 16 }),
    mark("path", { class: "line", d: `M${(each.p50_ms / end) * WIDTH} 6V34M${(each.max_ms / end) * WIDTH} 12V28` }),
    mark("path", { class: "limit", d: `M${(each.due_ms / end) * WIDTH} 0V40` }),
  );
  const cell = make("td");
  cell.append(svg);
  line.append(make("th", name), ...[each.p50_ms, each.p99_ms, each.max_ms, each.due_ms].map((value) => make("td", ms(value))), make("td", count(each.parts)), cell);
  return line;
}

function drawHealth(found) {
  const parts = found.alerts.length ? found.alerts.flatMap((each) => [make("p", t("colon", { name: each.severity, text: each.says }), "wrong"), make("p", each.do)]) : [make("p", t("health.fine"))];
  if (found.disk) { parts.push(make("p", t("health.disk", { free: number(found.disk.free / GB), size: number(found.disk.size / GB) }))); }
  if (found.processes === null) { parts.push(make("p", t("health.no-supervisor"))); }
  else { parts.push(processes(found.processes)); }
  if (found.lately.length) {
    parts.push(make("h4", t("health.lately")), ...found.lately.flatMap((each) => [make("p", t("colon", { name: each.number, text: each.means })), make("p", each.remedy)]));
  }
  at("health").replaceChildren(...parts);
}

function processes(rows) {
  const table = make("table");
  const head = make("tr");
  head.append(...["process", "state", "starts", "warns"].map((each) => make("th", t(`health.${each}`))));
  table.append(head, ...rows.map((each) => {
    const line = make("tr");
    line.append(make("td", each.name), make("td", each.state), make("td", count(each.starts)),
      make("td", each.warns.length ? listed(each.warns.map((name) => t(`fault.${name}`))) : ""));
    return line;
  }));
  return table;
}

for (const id of ["shift", "camera"]) { at(id).addEventListener("change", () => { if (said) { pareto(); } }); }
setInterval(() => { if (!document.hidden && !isDead()) { load(); } }, AGAIN_MS);
begin("trends", load);
