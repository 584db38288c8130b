"""The block that ships as a PLC on the network: its text, scanned in real time behind Modbus TCP.

Import as `gonogo.tests.plc.blockplc`; the Modbus server is another maker's (pyModbusTCP).
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from pyModbusTCP.server import ModbusServer

from gonogo.tests.plc.plant import unit
from gonogo.tests.st.machine import Block

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

SCAN_S = 0.01
DECISION, EJECT = 60, 80  # counts of the belt, one a scan while it runs
EYE_SCANS = 3
WAIT_S = 60.0


class BlockPlc:
    """Scans until it is closed. `inputs` are the block's, `belt` says whether the belt runs."""

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {"xEnable": False}
        self.belt = False
        self.halted = False  # STOP: no program, but the words are served
        self.block = Block(unit())
        self.fates: dict[int, bool] = {}  # part id: whether it passed
        self._counts = self._eye = 0
        self._start_s = time.monotonic()
        self._server = ModbusServer("127.0.0.1", 0, no_block=True)
        self._server.start()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it serves."""
        port: int = self._server._service.server_address[1]
        return port

    def restart(self) -> None:
        """STOP, and RUN with nothing remembered."""
        self.block = Block(unit())

    def _run(self) -> None:
        while not self._over.wait(SCAN_S):
            if not self.halted:
                self._scan()

    def _scan(self) -> None:
        bank, block = self._server.data_bank, self.block
        self._counts += self.belt
        self._eye = max(self._eye - 1, 0)
        before = block["udiPassed"], block["udiRejected"], block["auiId"][block["iHead"]]
        block.scan(
            auiD=bank.get_holding_registers(0, 96),
            uiClockMs=round((time.monotonic() - self._start_s) * 1000) % 65536,
            udiEncoder=self._counts,
            udiDecisionCounts=DECISION,
            udiEjectCounts=EJECT,
            xPartEye=self._eye > 1,
            **self.inputs,
        )
        if (block["udiPassed"], block["udiRejected"]) != before[:2]:
            self.fates[before[2]] = block["udiPassed"] != before[0]
        bank.set_holding_registers(100, block["auiP"])

    def part(self) -> int:
        """A part at the photo-eye, and on until it is past the ejector; its id."""
        self._eye = EYE_SCANS
        self.until("no part", lambda: self._eye == 0)
        part_id: int = self.block["uiPartId"]
        self.until("a part without a fate", lambda: part_id in self.fates)
        return part_id

    def alarms(self) -> set[int]:
        """Those that are up."""
        return {number + 1 for number, up in enumerate(self.block["axAlarm"]) if up}

    def until(self, what: str, done: Callable[[], object]) -> None:
        """Wait for something to be so."""
        end_s = time.monotonic() + WAIT_S
        while not done():
            assert time.monotonic() < end_s, f"{what}: alarms {self.alarms()}"
            time.sleep(SCAN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._server.stop()
