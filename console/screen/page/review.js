// Lists of parts: the last ones, those on which two people differ, and the sample of accepted ones.

import { Pictures, at, button, make, t, verdict } from "./draw.js";
import { moment } from "./words.js";
import { ask, language, send } from "./box.js";
import { fillCodes, openPart, saidWords } from "./part.js";

function entry(part, views, lines) {
  const word = t(`verdict.${verdict(part.verdict)}`);
  const made = button(t("part.title", { id: part.part_id, verdict: word }), () => openPart(part, views));
  made.append(...lines.map((each) => make("p", each)));
  return made;
}

function list(page, entries, none) {
  const made = make("div", "", "list");
  made.append(...(entries.length ? entries : [make("p", none)]));
  page.replaceChildren(made);
}

export function showParts(page, now, views) {
  const parts = now.strip.map(([serial, id, name]) => ({ run: now.run, serial, part_id: id, verdict: name }));
  list(page, parts.reverse().map((each) => entry(each, views, [])), t("part.none"));
}

export async function showDisputed(page, views) {
  const answer = await ask(`/disputed?lang=${language()}`);
  if (answer.status !== 200) { list(page, [], t("failed", { text: answer.text })); return; }
  const entries = answer.body.map((each) => entry(each, views, [moment(each.day, each.at), ...each.said.map(saidWords)]));
  list(page, entries, t("disputed.none"));
}

export async function showAudit(page, told = "") {
  const answer = await ask(`/audit/next?lang=${language()}`);
  if (answer.status !== 200) { list(page, [], t("failed", { text: answer.text })); return; }
  const found = answer.body;
  if (!found.open) { list(page, [], t(found.audited ? "audit.none" : "audit.off")); return; }
  const views = make("div", "", "row");
  const code = make("select");
  const label = make("label", t("code"));
  label.htmlFor = code.id = "audit-code";
  fillCodes(code, found.codes);
  const status = make("p", told);
  status.setAttribute("role", "status");
  const press = (word) => async () => {
    const fields = { ticket: found.ticket, answer: word, code: code.value, note: "" };
    const sent = await send("/audit/answer", fields);
    if (sent.status === 200) { showAudit(page, t("told.done", { number: sent.body.number })); return; }
    status.textContent = sent.status ? t("told.failed", { text: sent.text }) : t("told.lost");
  };
  const row = make("div", "", "row");
  row.append(...["good", "defect", "unsure"].map((word) => button(t(`audit.${word}`), press(word), "large")));
  page.replaceChildren(make("h2", t("audit.ask")), views, label, code, row, status);
  const urls = found.views.map((each) => ({ ...each, url: `/audit/picture/${found.ticket}/${each.view}` }));
  new Pictures(views).show(urls);
}

export function pageOf(name) { return at(`page-${name}`); }
