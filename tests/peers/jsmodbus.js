// A PLC by jsmodbus: node jsmodbus.js HOST PORT
"use strict";

const net = require("net");
const modbus = require("jsmodbus");
const runPlc = require("./plc.js");

const [host, port] = process.argv.slice(2);
const socket = new net.Socket();
const client = new modbus.client.TCP(socket, 1, 5000);

async function values(request) {
  return Array.from((await request).response.body.valuesAsArray);
}

socket.on("connect", () =>
  runPlc({
    read: (at, count) => values(client.readHoldingRegisters(at, count)),
    write: (at, words) => client.writeMultipleRegisters(at, words),
    bits: (count) => values(client.readDiscreteInputs(0, count)),
  }),
);
socket.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
socket.connect({ host, port: Number(port) });
