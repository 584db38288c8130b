"""What is wrong with a PLC that was listened to: one line each, with the remedy."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from gonogo.plc.link.probe import SESSION, SOME
from gonogo.plc.register_map import (
    HEART_AT,
    MAP_VERSION,
    P_WORDS,
    SESSION_AT,
    CtrlBit,
    PlcWords,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.link.probe import Heard
    from gonogo.plc.transports.transport import Callers

HEART_LIMIT_MS = 500.0
PATTERN = 0x12345678  # D24-D25, the high word first
_ECHO, _VERSION = PlcWords._fields.index("dev_heart_echo") + 1, 0  # the encoder takes two words
_SESSION_ECHO = PlcWords._fields.index("session_echo") + 1
_BESIDE = [(p, d) for p in range(-2, 3) for d in range(-2, 3) if d]  # how far addresses are off
_SLACK_MS = 5.0  # of our own polling


def findings(heard: Heard, scan_ms: float, wire_ms: float = 0.0) -> list[str]:
    """What is wrong, one line each, with the remedy; nothing where all is well.

    `wire_ms` is how long a slow wire takes to bring all words both ways.
    """
    found = _nobody(heard.callers) or _order(heard) or _shift(heard) or _stands(heard)
    if found:  # nothing else can be told from words that nobody writes, or that lie elsewhere
        return [found]
    plc = heard.plc
    each = (
        _heart(heard), _version(plc), _echo(heard, scan_ms, wire_ms), _session(plc), _ids(heard.ids)
    )  # fmt: skip
    return [line for line in each if line]


def _nobody(callers: Callers | None) -> str:
    """Where we serve: whether there is a PLC at all, and whether it writes."""
    if callers is None or callers.wrote:
        return ""
    if callers.asked:
        return (
            f"{callers.who} asks {callers.asked} times, but never writes: nothing comes to "
            "P100-P119 (FC16 at 100) or to the coils; its program lacks the write, or writes "
            "elsewhere"
        )
    if callers.came:
        return "somebody has connected, but asks nothing: it is no Modbus client, or not for us"
    return (
        "nobody has asked: the PLC is off or in STOP, has another address, port or unit for this "
        "station, or the way is barred (cable, firewall, [plc] allow)"
    )


def _order(heard: Heard) -> str:
    """Bytes swapped, or a base address that is off: our own heart lies where it should not."""
    words, wanted = heard.words, heard.said
    swapped = {swap(heart) for heart in wanted}
    if words[_VERSION] == swap(MAP_VERSION) or words[_ECHO] in swapped:
        return (
            "word order: the two bytes of each word are swapped (P100 or P113 show it); "
            "set the PLC's Modbus area to big-endian words"
        )
    elsewhere = [k for k in range(P_WORDS) if words[k] in wanted]
    # by chance another word may read the same: where the echo is right, all is well
    if words[_ECHO] in wanted or not elsewhere:
        return ""
    off = elsewhere[0] - _ECHO
    return (
        f"addresses: the echo of DEV_HEART stands in P{100 + elsewhere[0]}, expected in P113; "
        f"the area is shifted by {off:+d}: change p_base by {off:+d}, or move it in the PLC"
    )


def _shift(heard: Heard) -> str:
    """The PLC reads our words a little beside where they are; perhaps we read its, too."""
    if len(heard.echo_ms) >= SOME or not heard.shown:
        return ""
    # off by one is the commonest: registers are counted from 1, or from 0
    nearest_first = sorted(_BESIDE, key=lambda each: abs(each[0]) + abs(each[1]))
    for p_off, d_off in nearest_first:
        if _fits(heard, p_off, d_off):
            off = f"d_base by {d_off:+d}" + (f" and p_base by {p_off:+d}" if p_off else "")
            return (
                f"addresses: the PLC takes D{HEART_AT + d_off} for DEV_HEART (D2): change {off}, "
                "or move its areas (many lists count registers from 1, here they count from 0)"
            )
    return ""


def _fits(heard: Heard, p_off: int, d_off: int) -> bool:
    """Whether both echoes are those of words beside the right ones."""
    words, shown = heard.words, heard.shown
    heart, session = shown[HEART_AT + d_off], shown[SESSION_AT + d_off]
    echoes = words[_ECHO + p_off], words[_SESSION_ECHO + p_off]
    version = words[p_off] if p_off >= 0 else MAP_VERSION
    return heart != 0 and echoes == (heart, session) and (not p_off or version == MAP_VERSION)


def _stands(heard: Heard) -> str:
    """Nothing of the PLC moves: it is in STOP, or it is not the PLC's area that we read."""
    if len(heard.heart_gaps_ms) >= SOME or len(heard.echo_ms) >= SOME:
        return ""
    if not any(heard.words):
        return (
            "P100-P119 all read 0, and PLC_HEART (P101) stands still: nobody writes there; the "
            "block is not called, or p_base (S7: p_offset) leads elsewhere"
        )
    return (
        "PLC_HEART (P101) stands still, and nothing else moves: the PLC is in STOP, or its program "
        "does not call the block; call it in every scan"
    )


def _heart(heard: Heard) -> str:
    if len(heard.heart_gaps_ms) < SOME:
        return (
            "PLC_HEART (P101) stands still, though DEV_HEART comes back: the PLC runs, but its "
            "program does not count P101 up; do so in every scan"
        )
    slowest_ms = max(heard.heart_gaps_ms)
    if slowest_ms < HEART_LIMIT_MS:
        return ""
    return (
        f"PLC_HEART (P101) changes only every {slowest_ms:.0f} ms, expected below "
        f"{HEART_LIMIT_MS:.0f} ms: the link would be lost; count it up in every scan"
    )


def _version(plc: PlcWords) -> str:
    if plc.map_version in {0, MAP_VERSION}:
        return ""
    return (
        f"map version (P100): expected {MAP_VERSION} or 0 (not given), got {plc.map_version}; "
        "use the function block that came with this version"
    )


def _echo(heard: Heard, scan_ms: float, wire_ms: float) -> str:
    if len(heard.echo_ms) < SOME:
        return (
            "P113 does not echo DEV_HEART (D2): the PLC does not read what we write, or its "
            "program does not copy it; its scan could not be measured"
        )
    measured_ms = median(heard.echo_ms)
    # the median: a single slow scan is no other scan time
    if measured_ms <= 2 * scan_ms + 2 * wire_ms + _SLACK_MS:  # there and back
        return ""
    return (
        f"plc.scan_ms: says {scan_ms:g} ms, but an echo takes {measured_ms:.0f} ms (median): "
        "set it to what the PLC needs, or shorten the PLC's task"
    )


def _session(plc: PlcWords) -> str:
    if plc.session_echo == SESSION:
        return ""
    return (
        f"P115 does not echo SESSION_ID (D13): expected {SESSION}, got {plc.session_echo}; "
        "without it there is no permit"
    )


def _ids(ids: Sequence[int]) -> str:
    """A part's id must not come twice; 0 is none."""
    # an id, 0, and the same id again
    triples = zip(ids, ids[1:], ids[2:], strict=False)
    again = [now for before, between, now in triples if now and not between and now == before]
    if not again:
        return ""
    return (
        f"PART_ID (P103) is a pulse: it went to 0 and came back as {again[0]}, {len(again)} times: "
        "only the first part would be judged, the others are rejects; count it up by 1 for each "
        "part"
    )


def pattern_says(shown: int) -> str:
    """What the PLC's own view of D24-D25 as a 32-bit number means for its word order."""
    low, high = PATTERN & 0xFFFF, PATTERN >> 16
    meanings = {
        PATTERN: "word order is right",
        low << 16 | high: "its words are swapped: the PLC takes the low word first",
        swap(high) << 16 | swap(low): "the bytes of each word are swapped",
        swap(low) << 16 | swap(high): "words and bytes are swapped",
    }
    unknown = "that is none of the known orders; read D24-D25 as one unsigned 32-bit number"
    return meanings.get(shown & 0xFFFFFFFF, unknown)


def swap(word: int) -> int:
    """A word with its two bytes the other way round."""
    return (word & 0xFF) << 8 | word >> 8


def may_drive(plc: PlcWords) -> str:
    """Why outputs must not be driven by hand now; '' where they may."""
    if not plc.ctrl & CtrlBit.ENABLE or plc.ctrl & CtrlBit.TEST_MODE:
        return ""
    return (
        "the PLC has ENABLE set (P102 bit 0) and no test mode: parts may be flowing; "
        "stop the line, or set test mode (P102 bit 2)"
    )
