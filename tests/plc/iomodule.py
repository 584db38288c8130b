"""A remote I/O module in a Modbus server of another maker, and a belt with its ejector.

Import it as `gonogo.tests.plc.iomodule`; needs pyModbusTCP. The module does what real ones do
besides working: a latched safe state that acknowledges every write, a dead output, outputs that
are read elsewhere, slow replies, an output that follows late, a restart. Not simulated: other
outputs, analogue terminals, a bus behind the module.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from pyModbusTCP.constants import EXP_DATA_ADDRESS, EXP_NONE
from pyModbusTCP.server import DataHandler, ModbusServer

from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.tests.plc.nozzle import NozzleBelt, Wired
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

COIL, FEEDBACK, EYE = 5, 8, 9
STATE, ARM = 4102, 4103  # registers of its watchdog
TRIPPED, ARMED = 2, 1


class IoModule(DataHandler):  # type: ignore[misc]  # the library is untyped
    """Change its attributes at any time; `switched` is every change of the real output."""

    slow = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self.latched = False  # safe state: off, and every write is acknowledged
        self.watchdog_s = 0.0  # trips into it when no coil was written for so long; 0: never
        self.dead: bool | None = None  # the output is stuck
        self.holds_s = 0.0  # it falls back by itself so long after a write; 0: it holds
        self.read_fc, self.read_at = 1, COIL
        self.reply_s = self.lag_s = 0.0
        self.feedback_stuck: bool | None = None
        self.armable = True
        self.covered: list[tuple[int, int]] = []  # when a part is before the eye
        self.eye_stuck: bool | None = None
        self.writes = self.arms = 0
        self.read_codes: set[int] = set()
        self.switched: list[tuple[int, bool]] = [(0, False)]
        self._orders: list[tuple[int, bool]] = [(0, False)]  # from when on
        self._written_ns = time.monotonic_ns()
        self._lock = threading.RLock()
        self._server: ModbusServer | None = None
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Power on: outputs off."""
        self._orders = [(0, False)]
        self._server = ModbusServer("127.0.0.1", self.port, no_block=True, data_hdl=self)
        self._server.start()

    def stop(self) -> None:
        """Power off."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def output(self) -> bool:
        """What the output really is at this moment."""
        with self._lock:
            on = self._now()
            if on is not self.switched[-1][1]:
                self.switched.append((time.monotonic_ns(), on))
            return on

    def _now(self) -> bool:
        now_ns = time.monotonic_ns()
        silent_s = (now_ns - self._written_ns) / 1e9
        if self.watchdog_s and silent_s > self.watchdog_s:
            self.latched = True
        if self.dead is not None:
            return self.dead
        falls = self.holds_s and silent_s > self.holds_s
        if self.latched or falls or self._server is None:
            return False
        return [on for at_ns, on in self._orders if at_ns <= now_ns][-1]

    def tend(self) -> None:
        """Note whether the output has changed by itself."""
        _ = self.output

    def cover(self, begin_ns: int, end_ns: int) -> None:
        """Something is before the eye then."""
        self.covered.append((begin_ns, end_ns))

    def was(self, at_ns: int) -> bool:
        """What the output was at some moment."""
        return [on for since_ns, on in self.switched if since_ns <= at_ns][-1]

    def _bits(self, fc: int, address: int, count: int) -> DataHandler.Return:
        time.sleep(self.reply_s)
        self.read_codes.add(fc)
        bits = [False] * count
        output, now_ns = self.output, time.monotonic_ns()
        known = {}
        if fc == self.read_fc:
            known[self.read_at] = output
        if fc == 2:
            stuck = self.feedback_stuck
            known[FEEDBACK] = output if stuck is None else stuck
            seen = self._eye(now_ns)
            known[EYE] = seen if self.eye_stuck is None else self.eye_stuck
        for at, on in known.items():
            if address <= at < address + count:
                bits[at - address] = on
        return DataHandler.Return(EXP_NONE, bits)

    def _eye(self, now_ns: int) -> bool:
        """Whether it is covered; as with a pulse that is stretched, once at least for each part."""
        there = [(begin, end) for begin, end in self.covered if begin <= now_ns]
        # shown now: what has passed is not shown again
        self.covered = [each for each in self.covered if each[1] > now_ns]
        return bool(there)

    # -- what the server calls, by its own names ----------------------------------------

    def read_coils(self, address: int, count: int, srv_info: Any) -> Any:  # noqa: ANN401, ARG002
        """FC1."""
        return self._bits(1, address, count)

    def read_d_inputs(self, address: int, count: int, srv_info: Any) -> Any:  # noqa: ANN401, ARG002
        """FC2."""
        return self._bits(2, address, count)

    def write_coils(self, address: int, bits_l: Sequence[bool], srv_info: Any) -> Any:  # noqa: ANN401, ARG002
        """FC5: always acknowledged."""
        time.sleep(self.reply_s)
        with self._lock:
            self._now()  # whether its watchdog has tripped before this
            self.writes += 1
            if address == COIL:
                now_ns = self._written_ns = time.monotonic_ns()
                if bool(bits_l[0]) is not self._orders[-1][1]:
                    due_ns = now_ns + round(self.lag_s * 1e9)
                    self._orders = [*self._orders[-20:], (due_ns, bool(bits_l[0]))]
        _ = self.output
        return DataHandler.Return(EXP_NONE)

    def read_h_regs(self, address: int, count: int, srv_info: Any) -> Any:  # noqa: ANN401, ARG002
        """FC3: only the state of its watchdog."""
        time.sleep(self.reply_s)
        if (address, count) != (STATE, 1):
            return DataHandler.Return(EXP_DATA_ADDRESS)
        _ = self.output
        return DataHandler.Return(EXP_NONE, [TRIPPED if self.latched else ARMED])

    def write_h_regs(self, address: int, words_l: Sequence[int], srv_info: Any) -> Any:  # noqa: ANN401, ARG002
        """FC6: a 1 ends the safe state."""
        if (address, list(words_l)) != (ARM, [1]):
            return DataHandler.Return(EXP_DATA_ADDRESS)
        self.arms += 1
        if self.armable:
            self.latched, self._written_ns = False, time.monotonic_ns()
        return DataHandler.Return(EXP_NONE)


class Belt(NozzleBelt):
    """A belt whose ejector hangs on such a module."""

    def __init__(self, module: IoModule, eject: dict[str, Any] | None = None, **plc: Any) -> None:  # noqa: ANN401 - keys of sections
        keys = {"driver": "modbus-io", "host": "127.0.0.1", "port": module.port}
        section = ModbusIoSection.model_validate(
            keys | {"eject_coil": COIL, "timeout_ms": 500} | plc
        )
        super().__init__(module, Wired(section), eject)
