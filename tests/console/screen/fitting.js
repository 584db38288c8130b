// What of a page does not fit: wider than the window, cut off, outside of it, or one thing over another.
// Told as texts; none where all fits. An open dialog is looked at alone.
(() => {
  const wrong = [];
  const root = document.querySelector("dialog[open]") || document.body;
  const told = (what, each) => wrong.push(`${what}: ${each.tagName} #${each.id} "${each.textContent.trim().slice(0, 40)}"`);
  const shown = [...root.querySelectorAll("*")].filter(
    (each) => each.checkVisibility() && each.getClientRects().length && !each.closest("svg") && each.tagName !== "OPTION");
  if (document.scrollingElement.scrollWidth > innerWidth) { wrong.push(`${document.scrollingElement.scrollWidth} px wide`); }
  for (const each of shown) {
    const style = getComputedStyle(each);
    const box = each.getBoundingClientRect();
    if (box.left < -1 || box.right > innerWidth + 1) { told("outside", each); }
    // a closed list ends its text with an ellipsis; open, it shows the whole
    const opens = each.tagName === "SELECT" && style.textOverflow === "ellipsis";
    if (!opens && style.display !== "inline" && each.scrollWidth > each.clientWidth + 1 && each.clientWidth) { told("too wide", each); }
    if (style.overflowY === "hidden" && each.scrollHeight > each.clientHeight + 1) { told("cut off", each); }
  }
  const words = "button, select, input, h1, h2, p, dt, dd, label, figcaption, li";
  const boxes = shown.filter((each) => each.matches(words) && (each.textContent.trim() || each.matches("select, input, li")));
  for (const [place, one] of boxes.entries()) {
    const a = one.getBoundingClientRect();
    for (const other of boxes.slice(place + 1)) {
      if (one.contains(other) || other.contains(one)) { continue; }
      const b = other.getBoundingClientRect();
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && tall > 1) { told(`over ${other.tagName} #${other.id}`, one); }
    }
  }
  return wrong;
})()
