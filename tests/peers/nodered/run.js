// Node-RED without its editor: node run.js modbus HOST PORT | node run.js s7 HOST PORT DB
//
// modbus   a PLC by contrib-modbus: polls the station, acknowledges, enables; prints as ../plc.js
// s7       a dashboard by contrib-s7 that reads the station's data block beside it; prints
//          "words D0 D1 D12 P104" whenever one of them has changed
"use strict";

const fs = require("fs");
const http = require("http");
const os = require("os");
const path = require("path");
const RED = require("node-red");

const [kind, host, port, db] = process.argv.slice(2);

const SCAN_MS = "20";
const PLC = `
  const d = msg.payload, sequence = d[12];
  let ack = context.get("ack");
  if (ack === undefined) ack = sequence;
  let asked = null;
  if (sequence !== ack) {
    const at = 32 + 8 * (sequence % 8);
    flow.set("record", d.slice(at, at + 8));
    asked = { payload: { fc: 2, unitid: 1, address: 0, quantity: 7 } };
    ack = sequence;
  }
  context.set("ack", ack);
  const heart = ((context.get("heart") || 0) + 1) % 65536;
  context.set("heart", heart);
  const p = new Array(20).fill(0);
  [p[0], p[1], p[2], p[4], p[15]] = [1, heart, 3, ack, d[13]];
  if (d[4] & 8 && !context.get("permitted")) {
    context.set("permitted", true);
    console.log("permit");
  }
  return [{ payload: p }, asked];
`;
const TELL = `
  const bits = msg.payload.slice(0, 7).map(Number);
  console.log(["record", ...flow.get("record"), "bits", ...bits].join(" "));
`;

const tab = { id: "tab", type: "tab", label: kind };
const on = (node) => ({ z: "tab", x: 0, y: 0, ...node });

function modbusFlow() {
  const server = {
    id: "server", type: "modbus-client", name: "", clienttype: "tcp", bufferCommands: true,
    stateLogEnabled: false, queueLogEnabled: false, failureLogEnabled: true, tcpHost: host,
    tcpPort: port, tcpType: "DEFAULT", unit_id: "1", commandDelay: "1", clientTimeout: "5000",
    reconnectOnTimeout: true, reconnectTimeout: "500", parallelUnitIdsAllowed: true,
  };
  const read = {
    id: "read", type: "modbus-read", name: "D", unitid: "1", dataType: "HoldingRegister", adr: "0",
    quantity: "96", rate: SCAN_MS, rateUnit: "ms", delayOnStart: false, server: "server",
    useIOFile: false, useIOForPayload: false, showErrors: true, wires: [["plc"], []],
  };
  const write = {
    id: "write", type: "modbus-write", name: "P", unitid: "1", dataType: "MHoldingRegisters",
    adr: "100", quantity: "20", server: "server", showErrors: true, wires: [[], []],
  };
  const bits = {
    id: "bits", type: "modbus-flex-getter", name: "DI", server: "server", useIOFile: false,
    useIOForPayload: false, showErrors: true, wires: [["tell"], []],
  };
  const code = (id, func, outputs, wires) => on({ id, type: "function", func, outputs, wires });
  return [
    tab, server, on(read), on(write), on(bits),
    code("plc", PLC, 2, [["write"], ["bits"]]), code("tell", TELL, 0, []),
  ];
}

function s7Flow() {
  const word = (name, byte) => ({ name, addr: `DB${db},W${byte}` });
  const endpoint = {
    id: "endpoint", type: "s7 endpoint", transport: "iso-on-tcp", address: host, port, rack: "0",
    slot: "1", localtsaphi: "01", localtsaplo: "00", remotetsaphi: "01", remotetsaplo: "00",
    connmode: "rack-slot", cycletime: "100", timeout: "5000", name: "",
    vartable: [word("magic", 0), word("version", 2), word("res_seq", 24), word("ack", 200)],
  };
  const read = {
    id: "in", type: "s7 in", endpoint: "endpoint", mode: "all", variable: "", diff: true, name: "",
    wires: [["tell"]],
  };
  const func = `
    const v = msg.payload;
    console.log(["words", v.magic, v.version, v.res_seq, v.ack].join(" "));
  `;
  return [tab, endpoint, on(read), on({ id: "tell", type: "function", func, outputs: 0, wires: [] })];
}

const flows = { modbus: modbusFlow, s7: s7Flow };
const userDir = fs.mkdtempSync(path.join(os.tmpdir(), "node-red-"));
fs.writeFileSync(path.join(userDir, "flows.json"), JSON.stringify(flows[kind]()));
const server = http.createServer();
RED.init(server, {
  userDir, flowFile: "flows.json", httpAdminRoot: false, httpNodeRoot: false, disableEditor: true,
  credentialSecret: false, logging: { console: { level: "warn", metrics: false, audit: false } },
});
RED.start().catch((error) => {
  console.error(error);
  process.exit(1);
});
