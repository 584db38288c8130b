// Whether the box answers. While it does not all is grey and struck through, and no button does anything.

import { at, put, t } from "./draw.js";
import { clock } from "./words.js";

const DEAD_MS = 1500;  // struck through within two seconds, with what it takes to notice
let aliveMs = -Infinity;  // when the box last answered
let aliveAt = null;  // the same on the wall
let dead = true;  // until the box has answered
let begun = false;  // whether there are words to say it in

export const isDead = () => dead;

export function answered() {
  aliveMs = performance.now();
  aliveAt = new Date();
}

export function speaks() { begun = true; }

export function lookAlive() {
  const is = performance.now() - aliveMs > DEAD_MS;
  at("dead").hidden = !(is && begun);
  if (is && begun) { put(at("dead"), aliveAt ? t("dead", { at: clock(aliveAt) }) : t("dead.never")); }
  if (is === dead) { return; }
  dead = is;
  document.body.classList.toggle("dead", is);
  disable();
}

// no button does anything that the box would not hear; also one that is made meanwhile
function disable() {
  for (const each of document.querySelectorAll("button, select, input")) {
    if (each.disabled !== dead) { each.disabled = dead; }
  }
}

new MutationObserver(disable).observe(document.body, { childList: true, subtree: true });
