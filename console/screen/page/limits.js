// The limits review: scores of parts that passed, what people say of the highest, and limits that are dragged.

import { at, button, make, number, pathOf, put, t, verdict } from "./draw.js";
import { ask, language, may, requestId, send } from "./box.js";
import { columns, counted, mark, picture } from "./chart.js";
import { begin } from "./frame.js";
import { interval } from "./interval.js";
import { beside, count, listed, named } from "./words.js";

const [WIDTH, HEIGHT, BINS, STEPS] = [1000, 220, 60, 2000];
const RETRY_MS = 1000;
const SAY = "say-disposition";
const APPLY = "set-limits";
const SIX = 6;  // digits: more say nothing of a limit
let found = null;  // as the box told it
let limits = null;  // { recheck, reject } as they are dragged
let touched = false;  // whether somebody has dragged them
let agreed = null;  // { path, fields } of a change that is shown

const where = () => (found ? `view=${encodeURIComponent(found.place.view)}&recipe=${found.place.recipe}` : "");
const rounded = (value) => Number(value.toPrecision(SIX));

async function load(query, told = "") {
  const answer = await ask(`/limits/review?${query}`);
  at("whole").hidden = answer.status !== 200;
  if (answer.status !== 200) {
    put(at("told"), answer.status ? t("failed", { text: answer.text }) : t("dead.never"));
    // what was never there comes by itself
    if (!answer.status && !found) { setTimeout(() => { if (!found) { load(query); } }, RETRY_MS); }
    return;
  }
  put(at("told"), told);
  found = answer.body;
  if (!touched) { set(found.proposed ? found.proposed.limits : found.in_force); }
  close();
  words();
  drawParts();
  draw();
}

const set = ([recheck, reject]) => { limits = { recheck, reject }; };

function words() {
  put(at("place-label"), t("limits.place"));
  at("place").replaceChildren(...found.places.map((each) => {
    const made = make("option", each.recipe === 1 ? named(each.view) : t("limits.recipe", { view: named(each.view), recipe: each.recipe }));
    made.value = JSON.stringify(each);
    made.selected = each.view === found.place.view && each.recipe === found.place.recipe;
    return made;
  }));
  const left = found.left_out.map(([why, many]) => `${count(many)} ${why}`);
  put(at("about"), beside([
    t("limits.about", { found: count(found.found), top: count(found.parts.length) }),
    left.length ? t("limits.left", { list: listed(left) }) : "",
    found.missing ? t("limits.missing", { n: found.missing }) : "",
    found.hidden ? t("limits.hidden", { n: found.hidden }) : "",
  ]));
  put(at("key"), t("limits.key"));
  put(at("here-title"), t("limits.here"));
  put(at("proposed-title"), t("limits.proposed"));
  put(at("why-label"), t("limits.why"));
  put(at("when"), t("limits.when"));
  const presets = [["limits.take.force", found.in_force]];
  if (found.proposed) { presets.push(["limits.take.proposed", found.proposed.limits]); }
  at("presets").replaceChildren(...presets.map(([key, pair]) => button(t(key), () => { set(pair); touched = false; close(); draw(); })));
  const lines = found.proposed ? shares(found.proposed.expected) : [found.why_none];
  at("proposed").replaceChildren(...lines.map((each) => make("li", each)));
  at("do").replaceChildren(...actions());
}

function actions() {
  if (!may(APPLY)) { return [make("p", t("limits.not-here"))]; }
  const made = [];
  if (!found.in_file) { made.push(make("p", t("limits.bundle"))); }
  else if (found.proposed) { made.push(button(t("limits.apply"), difference)); }
  if (found.undone) { made.push(button(t("limits.undo"), undone)); }
  return made;
}

const whole = (share) => count(Math.round(1000 * share));

// lines of { overkill, recheck, escape }; of 1000, for a share is none of a single part
function shares(expected) {
  return ["overkill", "recheck", "escape"].map((name) => {
    const its = expected[name];
    if (its === null) { return t("limits.unknown", { what: t(`limits.${name}`) }); }
    return t("limits.share", { what: t(`limits.${name}`), events: count(its.events), of: count(its.of), low: whole(its.low), high: whole(its.high) });
  });
}

// what these limits do to the parts of the review, as the box would count it
function here() {
  const good = [...found.scores.good, ...found.scores.assumed];
  const bad = found.scores.bad;
  const rejected = good.filter((each) => each > limits.reject).length;
  const accepted = (some) => some.filter((each) => each <= limits.recheck && each <= limits.reject).length;
  return {
    overkill: good.length ? interval(rejected, good.length) : null,
    recheck: good.length ? interval(good.length - rejected - accepted(good), good.length) : null,
    escape: bad.length ? interval(accepted(bad), bad.length) : null,
  };
}

function span() {
  const all = [...Object.values(found.scores).flat(), ...found.in_force, ...(found.proposed ? found.proposed.limits : [])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const edge = (high - low) * 0.02 || 1;
  return [low - edge, high + edge];
}

function draw() {
  const [low, high] = span();
  const svg = picture(WIDTH, HEIGHT, t("limits.histogram"));
  const kinds = [["good", "assumed"], ["good", "good"], ["unsure", "unsure"], ["bad", "bad"]];
  columns(svg, kinds.map(([name, key]) => [name, counted(found.scores[key], low, high, BINS)]), WIDTH, HEIGHT);
  for (const name of ["recheck", "reject"]) {
    const x = ((limits[name] - low) / (high - low)) * WIDTH;
    svg.append(mark("path", { class: `limit ${name}`, d: `M${x} 0V${HEIGHT}` }));
    const range = at(name);
    [range.min, range.max, range.step] = [low, high, (high - low) / STEPS];
    range.value = limits[name];
    put(at(`${name}-label`), t(`limits.above.${name}`, { value: number(limits[name]) }));
  }
  at("histogram").replaceChildren(svg);
  at("here").replaceChildren(...shares(here()).map((each) => make("li", each)));
}

function drag(name, other, bound) {
  limits[name] = rounded(Number(at(name).value));
  limits[other] = bound(limits[other], limits[name]);  // recheck is never above reject
  touched = true;
  close();
  draw();
}

function part(each) {
  const card = make("div", "", "card");
  const title = t("part.title", { id: each.part_id, verdict: t(`verdict.${verdict(each.verdict)}`) });
  card.append(make("h3", title), make("p", t("limits.score", { value: number(each.score) })));
  const place = make("p", each.view === null ? each.missing : "");
  card.append(place);
  const said = make("p", each.said ? t("limits.said", { word: t(`limits.word.${each.said}`) }) : t("limits.unsaid"));
  card.append(said);
  if (may(SAY)) {
    const row = make("div", "", "row");
    const id = requestId();
    row.append(...["good", "bad", "unsure"].map((label) => button(t(`limits.word.${label}`), () => say(each, label, `${id}.${label}`))));
    card.append(row);
  }
  return { card, place, each };
}

function drawParts() {
  const cards = found.parts.map(part);
  at("parts").replaceChildren(...cards.map((each) => each.card));
  show(cards.filter((each) => each.each.view !== null));
}

// one picture after the other: the box is not asked for thirty at once
function show(cards) {
  const [first, ...rest] = cards;
  if (!first || !first.card.isConnected) { return; }
  const image = document.createElement("img");
  const name = named(found.place.view);
  image.alt = t("view.picture", { name });
  image.addEventListener("load", () => { first.place.replaceChildren(image); show(rest); });
  image.addEventListener("error", () => { put(first.place, t("view.none", { name })); show(rest); });
  image.src = `/picture/${pathOf(first.each)}/${first.each.view}`;
}

async function say(each, label, id) {
  const fields = { view: found.place.view, run: each.run, serial: each.serial, label, seen: each.seen, request_id: id };
  const sent = await send("/limits/say", fields);
  await done(sent, t("told.done", { number: sent.status === 200 ? sent.body.number : 0 }));
}

// a refusal is told over the review as it is now: somebody else may have spoken
async function done(sent, told) {
  if (sent.status === 0) { put(at("told"), t("told.lost")); return; }
  await load(where(), sent.status === 200 ? told : t("told.failed", { text: sent.text }));
}

function close() {
  agreed = null;
  at("agree").hidden = true;
}

async function difference() {
  const { view, recipe } = found.place;
  const pair = { recheck_above: limits.recheck, reject_above: limits.reject };
  const answer = await ask(`/limits/difference?${where()}&recheck=${limits.recheck}&reject=${limits.reject}`);
  agree(answer, "/limits/apply", { view, recipe, ...pair }, [t("limits.agree"), t("limits.written")]);
}

async function undone() { agree(await ask("/limits/undone"), "/limits/undo", {}, [t("limits.agree-undo"), t("limits.undone")]); }

function agree(answer, path, fields, [label, told]) {
  if (answer.status !== 200) { put(at("told"), t("failed", { text: answer.text })); return; }
  agreed = { path, fields: { ...fields, sha256: answer.body.sha256 }, told };
  put(at("difference"), answer.body.lines.join("\n") || t("limits.same"));
  at("why").value = "";
  at("agree-do").replaceChildren(button(label, write, "large"), button(t("close"), close));
  at("agree").hidden = false;
  at("why").focus();
}

async function write() {
  if (!at("why").value.trim()) { put(at("told"), t("limits.no-why")); at("why").focus(); return; }
  const { path, fields, told } = agreed;
  const sent = await send(path, { ...fields, why: at("why").value });
  touched = touched && sent.status !== 200;
  await done(sent, told);
}

at("place").addEventListener("change", () => {
  const chosen = JSON.parse(at("place").value);
  touched = false;
  load(`view=${encodeURIComponent(chosen.view)}&recipe=${chosen.recipe}`);
});
at("recheck").addEventListener("input", () => drag("recheck", "reject", Math.max));
at("reject").addEventListener("input", () => drag("reject", "recheck", Math.min));
begin("limits", () => load(where()));
