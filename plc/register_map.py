"""The register map of the PLC interface, version 1, as pure words <-> values.

All words have 16 bits; 32-bit values are two words, the high word first. PDU
addresses are 0-based. We write D and read P.

    D   0 MAGIC 0x474E      1 map version        2 DEV_HEART         3 STATE
        4 STATUS bits       5 FAULT bits         6 last fault code   7 active recipe
        8 checksum          9 PLC_HEART echo    10 CMD_SEQ echo     11 command result
       12 RES_SEQ          13 SESSION_ID        14 results pending  15 last part id seen
       16-17 inspected     18-19 rejected       20 deadline misses  21 acks lost
       22 last latency     23 p99 latency (both 0.1 ms)
       24-25 0x12345678    26-27 float32 1.5    28 BOX_ID, 0: not given
       29 OBJECTION: BOX_ID of another device, which found this block in use
       30 DOUBT: counts while we are not sure to be alone, so that we write   31 reserved
       32 + 8k, k = RES_SEQ mod 8: the result record
           +0 SEQ_A   +1 PART_ID   +2 VERDICT   +3 REASON   +4 SCORE 0-10000
           +5 FLAGS (0 degraded, 1 late, 2 test)   +6 LATENCY 0.1 ms   +7 SEQ_B

    P 100 expected map version (0: not given)   101 PLC_HEART   102 CTRL bits
      103 PART_ID   104 ACK_SEQ   105 recipe request
      106 CMD_SEQ   107 command   108 argument
      109 belt speed mm/s   110-111 encoder   112 PackML state   113 DEV_HEART echo
      114 rejects confirmed   115 SESSION_ID echo   116-119 reserved

    DI  0 ready  1 heartbeat  2 accept  3 reject  4 result toggle  5 degraded  6 fault
        7 eject (only where the station drives the ejector itself, plc/reject_tracker.py)

Decisions use 16-bit words only, so the word order of 32-bit values never decides a part.
D28-D31 were all reserved, 0, at first: no PLC evaluates them, and the version is the same.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAGIC = 0x474E  # the letters GN; swapped, it shows a PLC's order of bytes
MAP_VERSION = 1
D_WORDS, P_WORDS, DI_BITS = 96, 20, 7
P_FIRST = 100
HEADER_WORDS, RECORD_WORDS, RECORDS = 32, 8, 8
HEART_AT, STATUS_AT, FAULT_AT, CMD_SEQ_AT, RES_SEQ_AT, SESSION_AT = 2, 4, 5, 10, 12, 13
BOX_AT, OBJECTION_AT = 28, 29
# what a technician watches in the PLC to see its word order (`gonogo plc probe`)
TEST_WORDS = (0x1234, 0x5678, 0x3FC0, 0x0000)  # u32 0x12345678, then float32 1.5
SCORE_MAX = 10_000
NS_PER_100US = 100_000
_WORD = 0xFFFF


class State(IntEnum):
    """STATE word."""

    BOOT = 0
    SELF_TEST = 1
    STOPPED = 2
    READY = 3
    RUNNING = 4
    DEGRADED = 5
    RECIPE_CHANGE = 6
    LINK_LOST = 7
    FAULT = 8
    RESYNC = 9


class StatusBit(IntFlag):
    """STATUS word."""

    READY = 1 << 0
    RUNNING = 1 << 1
    BUSY = 1 << 2
    PERMIT = 1 << 3
    DEGRADED = 1 << 4
    WARNING = 1 << 5
    FAULT = 1 << 6
    RESULT_OVERRUN = 1 << 7
    TRIGGER_OVERRUN = 1 << 8
    CAMERA_OK = 1 << 9
    ENGINE_OK = 1 << 10
    RECIPE_OK = 1 << 11
    LINK_OK = 1 << 12
    TEST_MODE = 1 << 13
    SYNC_REQUEST = 1 << 14
    TIME_VALID = 1 << 15


class CtrlBit(IntFlag):
    """CTRL word, written by the PLC."""

    ENABLE = 1 << 0
    TRIGGER_ENABLE = 1 << 1
    TEST_MODE = 1 << 2
    BYPASS = 1 << 3
    SYNC_ACK = 1 << 4


class RecordFlag(IntFlag):
    """FLAGS word of a result record."""

    DEGRADED = 1 << 0
    LATE = 1 << 1
    TEST = 1 << 2


class Command(IntEnum):
    """Command codes of the PLC."""

    CLEAR_FAULT = 1
    LOAD_RECIPE = 2
    RESYNC = 3
    RESET_COUNTERS = 4


class CommandResult(IntEnum):
    """Command result word.

    NOT_EXECUTED: given while there was no link, give it again. BUSY: being carried out.
    REFUSED: not in this state (a recipe changes only in stopped or ready). FAILED: tried, and
    everything is as before.
    """

    NONE = 0
    DONE = 1
    NOT_SUPPORTED = 2
    UNKNOWN = 3
    NOT_EXECUTED = 4
    BUSY = 5
    REFUSED = 6
    FAILED = 7


class Header(NamedTuple):
    """D0-D31 without magic, version and test patterns; counts and words as plain integers."""

    dev_heart: int = 0
    state: int = State.BOOT
    status: int = 0
    fault: int = 0
    fault_code: int = 0
    recipe: int = 0
    checksum: int = 0
    plc_heart: int = 0
    cmd_seq: int = 0
    cmd_result: int = 0
    res_seq: int = 0
    session_id: int = 0
    pending: int = 0
    part_seen: int = 0
    inspected: int = 0  # u32
    rejected: int = 0  # u32
    deadline_misses: int = 0
    acks_lost: int = 0
    latency_100us: int = 0
    p99_100us: int = 0
    box_id: int = 0
    doubt: int = 0


class Record(NamedTuple):
    """One result: `verdict` and `reason` are the numbers of Kind and Reason."""

    sequence: int
    part_id: int
    verdict: int
    reason: int
    score: int
    flags: int
    latency_100us: int


class PlcWords(NamedTuple):
    """P100-P115 as values."""

    map_version: int = 0
    heart: int = 0
    ctrl: int = 0
    part_id: int = 0
    ack_seq: int = 0
    recipe_request: int = 0
    cmd_seq: int = 0
    cmd_code: int = 0
    cmd_argument: int = 0
    belt_mm_s: int = 0
    encoder: int = 0  # u32
    packml_state: int = 0
    dev_heart_echo: int = 0
    rejects_confirmed: int = 0
    session_echo: int = 0


class Discrete(NamedTuple):
    """DI0-DI6; `accept` and `reject` are antivalent, 00 and 11 are faults."""

    ready: bool
    heartbeat: bool
    accept: bool
    reject: bool
    toggle: bool
    degraded: bool
    fault: bool


def clamp(value: int, high: int = _WORD) -> int:
    """`value` held to 0..high: a count or a time that outgrew its word stays at the top."""
    # a wrapped latency would show a part as quick that was slow
    return 0 if value < 0 else min(value, high)


def latency_word(elapsed_ns: int) -> int:
    """A time in ns as a LATENCY word in 0.1 ms, held to 0..65535 (6.5 s)."""
    return clamp(elapsed_ns // NS_PER_100US)


def split_u32(value: int) -> tuple[int, int]:
    """The two words of a 32-bit count, high word first; it wraps at 2**32."""
    return value >> 16 & _WORD, value & _WORD


def pack_header(header: Header) -> tuple[int, ...]:
    """The 32 words D0-D31; identities wrap at 16 bits, counts and times stay at the top."""
    h = header
    return (
        *(MAGIC, MAP_VERSION, h.dev_heart & _WORD, h.state & _WORD),
        *(h.status & _WORD, h.fault & _WORD, h.fault_code & _WORD, h.recipe & _WORD),
        *(h.checksum & _WORD, h.plc_heart & _WORD, h.cmd_seq & _WORD, h.cmd_result & _WORD),
        *(h.res_seq & _WORD, h.session_id & _WORD, clamp(h.pending), h.part_seen & _WORD),
        *split_u32(h.inspected),
        *split_u32(h.rejected),
        *(clamp(h.deadline_misses), clamp(h.acks_lost)),
        *(clamp(h.latency_100us), clamp(h.p99_100us)),
        *TEST_WORDS,
        # D29 stays 0: only a station that finds us in its place writes it, and nothing else
        *(h.box_id & _WORD, 0, h.doubt & _WORD, 0),
    )


def unpack_header(words: Sequence[int]) -> Header:
    """The header in D0-D31; ValueError when magic or map version are not ours."""
    _need(words, HEADER_WORDS, "D0-D31")
    # read before anything else is believed: a wrong base address gives plausible numbers
    if (words[0], words[1]) != (MAGIC, MAP_VERSION):
        raise ValueError(
            f"D0/D1: expected magic 0x{MAGIC:04X} and map version {MAP_VERSION}, "
            f"got 0x{words[0]:04X} and {words[1]}; check the base address and the word order"
        )
    inspected, rejected = words[16] << 16 | words[17], words[18] << 16 | words[19]
    return Header._make((*words[2:16], inspected, rejected, *words[20:24], words[28], words[30]))


def pack_record(record: Record) -> tuple[int, ...]:
    """The eight words of a result record; SEQ_A = SEQ_B proves it whole."""
    sequence = record.sequence & _WORD
    return (
        # SEQ_A first and SEQ_B last: whoever reads in between sees two that differ
        *(sequence, record.part_id & _WORD, record.verdict & _WORD, record.reason & _WORD),
        *(clamp(record.score, SCORE_MAX), record.flags & _WORD),
        *(clamp(record.latency_100us), sequence),
    )


def unpack_record(words: Sequence[int]) -> Record | None:
    """The record in eight words, or None when SEQ_A and SEQ_B differ (half written)."""
    _need(words, RECORD_WORDS, "a result record")
    return Record(*words[:7]) if words[0] == words[7] else None


def record_at(sequence: int) -> int:
    """First D word of the record of a sequence."""
    return HEADER_WORDS + RECORD_WORDS * (sequence % RECORDS)


def pack_plc(plc: PlcWords) -> tuple[int, ...]:
    """The 20 words P100-P119, as a PLC would write them."""
    head = tuple(value & _WORD for value in plc[:10])
    # plc[10] is the encoder, the only one with two words
    tail = tuple(value & _WORD for value in plc[11:])
    return (*head, *split_u32(plc.encoder), *tail, 0, 0, 0, 0)


def unpack_plc(words: Sequence[int]) -> PlcWords:
    """What the PLC says in P100-P119; ValueError when there are not 20 words."""
    _need(words, P_WORDS, "P100-P119")
    return PlcWords._make((*words[:10], words[10] << 16 | words[11], *words[12:16]))


def _need(words: Sequence[int], count: int, what: str) -> None:
    if len(words) < count:
        raise ValueError(f"{what}: expected {count} words, got {len(words)}")
