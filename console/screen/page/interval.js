// The interval of Clopper and Pearson, as the box computes it: 95 of 100 of them hold the true share.

const LEVEL = 0.95;
const STEPS = 60;  // halvings of 0 to 1
const logs = [0];  // of the factorials

function logFactorial(n) {
  for (let k = logs.length; k <= n; k += 1) { logs.push(logs[k - 1] + Math.log(k)); }
  return logs[n];
}

function atMost(events, of, share) {
  if (share <= 0 || events >= of) { return 1; }
  if (share >= 1) { return 0; }
  const [yes, no] = [Math.log(share), Math.log1p(-share)];
  let total = 0;
  for (let k = 0; k <= events; k += 1) {
    total += Math.exp(logFactorial(of) - logFactorial(k) - logFactorial(of - k) + k * yes + (of - k) * no);
  }
  return Math.min(1, total);
}

function solve(below) {
  let [low, high] = [0, 1];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (below(middle)) { low = middle; } else { high = middle; }
  }
  return (low + high) / 2;
}

export function interval(events, of) {
  const tail = (1 - LEVEL) / 2;
  const low = events === 0 ? 0 : solve((share) => 1 - atMost(events - 1, of, share) < tail);
  const high = events === of ? 1 : solve((share) => atMost(events, of, share) > tail);
  return { events, of, low, high };
}
