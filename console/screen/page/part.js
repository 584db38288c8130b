// One part, as it was when somebody asked for it: picture, map, measured values, and what people say.
// It stays that part, whatever comes on the line meanwhile.

import { Pictures, at, button, make, measured, pathOf, put, t, undelivered, verdict } from "./draw.js";
import { listed, moment, sentences } from "./words.js";
import { ask, language, may, requestId, send } from "./box.js";
import { beginWhy } from "./why.js";

const RETRY_MS = 500;
const DECIDE = "decide-disposition";
const SAY = "say-disposition";
let shown = null;  // the part, and the number that was seen of it
let pictures = null;
let mapped = false;

export function openPart(part, views) {
  shown = { run: part.run, serial: part.serial, views, seen: null, ids: new Map(), tries: 0 };
  mapped = false;
  put(at("part-title"), t("part.number", { id: part.part_id }));
  for (const id of ["part-about", "part-told"]) { put(at(id), ""); }
  for (const id of ["part-checks", "part-said", "part-words"]) { at(id).replaceChildren(); }
  put(at("map"), t("map.show"));
  at("map").setAttribute("aria-pressed", "false");
  put(at("close"), t("close"));
  at("note").value = "";
  pictures = new Pictures(at("part-views"));
  pictures.show(views.map((each) => ({ ...each, url: `/picture/${pathOf(shown)}/${each.view}` })));
  if (!at("part").open) { at("part").showModal(); }
  beginWhy(part);
  load(shown);
}

async function load(asked) {
  const answer = await ask(`/part/${pathOf(asked)}?lang=${language()}`);
  if (asked !== shown || !at("part").open) { return; }
  if (answer.status === 200) { describe(answer.body); return; }
  put(at("part-told"), answer.status === 404 ? t("told.unknown") : t("failed", { text: answer.text }));
  setTimeout(() => { if (asked === shown && at("part").open) { load(asked); } }, RETRY_MS);
}

function describe(found) {
  shown.seen = found.seen;
  put(at("part-told"), may(SAY) ? "" : t("told.not-here"));
  const word = t(`verdict.${verdict(found.verdict)}`);
  put(at("part-title"), t("part.title", { id: found.part_id, verdict: word }));
  put(at("part-about"), sentences([moment(found.day, found.at), ...undelivered(found), t(`reason.${found.reason}`), found.lot]));
  at("part-checks").replaceChildren(...found.checks.filter((each) => each.status !== "PASS").map(
    (each) => make("p", measured({ ...each, name: each.rule }))));
  describeSaid(found);
  describeWords(found);
}

function wordWith(word, why) { return why.length ? t("said.why", { word, why: listed(why) }) : word; }

export function saidWords(each) {
  const why = [each.text, each.note].filter(Boolean);
  const fields = { who: each.who, word: wordWith(t(`word.${each.word}`), why), at: moment(each.day, each.at) };
  return t(each.decides ? "said.decided" : "said", fields);
}

function describeSaid(found) {
  const lines = found.said.map((each) => make("p", saidWords(each)));
  const disputes = ["disputed", "decided"].includes(found.standing);
  if (disputes) { lines.push(make("p", t(`standing.${found.standing}`))); }
  at("part-said").replaceChildren(...(lines.length ? lines : [make("p", t("said.nothing"))]));
}

export function fillCodes(select, codes) {
  select.replaceChildren(...[{ code: "", text: t("code.none") }, ...codes].map((each) => {
    const made = make("option", each.text);
    made.value = each.code;
    return made;
  }));
}

function describeWords(found) {
  const kept = at("code").value;
  fillCodes(at("code"), found.codes);
  at("code").value = found.codes.some((each) => each.code === kept) ? kept : "";
  put(at("code-label"), t("code"));
  put(at("note-label"), t("note"));
  const decides = found.standing === "disputed" && may(DECIDE);
  const label = (word) => (decides ? t("words.decide", { word: t(`word.${word}`) }) : t(`word.${word}`));
  const words = may(SAY) ? found.words : [];
  at("part-words").replaceChildren(...words.map((word) => button(label(word), () => say(word, decides), "large")));
  for (const id of ["code", "note", "code-label", "note-label"]) { at(id).hidden = !words.length; }
}

// an id for what is said, not for the press of a button: said again, it counts once
function idOf(asked) {
  const key = JSON.stringify(asked);
  if (!shown.ids.has(key)) { shown.ids.set(key, requestId()); }
  return shown.ids.get(key);
}

async function say(word, decides) {
  const part = shown;
  const asked = {
    run: part.run, serial: part.serial, word, decides, seen: part.seen,
    code: at("code").value, note: at("note").value,
  };
  put(at("part-told"), t("told.sending"));
  const answer = await send("/override", { ...asked, request_id: idOf(asked) });
  if (part !== shown) { return; }
  if (answer.status === 200) {
    await load(part);
    put(at("part-told"), t("told.done", { number: answer.body.number }));
  } else if (answer.status === 409 && answer.body.newest) {
    const newest = answer.body.newest;
    await load(part);
    const fields = { who: newest.who, word: t(`word.${newest.word}`), at: moment(newest.day, newest.at) };
    put(at("part-told"), t(decides ? "told.met.decide" : "told.met", fields));
  } else {
    put(at("part-told"), answer.status ? t("told.failed", { text: answer.text }) : t("told.lost"));
  }
}

function toggleMap() {
  mapped = !mapped;
  at("map").setAttribute("aria-pressed", String(mapped));
  put(at("map"), t(mapped ? "map.hide" : "map.show"));
  const urls = mapped ? shown.views.map((each) => [each.view, `/map/${pathOf(shown)}/${each.view}`]) : [];
  pictures.maps(new Map(urls), async (url) => {
    const answer = await ask(url);
    if (answer.status !== 200) { put(at("part-told"), t("map.none", { text: answer.text })); }
  });
}

at("map").addEventListener("click", toggleMap);
at("close").addEventListener("click", () => at("part").close());
