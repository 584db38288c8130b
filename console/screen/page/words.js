// The words of the page: its catalogue, and numbers, times and plural forms as the language has them.

const KEPT = "gonogo.language";
// made of English by the box, for whoever looks whether a text fits; no list offers them
const MADE_UP = ["pseudo", "pseudo-mirrored"];
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc]/;
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const MINUTE = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { year: "numeric", month: "short", day: "numeric" };
let texts = {};
let spoken = "en";
let forms = formsOf(spoken);
let names = {};  // what the station file calls a rule or a view, to its text by language

// dear to make: once for each language
function formsOf(language) {
  return {
    count: new Intl.NumberFormat(language),
    measure: new Intl.NumberFormat(language, { maximumSignificantDigits: 5 }),
    plural: new Intl.PluralRules(language),
    clock: new Intl.DateTimeFormat(language, CLOCK),
    // what the box says is in its own local time already
    moment: new Intl.DateTimeFormat(language, { ...DAY, ...CLOCK, timeZone: "UTC" }),
    minute: new Intl.DateTimeFormat(language, { ...DAY, ...MINUTE, timeZone: "UTC" }),
    here: new Intl.DateTimeFormat(language, { ...DAY, ...CLOCK }),
  };
}

export const language = () => spoken;

export function speakIn(name) {
  spoken = name;
  const spelt = MADE_UP.includes(name) ? "en" : name;
  forms = formsOf(spelt);
  document.documentElement.lang = spelt;
}

export function speak(catalogue) {
  texts = catalogue;
  document.documentElement.dir = t("direction");
}

export function nameAs(found) { names = found; }

// a rule or a view as people call it
export function named(name) {
  const its = Object.hasOwn(names, name) ? names[name] : {};
  return its[spoken] || its.en || name;
}

// a text of the catalogue; a key that it does not hold is shown as it is, never hidden
export function t(key, fields = {}) {
  const found = formOf(key, fields.n);
  const text = Object.hasOwn(texts, found) ? texts[found] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(fields, name) ? filled(name, fields[name]) : whole));
}

// `n` counts something: its text may have a form for one, for few, for many
function formOf(key, n) {
  return Object.hasOwn(texts, `${key}#other`) ? `${key}#${forms.plural.select(Number(n))}` : key;
}

function filled(name, value) {
  return name === "n" ? forms.count.format(value) : apart(String(value));
}

// between marks that keep its direction of writing to itself, where it may have one of its own
function apart(text) {
  const turned = document.documentElement.dir === "rtl" || RIGHT_TO_LEFT.test(text);
  return turned ? `\u2068${text}\u2069` : text;
}

export function listed(words) { return words.reduce((first, second) => t("list", { first, second })); }

export function sentences(words) {
  const said = words.filter(Boolean);
  return said.length ? said.reduce((first, second) => t("sentences", { first, second })) : "";
}

// whole sentences, each with its own stop
export function beside(words) {
  const said = words.filter(Boolean);
  return said.length ? said.reduce((first, second) => t("beside", { first, second })) : "";
}

// five digits of what was measured
export function number(value) { return value === null ? "" : forms.measure.format(value); }

export function count(value) { return forms.count.format(value); }

// a Date of this browser's clock
export function clock(date) { return forms.clock.format(date); }

// "2026-11-30" and "14:02:03" or "14:02", as the box's clock shows them
export function moment(day, at) {
  const found = new Date(`${day}T${at}Z`);
  const form = at.length > 5 ? forms.moment : forms.minute;
  return Number.isNaN(found.getTime()) ? `${day} ${at}` : form.format(found);
}

// "2026-11-30T14:02:03Z", by this browser's clock
export function instant(at) {
  const found = new Date(at);
  return Number.isNaN(found.getTime()) ? at : forms.here.format(found);
}

// an age in words; `key` is "age" (how long ago) or "age.since" (for how long)
export function age(ms, key = "age") {
  if (ms === null || ms === undefined) { return ""; }
  const s = Math.floor(ms / 1000);
  if (s < 90) { return t(`${key}.s`, { n: s }); }
  if (s < 5400) { return t(`${key}.min`, { n: Math.floor(s / 60) }); }
  return t(`${key}.h`, { n: Math.floor(s / 3600) });
}

// the language of this page: what its address asks for, what was chosen in this browser, what the
// station file says; `found` is the box's answer to /about
export function wanted(found) {
  const query = new URLSearchParams(location.search);
  const asked = query.get("language") || query.get("lang");
  if (MADE_UP.includes(asked)) { return asked; }
  return [asked, kept()].find((each) => found.languages.includes(each)) || found.language;
}

// a browser may be told to keep nothing
function kept() {
  try { return localStorage.getItem(KEPT); } catch { return null; }
}

function keep(name) {
  try { localStorage.setItem(KEPT, name); } catch { /* it is chosen again the next time */ }
}

// on whatever page the list of languages stands; an address that asks for another one asks for it no more
document.addEventListener("change", (event) => {
  if (event.target.id !== "language") { return; }
  const name = event.target.value;
  if (!MADE_UP.includes(name)) { keep(name); }
  if (location.search) { history.replaceState(null, "", `?lang=${name}${location.hash}`); }
});
