"""The simulated PLC: wire, program, belt, judge; the wire is all it shares with the station."""
