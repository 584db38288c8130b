"""An S7 PLC as a process: python-snap7's server, either 3.x or native libsnap7.

`python s7_plc.py SIZE` serves DB 10 with SIZE bytes on a free port of loopback, prints
the port, and then answers each line on standard input with one on standard output:

    get                     the block, as hex
    put AT HEX              the PLC program writes
    writes                  start and size of every write from outside since the last time
    cpu STATUS              8 RUN, 4 STOP

It does not simulate a scan: what comes in one request is in the block at once.
"""

from __future__ import annotations

import ctypes
import socket
import sys

from snap7.server import Server
from snap7.type import SrvArea

DB = 10
_DATA_WRITE = 0x00040000  # evcDataWrite


class Plc:
    """The server and its data block."""

    def __init__(self, size: int) -> None:
        self.block = bytearray(size)
        self.server = Server(log=False)
        native = hasattr(self.server, "_lib")  # 3.x takes a bytearray as it is and copies the rest
        area = (ctypes.c_char * size).from_buffer(self.block) if native else self.block
        self.server.register_area(SrvArea.DB, DB, area)
        self.port = _free_port()
        self.server.start_to("127.0.0.1", self.port)

    def answer(self, line: str) -> str:
        """Carry out one line."""
        word, *rest = line.split()
        return str(getattr(self, f"do_{word}")(*rest))

    def do_get(self) -> str:
        """The whole block."""
        return self.block.hex()

    def do_put(self, at: str, data: str) -> str:
        """Write without leaving a trace in `writes`."""
        new = bytes.fromhex(data)
        self.block[int(at) : int(at) + len(new)] = new
        return "ok"

    def do_writes(self) -> str:
        """What was written from outside, oldest first."""
        found = []
        while event := self.server.pick_event():
            if event.EvtCode == _DATA_WRITE:  # type: ignore[union-attr]
                found.append(f"{event.EvtParam3}:{event.EvtParam4}")  # type: ignore[union-attr]
        return " ".join(found)

    def do_cpu(self, status: str) -> str:
        """Turn the key switch."""
        self.server.set_cpu_status(int(status))
        return "ok"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Serve until standard input ends."""
    plc = Plc(int(sys.argv[1]))
    print(plc.port, flush=True)  # noqa: T201 - the protocol of this program
    for line in sys.stdin:
        print(plc.answer(line), flush=True)  # noqa: T201 - the protocol of this program
    plc.server.stop()


if __name__ == "__main__":
    main()
