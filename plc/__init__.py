"""The PLC: interface map, handshake, links, and the simulator that judges us."""
