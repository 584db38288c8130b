// A PLC by modbus-serial: node modbus_serial.js HOST PORT
"use strict";

const ModbusRTU = require("modbus-serial");
const runPlc = require("./plc.js");

const [host, port] = process.argv.slice(2);
const client = new ModbusRTU();

client.connectTCP(host, { port: Number(port) }).then(() => {
  client.setID(1);
  client.setTimeout(5000);
  return runPlc({
    read: async (at, count) => (await client.readHoldingRegisters(at, count)).data,
    write: (at, words) => client.writeRegisters(at, words),
    bits: async (count) => (await client.readDiscreteInputs(0, count)).data,
  });
});
