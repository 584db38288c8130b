// What each page beside the line has: the station, its languages, the other pages, and whether the box answers.

import { at, make, put } from "./draw.js";
import { ask, become, language, may } from "./box.js";
import { nameAs, speak, speakIn, t, wanted } from "./words.js";
import { answered, lookAlive, speaks } from "./alive.js";
import { drawPerson, watchPerson } from "./person.js";

const PAGES = { line: "/", limits: "/limits.html", trends: "/trends.html", setup: "/setup.html" };
const NEEDS = { setup: "see-setup" };
const POLL_MS = 500;
const POLL_LIMIT_MS = 1000;
const LOOK_MS = 100;

export function links(own) {
  const others = Object.keys(PAGES).filter((each) => each !== own && (!(each in NEEDS) || may(NEEDS[each])));
  at("pages").replaceChildren(...others.map((each) => {
    const made = make("a", t(`page.${each}`));
    made.href = `${PAGES[each]}?lang=${language()}`;
    return made;
  }));
}

export function languages(found) {
  const name = wanted(found);
  const offered = found.languages.includes(name) ? found.languages : [...found.languages, name];
  at("language").replaceChildren(...offered.map((each) => {
    const made = document.createElement("option");
    made.value = each;
    return made;
  }));
  at("language").value = name;
}

// whether there are words now
export async function learn(name) {
  const answer = await ask(`/texts/${name}.json`);
  if (answer.status !== 200) { return false; }
  speakIn(name);
  speak(answer.body);
  at("language").setAttribute("aria-label", t("language"));
  for (const each of at("language").children) { put(each, t(`language.${each.value}`)); }
  return true;
}

async function poll() {
  const answer = document.hidden ? null : await ask("/about", {}, POLL_LIMIT_MS);
  if (answer && answer.status === 200) {
    answered();
    become(answer.body);
    lookAlive();
  }
  setTimeout(poll, POLL_MS);
}

// `show` draws the page, with whatever it has to ask for
export async function begin(own, show) {
  const answer = await ask("/about");
  if (answer.status !== 200) {
    setTimeout(() => begin(own, show), POLL_LIMIT_MS);
    return;
  }
  become(answer.body);
  nameAs(answer.body.names);
  languages(answer.body);
  put(at("station"), answer.body.station);
  const speakNow = async () => {
    if (!await learn(at("language").value)) { return; }
    links(own);
    drawPerson();
    put(at("title"), t(`page.${own}`));
    document.title = `gonogo ${t("colon", { name: answer.body.station, text: t(`page.${own}`) })}`;
    show();
  };
  at("language").addEventListener("change", speakNow);
  answered();
  lookAlive();
  await speakNow();
  watchPerson(speakNow);
  speaks();
  setInterval(lookAlive, LOOK_MS);
  poll();
}
