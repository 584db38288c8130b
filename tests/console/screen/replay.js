// Plays events to the page as fast as it takes them: its own code asks, reads and draws each of them.
// What is replaced is the browser's: its clock between two questions, and the wire that brings an answer.
// `replay(count)` begins; `replayed` tells how many were asked for so far, `shown` what the page said of the last.
(() => {
  const KINDS = ["ACCEPT", "REJECT", "RECHECK", "NOT_INSPECTED"];
  const NOW = "/now?wait";
  const POLL_MS = 200;  // at most that between two questions; whatever else waits, waits longer
  const STRIP = 50;
  const [later, own] = [window.setTimeout, window.fetch];
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  let [base, left] = [null, 0];
  window.replayed = 0;
  window.shown = "";
  window.replay = (count) => { window.shown = ""; left = count; };
  port1.onmessage = () => waiting.shift()();

  window.setTimeout = (call, ms, ...rest) => {
    if (ms > POLL_MS || !left) { return later(call, ms, ...rest); }
    waiting.push(call);
    port2.postMessage(0);
    return 0;
  };

  function next() {
    const number = (window.replayed += 1);
    left -= 1;
    const kind = KINDS[number % KINDS.length];
    const id = (place) => (number + place) % 65536;
    base.version = number;
    // pictures are those of parts that the box has: each is fetched and shown
    Object.assign(base.part, {
      serial: 1 + number % 8, part_id: id(0), verdict: kind, score: number % 10001,
      rule: number % 2 ? null : { name: `rule ${number % 7}`, value: number / 7, low: 1, high: 2, unit: "mm" },
    });
    base.strip = Array.from({ length: STRIP }, (_, place) => [number + place, id(place - STRIP), KINDS[(number + place) % 4]]);
    base.shift.counts = base.shift.counts.map((each) => each + 1);
    base.faults.value = number % 3 ? [] : ["LIGHT", "DISK"];
    return new Response(JSON.stringify(base), {
      headers: { "content-type": "application/json", etag: `"replay-${number}"` },
    });
  }

  window.fetch = async (path, options) => {
    if (path === NOW && left && base) { return next(); }
    // the last one is drawn: from here on the page shows again what the box says
    if (path === NOW && base) { window.shown = window.shown || document.getElementById("part-line").textContent; }
    const answer = await own(path, options);
    if (path === NOW && answer.status === 200 && !base) { base = await answer.clone().json(); }
    return answer;
  };
})();
