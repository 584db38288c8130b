// Why this score? What a rule measured, drawn; the worst patch beside the good one nearest to it.
// Asked for when a part is opened, so that it is there when somebody clicks; shown on a click alone.

import { at, make, measured, pathOf, put, t } from "./draw.js";
import { ask } from "./box.js";
import { named, number } from "./words.js";

const LIMIT_MS = 60000;  // worked out by a process that gives way to everybody else
const RETRY_MS = 500;
const NO_ROW = "GN606";  // the part is not in the records yet
let asked = null;

export function beginWhy(part) {
  asked = { part, opened: false, busy: false, causes: null, failed: "", answers: [] };
  at("part-why").replaceChildren();
  at("part-why").hidden = true;
  put(at("why"), t("cause"));
  at("why").setAttribute("aria-pressed", "false");
  begin(asked);
}

function wanted(mine) { return mine === asked && at("part").open; }

async function begin(mine) {
  const answer = await ask(`/why/${pathOf(mine.part)}`, {}, LIMIT_MS);
  if (!wanted(mine)) { return; }
  if (answer.status === 200) {
    mine.causes = answer.body.causes;
    draw(mine);
    fill(mine);
  } else if (answer.status === 503 || (answer.body && answer.body.code === NO_ROW)) {
    setTimeout(() => { if (wanted(mine)) { begin(mine); } }, RETRY_MS);
  } else {
    mine.failed = answer.text || t("told.lost");
    draw(mine);
  }
}

// the likeliest cause beforehand, the others once somebody looks; one after another
async function fill(mine) {
  if (mine.busy) { return; }
  mine.busy = true;
  for (let place = 0; place < mine.causes.length; place += 1) {
    if (!wanted(mine) || (place > 0 && !mine.opened)) { break; }
    if (!mine.answers[place]) {
      const answer = await ask(`/why/${pathOf(mine.part)}/${place}`, {}, LIMIT_MS);
      mine.answers[place] = answer;  // into what is there by now
      draw(mine);
    }
  }
  mine.busy = false;
}

// again whenever something of it has come; a picture that is there stays as it is
function draw(mine) {
  if (mine !== asked || !mine.opened) { return; }
  const root = at("part-why");
  if (mine.failed) { root.replaceChildren(make("p", t("cause.none", { text: mine.failed }))); return; }
  if (mine.causes === null) { root.replaceChildren(make("p", t("cause.working"))); return; }
  if (!mine.causes.length) { root.replaceChildren(make("p", t("cause.nothing"))); return; }
  mine.sections = mine.sections || [];
  mine.causes.forEach((cause, place) => {
    const state = mine.answers[place] ? "told" : "working";
    if (!mine.sections[place] || mine.sections[place].dataset.state !== state) {
      mine.sections[place] = section(mine, cause, place);
      mine.sections[place].dataset.state = state;
    }
  });
  root.replaceChildren(...mine.sections);
}

function section(mine, cause, place) {
  const made = make("section", "", "cause");
  const title = cause.rule ? measured({ ...cause, name: cause.rule }) : t("cause.engine", { view: named(cause.view) });
  made.append(make("h3", title));
  const answer = mine.answers[place];
  if (!answer) { made.append(make("p", t("cause.working"))); return made; }
  if (answer.status !== 200 || answer.body.kind === "unknown") {
    made.append(make("p", t("cause.none", { text: answer.text || t("told.lost") })));
    return made;
  }
  const url = `/why/${pathOf(mine.part)}/${place}`;
  made.append(...(answer.body.kind === "rule" ? ruled(answer.body, url) : scored(mine, answer.body, url)));
  return made;
}

function ruled(found, url) {
  const value = found.value === null ? t("cause.blind") : `${number(found.value)} ${found.unit}`;
  return [picture(url, "whole", t("cause.drawn", { view: named(found.view) })), make("p", t("cause.anew", { value }))];
}

function scored(mine, found, url) {
  const pair = make("div", "", "pair");
  pair.append(
    picture(url, "worst", t("cause.worst", { id: mine.part.part_id })),
    picture(url, "good", t("cause.good", { name: found.good_of })));
  return [pair, picture(url, "whole", t("cause.where", { id: mine.part.part_id }))];
}

function picture(url, which, words) {
  const figure = make("figure");
  const image = document.createElement("img");
  image.alt = words;
  image.src = `${url}/${which}`;
  figure.append(image, make("figcaption", words));
  return figure;
}

function toggle() {
  asked.opened = !asked.opened;
  at("why").setAttribute("aria-pressed", String(asked.opened));
  put(at("why"), t(asked.opened ? "cause.hide" : "cause"));
  at("part-why").hidden = !asked.opened;
  if (!asked.opened) { return; }
  // what could not be answered may be by now: a picture is kept a moment after its part
  asked.answers = asked.answers.map((each) => (each && each.status === 200 && each.body.kind !== "unknown" ? each : undefined));
  draw(asked);
  if (asked.failed) { asked.failed = ""; begin(asked); } else if (asked.causes !== null) { fill(asked); }
}

at("why").addEventListener("click", toggle);
