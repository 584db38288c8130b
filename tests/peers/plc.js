// The program of a small PLC that polls the station, for any Modbus library.
//
// wire: { read(at, count), write(at, words), bits(count) }, each a promise.
// Prints "permit" once, and for each new result one line:
//   record SEQ_A PART_ID VERDICT REASON SCORE FLAGS LATENCY SEQ_B bits DI0 .. DI6
"use strict";

const PERMIT = 1 << 3;
const SCAN_MS = 10;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function run(wire) {
  let heart = 0;
  let ack = null;
  let permitted = false;
  for (;;) {
    const d = await wire.read(0, 96);
    const sequence = d[12];
    ack = ack === null ? sequence : ack;
    if (sequence !== ack) {
      const at = 32 + 8 * (sequence % 8);
      const bits = (await wire.bits(7)).slice(0, 7).map(Number);
      console.log(["record", ...d.slice(at, at + 8), "bits", ...bits].join(" "));
      ack = sequence;
    }
    heart = (heart + 1) % 65536;
    const p = new Array(20).fill(0);
    [p[0], p[1], p[2], p[4], p[15]] = [1, heart, 3, ack, d[13]];
    await wire.write(100, p);
    if (d[4] & PERMIT && !permitted) {
      permitted = true;
      console.log("permit");
    }
    await pause(SCAN_MS);
  }
}

module.exports = (wire) =>
  run(wire).catch((error) => {
    console.error(error);
    process.exit(1);
  });
