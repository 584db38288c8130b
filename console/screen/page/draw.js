// What is on the page, from what the box said. Text goes in as text alone: never as markup.

const SVG = "http://www.w3.org/2000/svg";
const KINDS = ["NONE", "ACCEPT", "REJECT", "RECHECK", "NOT_INSPECTED"];  // by the number of a verdict
const COUNTED = ["ACCEPT", "REJECT", "RECHECK", "NOT_INSPECTED", "NONE"];
let texts = {};

export const at = (id) => document.getElementById(id);

export function speak(catalogue) { texts = catalogue; }

// a text of the catalogue; a key that it does not hold is shown as it is, never hidden
export function t(key, fields = {}) {
  const text = key in texts ? texts[key] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));
}

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

export function verdict(name) { return KINDS.includes(name) ? name : "NONE"; }

function shape(name) {
  const made = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  made.setAttribute("viewBox", "0 0 100 100");
  made.setAttribute("class", `mark v-${verdict(name)}`);
  use.setAttribute("href", `#shape-${verdict(name)}`);
  made.append(use);
  return made;
}

// an age in words; `key` is "age" (how long ago) or "age.since" (for how long)
export function age(ms, key = "age") {
  if (ms === null || ms === undefined) { return ""; }
  const s = Math.floor(ms / 1000);
  if (s < 90) { return t(`${key}.s`, { n: s }); }
  if (s < 5400) { return t(`${key}.min`, { n: Math.floor(s / 60) }); }
  return t(`${key}.h`, { n: Math.floor(s / 3600) });
}

export function number(value) { return value === null ? "" : String(Number(value.toPrecision(5))); }

export function measured(rule) {
  if (rule === null) { return ""; }
  if (rule.value === null) { return t("rule.blind", { name: rule.name }); }
  const sides = rule.low === null ? "rule.most" : rule.high === null ? "rule.least" : "rule";
  return t(sides, {
    name: rule.name, value: number(rule.value), unit: rule.unit,
    low: number(rule.low), high: number(rule.high),
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
  const why = now.mode.why ? `: ${t(`why.${now.mode.why}`)}` : "";
  const odd = now.mode.value === "SAFE" ? "wrong" : "odd";
  state("mode", t(`mode.${now.mode.value}`) + why, now.mode.value === "FULL" ? "" : odd);
  const line = now.line.value;
  const lineWords = t(`line.${line}`) + (line === "running" || line === "starting" ? "" : since(now.line));
  state("line-state", lineWords, line === "silent" ? "wrong" : "");
  state("link", t(`link.${now.link.value}`) + (now.link.value === "up" ? "" : since(now.link)),
    now.link.value === "up" ? "" : "wrong");
  const kept = now.records.value;
  state("records", t(`records.${kept}`, { n: now.records.waiting }) + (kept === "written" ? "" : since(now.records)),
    kept === "written" ? "" : "odd");
  const list = now.faults.value.map((name) => t(`fault.${name}`)).join(", ");
  state("faults", list ? t("faults", { list }) + since(now.faults) : "", "odd");
}

export function drawAge(now, later) {
  const part = now.part;
  const master = part && part.master ? `, ${t("part.master")}` : "";
  const words = part && `${t("part.number", { id: part.part_id })}, ${age(part.age_ms + later)}${master}`;
  put(at("part-line"), words || t("part.none"));
}

export function drawPart(now) {
  const part = now.part;
  const kind = part ? verdict(part.verdict) : "NONE";
  at("shape").setAttribute("class", `v-${kind}`);
  at("shape-use").setAttribute("href", `#shape-${kind}`);
  put(at("word"), part ? t(`verdict.${kind}`) : "");
  const late = part && part.delivered === false ? t("part.late") : "";
  put(at("reason"), part ? [t(`reason.${part.reason}`), late].filter(Boolean).join(". ") : "");
  put(at("rule"), part ? measured(part.rule) : "");
  drawScore(part ? part.score : null);
  drawStrip(now.strip);
  drawCounts(now.shift);
}

function drawScore(score) {
  const over = score !== null && score > 5000;
  at("score-bar").setAttribute("width", String(score === null ? 0 : score / 10));
  at("score-bar").setAttribute("class", over ? "over" : "");
  const words = score === null ? t("score.none") : t(over ? "score.above" : "score.below");
  at("score").setAttribute("aria-label", words);
  put(at("score-words"), words);
}

function drawStrip(strip) {
  at("strip").replaceChildren(...strip.map(([, id, name]) => {
    const made = document.createElement("li");
    made.title = t("part.title", { id, verdict: t(`verdict.${verdict(name)}`) });
    made.append(shape(name));
    return made;
  }));
}

function drawCounts(shift) {
  const rows = COUNTED.map((name) => [t(`count.${name}`), String(shift.counts[KINDS.indexOf(name)])]);
  const since = shift.whole ? t("shift", { at: shift.began }) : t("shift.partly");
  at("counts").replaceChildren(...[[since, ""], ...rows].map(([what, count]) => {
    const made = document.createElement("div");
    made.append(make("dt", what), make("dd", count));
    return made;
  }));
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
      const none = make("p", t("view.none", { name: each.name }));
      image.alt = t("view.picture", { name: each.name });
      image.hidden = true;
      stack.append(image, none);
      const caption = make("figcaption", each.name);
      figure.append(stack, caption);
      const cell = { image, none, stack, caption, busy: false, shown: "", next: null };
      image.addEventListener("load", () => this.done(cell, true));
      image.addEventListener("error", () => this.done(cell, false));
      this.cells.set(each.view, cell);
      return figure;
    }));
  }

  one(each) {
    const cell = this.cells.get(each.view);
    // a frame that could not be trusted may show another part: that is said beside it
    const doubt = each.fault && each.fault !== "OK" ? `: ${t(`reason.${each.fault}`)}` : "";
    put(cell.caption, each.name + doubt);
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
  }

  // a map over each picture that has come; `why` is told where there is none
  maps(urls, why) {
    for (const [view, cell] of this.cells) {
      cell.stack.querySelectorAll(".map").forEach((each) => each.remove());
      if (!urls.has(view) || cell.image.hidden) { continue; }
      const image = document.createElement("img");
      image.className = "map";
      image.alt = t("map.alt", { name: cell.image.alt });
      image.addEventListener("error", () => { image.remove(); why(urls.get(view)); });
      image.src = urls.get(view);
      cell.stack.append(image);
    }
  }
}

export function pathOf(part) { return `${encodeURIComponent(part.run)}/${part.serial}`; }
