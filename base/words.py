"""The words of the product as types: part, verdict, reason, and what was seen of a part.

All of them are small and immutable: they are made once a part, in the cycle.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NS_PER_MS = 1_000_000
LAST_PART_ID = 65535  # PART_ID is a 16-bit word, and 0 says "none"


class VerdictKind(IntEnum):
    """VERDICT word of the PLC map. Everything but ACCEPT means reject."""

    NONE = 0
    ACCEPT = 1
    REJECT = 2
    RECHECK = 3
    NOT_INSPECTED = 4


class Reason(IntEnum):
    """REASON word of the PLC map: why a part was not simply accepted.

    Tens group the causes: 1x engine, 2x rules, 3x camera, 4x time and identity, 5x the station
    itself.
    """

    OK = 0
    ENGINE = 10  # score above the reject limit
    ENGINE_DOUBT = 11  # score between the accept and the reject limit
    ENGINE_SILENT = 12  # no score in time
    ENGINE_DATA = 13  # a score that cannot be trusted: not finite, of another frame
    RULE = 20  # a rule measured a value outside its limits
    RULE_BLIND = 21  # a rule could not measure
    CAMERA = 30  # no frame in time
    FRAME = 31  # a frame that cannot be trusted
    DEADLINE = 40  # decided or delivered after the deadline
    OVERRATE = 41  # the part came faster than the budget allows
    PART_ID = 42  # a part id that repeats or runs backwards
    RECIPE = 43  # the part came while the recipe was being changed
    TRIGGER = 44  # edges were lost: which part this is cannot be known
    BELT = 45  # the belt ran outside of its limits of speed
    MASTER_PART = 50  # a known bad part would have passed, or no part may until one is right


class Mode(IntEnum):
    """What the station can stand on for this part."""

    FULL = 0
    RULES_ONLY = 1
    SAFE = 2


class Status(IntEnum):
    """What a rule says of a view."""

    PASS = 0
    FAIL = 1
    CANNOT_TELL = 2


class MasterPart(IntEnum):
    """What is known of a part before the station judges it; of most parts nothing is."""

    NONE = 0
    GOOD = 1
    BAD = 2


class MasterAnswer(IntEnum):
    """What came of a part that was known to be good or bad."""

    NONE = 0
    RIGHT = 1
    WRONG = 2
    VOID = 3  # the station did not judge the part, whatever the PLC was told


def following(part_id: int) -> int:
    """The part id that comes after this one: 1 to LAST_PART_ID, and then 1 again."""
    return part_id % LAST_PART_ID + 1


class Undelivered(IntEnum):
    """Why a verdict never reached the PLC, which rejects such a part by silence."""

    NONE = 0  # it did, or nothing is known of that yet
    NO_PLC = 1  # there was no connection
    PLC_STANDS = 2  # connected, and PLC_HEART did not advance
    WRONG_MAP = 3  # the PLC expects another version of the register map
    NOT_FOLLOWED = 4  # the PLC did not take the session before the part's deadline
    NOT_ACKING = 5  # eight verdicts before it were not acknowledged
    UNACKNOWLEDGED = 6  # it was shown to the PLC, and the link ended before the acknowledgement
    EJECTOR = 7  # the station's own ejector does not do what it is told
    STOPPING = 8  # the station was being stopped


class TriggerEvent(NamedTuple):
    """What a trigger says: `part_id` is the PLC's 16-bit number, `at_ns` is monotonic.

    `at_ns` is the earliest moment at which the part can have been at the
    photo-eye, so that every deadline derived from it is on the safe side.
    `reject` is set when the part must not be inspected at all, and says why.
    """

    part_id: int
    at_ns: int
    reject: Reason = Reason.OK


class Part(NamedTuple):
    """A part in hand; every time is absolute CLOCK_MONOTONIC in nanoseconds.

    `serial` counts parts since the start of the line and never wraps;
    `part_id` is the PLC's own 16-bit number, which does.
    """

    serial: int
    part_id: int
    trigger_ns: int
    camera_deadline_ns: int
    engine_deadline_ns: int
    deadline_ns: int


TEXT_LONGEST, TEXT_BYTES = 64, 128  # characters of a rule's text, and what they are in UTF-8


class RuleResult(NamedTuple):
    """One rule's answer: `value` and its limits in the rule's own unit.

    A side without a limit is -inf or +inf. `value` is nan when the rule cannot tell. `text`: what
    it has read, as a code or the name of a class, printable and within TEXT_LONGEST and
    TEXT_BYTES; "" of a rule that reads none, or has read none.
    """

    status: Status
    value: float
    low: float
    high: float
    text: str = ""


class ViewCapture(NamedTuple):
    """One view of a part: the ring slot that holds its frame, or why there is none.

    `pixels` is the frame itself, H x W (x C) uint8, where it can be trusted: it lies in the slot,
    and is another part's once the ring has come round. `generation` is the stamp of the slot with
    that frame, 0 where none came: with the part's serial it says for ever whether a slot still
    holds it.
    """

    view: int
    slot: int
    frame_ns: int
    fault: Reason = Reason.OK
    pixels: NDArray[np.uint8] | None = None
    generation: int = 0


class Score(NamedTuple):
    """One engine's answer for one view; `fault` is OK when `value` can be trusted.

    `value` is in the model's own unit; `start_ns` and `done_ns` are monotonic.
    """

    view: int
    value: float
    start_ns: int
    done_ns: int
    engine_id: int
    fault: Reason = Reason.OK


class Verdict(NamedTuple):
    """What the PLC is told: the kind, the first reason, and the 0-10000 SCORE word.

    SCORE is the worst view's score with its reject limit at 5000.
    """

    kind: VerdictKind
    reason: Reason
    score: int
    mode: Mode
    rules: VerdictKind  # what the rules alone would have said
    engine: VerdictKind  # what the engine alone would have said


def not_inspected(reason: Reason) -> Verdict:
    """The verdict of a part that nobody looked at."""
    return Verdict(
        VerdictKind.NOT_INSPECTED, reason, 0, Mode.SAFE, VerdictKind.NONE, VerdictKind.NONE
    )


# engine backends in the order of their bits in shared memory (ipc/engine_queue.py)
# those of other packages follow, by name
BACKEND_NAMES = ("onnxruntime", "openvino", "tensorrt", "hailo")
BACKEND_GROUP = "gonogo.backends"  # their entry points


class FaultBit(IntFlag):
    """FAULT word; the last fault code is 1 + the number of the bit that came last."""

    CAMERA = 1 << 0
    LIGHT = 1 << 1
    ENGINE = 1 << 2
    DISK = 1 << 3
    TEMPERATURE = 1 << 4
    DEADLINE = 1 << 5
    LINK = 1 << 6
    NOT_ACKING = 1 << 7
    CONFIG = 1 << 8
    STRANGER = 1 << 9  # another device writes here
    EJECTOR = 1 << 10  # the station's own does not do what it is told
    TRIGGER = 1 << 11  # the station's own photo-eye is gone
    MASTER_PART = 1 << 12  # a part that is known to be good or bad got the wrong answer
    DRIFT = 1 << 13  # what was decided may no longer hold: a warning alone
