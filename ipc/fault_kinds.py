"""The faults that a station can be asked to show: one table, for the injector and the campaign.

Named as in docs/when-things-break.md. A kind that has no meaning on a station is refused.
"""

from __future__ import annotations

import difflib
import signal
from typing import NamedTuple

from gonogo.base.errors import FaultError


class Amount(NamedTuple):
    """How much of a fault: its name with unit, default and range."""

    name: str
    default: float
    low: float
    high: float


class Fault(NamedTuple):
    """One kind. `where` is who shows it; a process fault names its row and signal.

    Of several rows that begin with that word (one a camera) the first is meant.
    """

    what: str
    where: str  # process, engine, camera, trigger, plc, records, board
    row: str = ""
    number: int = 0
    amount: Amount | None = None


_KILL, _STOP, _ABORT = signal.SIGKILL, signal.SIGSTOP, signal.SIGABRT

FAULTS: dict[str, Fault] = {
    "engine-kill": Fault("the engine process (place A) is killed", "process", "engine A", _KILL),
    "engine-stop": Fault("the engine process (place A) is frozen", "process", "engine A", _STOP),
    "engine-nan": Fault("scores are not numbers", "engine"),
    "engine-inf": Fault("scores are infinite", "engine"),
    "engine-constant": Fault(
        "every frame scores the same", "engine", amount=Amount("score", 0.0, -1e6, 1e6)
    ),
    "engine-old-id": Fault("answers bear the number of an older question", "engine"),
    "engine-slow": Fault(
        "every score takes longer", "engine", amount=Amount("slower_ms", 50.0, 0.1, 10_000.0)
    ),
    "engine-lost": Fault("the accelerator is lost", "engine"),
    "engine-leak": Fault(
        "memory is lost with every score", "engine", amount=Amount("leak_mb", 1.0, 0.1, 100.0)
    ),
    "camera-lost": Fault("no frame comes", "camera"),
    "camera-black": Fault("frames are black", "camera"),
    "camera-frozen": Fault("the frame before comes again, with its counter", "camera"),
    "camera-duplicate": Fault("the frame before comes again as a new one", "camera"),
    "camera-counter": Fault("a new frame bears the old counter", "camera"),
    "camera-late": Fault("each picture comes one part late, as the next one's", "camera"),
    "camera-torn": Fault("the driver reports missing packets", "camera"),
    "trigger-lost": Fault("a part that the PLC names is not seen", "plc"),
    "trigger-double": Fault("the photo-eye bounces", "trigger"),
    "plc-reset": Fault("the link to the PLC breaks", "plc"),
    "engine-b-kill": Fault("the process of engine place B is killed", "process", "engine B", _KILL),
    "engine-b-stop": Fault("the process of engine place B is frozen", "process", "engine B", _STOP),
    "loader-kill": Fault("the loader of engines is killed", "process", "loader", _KILL),
    "loader-stop": Fault("the loader of engines is frozen", "process", "loader", _STOP),
    "records-kill": Fault("the records process is killed", "process", "records", _KILL),
    "records-stop": Fault("the records process is frozen", "process", "records", _STOP),
    "disk-full": Fault("records cannot be written", "records"),
    "line-kill": Fault("the line process is killed", "process", "line", _KILL),
    "line-stop": Fault("the line process is frozen", "process", "line", _STOP),
    "line-abort": Fault("the line process aborts", "process", "line", _ABORT),
    "log-flood": Fault(
        "a process logs without end", "records", amount=Amount("lines_a_turn", 1000.0, 1.0, 1e5)
    ),
    "camera-kill": Fault("the process of a camera is killed", "process", "camera", _KILL),
    "camera-stop": Fault("the process of a camera is frozen", "process", "camera", _STOP),
    "camera-dirty": Fault(
        "20 pixels of a camera are stuck, and a grain of dust lies on it", "camera"
    ),
    "board-hot": Fault(
        "a zone of the box is hot", "board", amount=Amount("hot_degc", 120.0, -40.0, 150.0)
    ),
    "board-kill": Fault("the process that watches the box is killed", "process", "board", _KILL),
    "board-stop": Fault("the process that watches the box is frozen", "process", "board", _STOP),
}
NUMBERS = {kind: number for number, kind in enumerate(FAULTS)}


def fault(kind: str) -> Fault:
    """The fault of that name; FaultError names the nearest one."""
    try:
        return FAULTS[kind]
    except KeyError:
        near = difflib.get_close_matches(kind, FAULTS, 1)
        hint = f"did you mean {near[0]}?" if near else "see `gonogo fault list`"
        raise FaultError(f"no fault is called '{kind}'; {hint}") from None


def amount_of(kind: str, value: float | None) -> float:
    """How much of it: as asked, or as the table says; FaultError outside of its range."""
    amount = fault(kind).amount
    if amount is None:
        if value is not None:
            raise FaultError(f"{kind}: takes no amount, got {value:g}; leave it out")
        return 0.0
    if value is None:
        return amount.default
    if not amount.low <= value <= amount.high:
        raise FaultError(
            f"{kind}: {amount.name}: expected {amount.low:g}..{amount.high:g}, got {value:g}"
        )
    return value
