// Small drawings in SVG. Sizes are those of the drawing's own box; what is what is told by classes.

const SVG = "http://www.w3.org/2000/svg";

export function mark(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, String(value)); }
  if (text) { made.textContent = text; }
  return made;
}

export function picture(width, height, label) {
  const made = mark("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "chart" });
  made.setAttribute("aria-label", label);
  return made;
}

// how many of `values` lie in each of `bins` steps from `low` to `high`; the last holds its end
export function counted(values, low, high, bins) {
  const counts = new Array(bins).fill(0);
  for (const each of values) {
    const at = Math.floor(((each - low) / ((high - low) || 1)) * bins);
    if (at >= 0 && at <= bins) { counts[Math.min(at, bins - 1)] += 1; }
  }
  return counts;
}

// columns of counts that stand on each other: [[class, counts], ...]
export function columns(svg, kinds, width, height) {
  const bins = kinds[0][1].length;
  const totals = kinds[0][1].map((_, k) => kinds.reduce((sum, [, counts]) => sum + counts[k], 0));
  // roots: of a thousand good parts and one bad one both are seen
  const scale = height / Math.sqrt(Math.max(...totals, 1));
  for (let k = 0; k < bins; k += 1) {
    let below = 0;
    for (const [name, counts] of kinds) {
      if (!counts[k]) { continue; }
      const [from, to] = [Math.sqrt(below) * scale, Math.sqrt(below + counts[k]) * scale];
      below += counts[k];
      svg.append(mark("rect", {
        class: name, x: (k * width) / bins, width: width / bins, y: height - to, height: to - from,
      }));
    }
  }
}
