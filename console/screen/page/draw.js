// What is on the page, from what the box said. Text goes in as text alone: never as markup.

import { age, count, listed, named, number, sentences, speak, t } from "./words.js";

export { age, number, speak, t };

const SVG = "http://www.w3.org/2000/svg";
const KINDS = ["NONE", "ACCEPT", "REJECT", "RECHECK", "NOT_INSPECTED"];  // by the number of a verdict
const COUNTED = ["ACCEPT", "REJECT", "RECHECK", "NOT_INSPECTED", "NONE"];
const LOST = "NOT_DELIVERED";  // no verdict: what the PLC never heard of

export const at = (id) => document.getElementById(id);

export function put(element, text) {
  if (element.textContent !== text) { element.textContent = text; }
}

export function make(name, text = "", classes = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (classes) { made.className = classes; }
  return made;
}

export function button(text, press, classes = "") {
  const made = make("button", text, classes);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

function shaped(kind) { return kind === LOST ? "NONE" : kind; }

export function verdict(name) { return KINDS.includes(name) || name === LOST ? name : "NONE"; }

function shape(name) {
  const made = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  made.setAttribute("viewBox", "0 0 100 100");
  made.append(use);
  reshape(made, verdict(name));
  return made;
}

function reshape(made, kind) {
  made.setAttribute("class", `mark v-${kind}`);
  made.firstChild.setAttribute("href", `#shape-${shaped(kind)}`);
}

export function measured(rule) {
  if (rule === null) { return ""; }
  return rule.text ? t("colon", { name: values(rule), text: rule.text }) : values(rule);
}

function values(rule) {
  const name = named(rule.name);
  if (rule.value === null) { return t("rule.blind", { name }); }
  const sides = rule.low === null ? "rule.most" : rule.high === null ? "rule.least" : "rule";
  return t(sides, {
    name, value: number(rule.value), unit: rule.unit, low: number(rule.low), high: number(rule.high),
  });
}

// words and classes of a state: grey, odd (somebody should look) or wrong (somebody must)
function state(id, text, kind = "") {
  put(at(id), text);
  at(id).className = kind ? `state ${kind}` : "state";
}

// `later`: what went by since the box said all this, ms by this browser's own clock
export function drawState(now, later) {
  const since = (its) => (its.age_ms === null ? "" : ` ${age(its.age_ms + later, "age.since")}`);
  put(at("station"), now.station);
  // in test mode the line judges as before, and no part may stay
  const standing = now.mode.why === "test" ? "SAFE" : now.mode.value;
  const mode = t(`mode.${standing}`);
  const words = now.mode.why ? t("colon", { name: mode, text: t(`why.${now.mode.why}`) }) : mode;
  const odd = standing === "SAFE" ? "wrong" : "odd";
  state("mode", words, standing === "FULL" ? "" : odd);
  const line = now.line.value;
  const lineWords = t(`line.${line}`) + (line === "running" || line === "starting" ? "" : since(now.line));
  state("line-state", lineWords, line === "silent" ? "wrong" : "");
  state("link", t(`link.${now.link.value}`) + (now.link.value === "up" ? "" : since(now.link)),
    now.link.value === "up" ? "" : "wrong");
  const kept = now.records.value;
  state("records", t(`records.${kept}`, { n: now.records.waiting }) + (kept === "written" ? "" : since(now.records)),
    kept === "written" ? "" : "odd");
  const faults = now.faults.value.map((name) => t(`fault.${name}`));
  state("faults", faults.length ? t("faults", { list: listed(faults) }) + since(now.faults) : "", "odd");
}

export function drawAge(now, later) {
  const part = now.part;
  if (!part) { put(at("part-line"), t("part.none")); return; }
  const words = [t("part.number", { id: part.part_id }), age(part.age_ms + later)];
  put(at("part-line"), listed(part.master ? [...words, t("part.master")] : words));
}

export function drawPart(now) {
  const part = now.part;
  const kind = part ? verdict(part.verdict) : "NONE";
  at("shape").setAttribute("class", `v-${kind}`);
  at("shape-use").setAttribute("href", `#shape-${shaped(kind)}`);
  put(at("word"), part ? t(`verdict.${kind}`) : "");
  put(at("reason"), part ? sentences([...undelivered(part), t(`reason.${part.reason}`)]) : "");
  put(at("rule"), part ? measured(part.rule) : "");
  drawScore(part ? part.score : null);
  drawStrip(now.strip);
  drawCounts(now.shift);
}

// What the PLC has not heard of a part, and what was decided of it.
export function undelivered(part) {
  if (part.delivered !== false) { return []; }
  const word = t(`verdict.${verdict(part.decided)}`);
  return [t(`undelivered.${part.undelivered || "NONE"}`), t("part.decided", { verdict: word })];
}

function drawScore(score) {
  const over = score !== null && score > 5000;
  at("score-bar").setAttribute("width", String(score === null ? 0 : score / 10));
  at("score-bar").setAttribute("class", over ? "over" : "");
  const words = score === null ? t("score.none") : t(over ? "score.above" : "score.below");
  at("score").setAttribute("aria-label", words);
  put(at("score-words"), words);
}

// What is there already is kept: the marks of parts that went by are those of the newest ones.
function drawStrip(strip) {
  const root = at("strip");
  while (root.children.length > strip.length) { root.firstChild.remove(); }
  const gone = [...root.children].findIndex((each) => each.dataset.serial === String(strip[0][0]));
  for (let each = 0; each < gone; each += 1) { root.append(root.firstChild); }
  strip.forEach((part, place) => drawMark(root.children[place] || root.appendChild(mark()), part));
}

function mark() {
  const made = document.createElement("li");
  made.append(shape("NONE"));
  return made;
}

function drawMark(item, [serial, id, name]) {
  const kind = verdict(name);
  const title = t("part.title", { id, verdict: t(`verdict.${kind}`) });
  if (item.title !== title) { item.title = title; }
  item.dataset.serial = serial;
  if (item.dataset.kind === kind) { return; }
  item.dataset.kind = kind;
  reshape(item.firstChild, kind);
}

function drawCounts(shift) {
  const rows = COUNTED.map((name) => [t(`count.${name}`), count(shift.counts[KINDS.indexOf(name)])]);
  rows.push([t(`count.${LOST}`), count(shift.undelivered)]);
  const since = shift.whole ? t("shift", { at: shift.began }) : t("shift.partly");
  const root = at("counts");
  [[since, ""], ...rows].forEach(([what, many], place) => {
    const row = root.children[place] || root.appendChild(counter());
    put(row.firstChild, what);
    put(row.lastChild, many);
  });
}

function counter() {
  const made = document.createElement("div");
  made.append(make("dt"), make("dd"));
  return made;
}

// A picture of each view. The next one is asked for when the last one has come: the newest wins.
export class Pictures {
  constructor(root) { this.root = root; this.wanted = new Map(); }

  show(views) {
    const key = JSON.stringify(views.map((each) => [each.view, each.name]));
    if (this.key !== key) { this.key = key; this.build(views); }
    for (const each of views) { this.one(each); }
  }

  build(views) {
    this.cells = new Map();
    this.root.replaceChildren(...views.map((each) => {
      const figure = document.createElement("figure");
      const stack = make("div", "", "stack");
      const image = document.createElement("img");
      const none = make("p", t("view.none", { name: named(each.name) }));
      image.alt = t("view.picture", { name: named(each.name) });
      image.hidden = true;
      stack.append(image, none);
      const caption = make("figcaption", named(each.name));
      figure.append(stack, caption);
      const cell = { view: each.view, image, none, name: named(each.name), stack, caption, busy: false, shown: "", next: null };
      image.addEventListener("load", () => this.done(cell, true));
      image.addEventListener("error", () => this.done(cell, false));
      this.cells.set(each.view, cell);
      return figure;
    }));
  }

  one(each) {
    const cell = this.cells.get(each.view);
    // a frame that could not be trusted may show another part: that is said beside it
    const name = named(each.name);
    const doubt = each.fault && each.fault !== "OK";
    put(cell.caption, doubt ? t("colon", { name, text: t(`reason.${each.fault}`) }) : name);
    cell.next = each.url;
    this.load(cell);
  }

  load(cell) {
    if (cell.busy || cell.next === cell.shown) { return; }
    cell.shown = cell.next;
    if (!cell.next) { this.settle(cell, false); return; }
    cell.busy = true;
    cell.image.src = cell.next;
  }

  done(cell, whole) {
    cell.busy = false;
    this.settle(cell, whole && cell.shown === cell.next);
    this.load(cell);
  }

  // a picture of a part that is not the one beside it is worse than none
  settle(cell, whole) {
    cell.image.hidden = !whole;
    cell.none.hidden = whole;
    this.lay(cell);
  }

  // a map over each picture, also over one that comes later; `why` is told where there is none
  maps(urls, why) {
    this.asked = { urls, why };
    for (const cell of this.cells.values()) { this.lay(cell); }
  }

  lay(cell) {
    cell.stack.querySelectorAll(".map").forEach((each) => each.remove());
    const url = this.asked?.urls.get(cell.view);
    if (!url || cell.image.hidden) { return; }
    const image = document.createElement("img");
    image.className = "map";
    image.alt = t("map.alt", { name: cell.name });
    image.addEventListener("error", () => { image.remove(); this.asked.why(url); });
    image.src = url;
    cell.stack.append(image);
  }
}

export function pathOf(part) { return `${encodeURIComponent(part.run)}/${part.serial}`; }
