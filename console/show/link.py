"""The PLC link of a running station in lines for people: how it stands, and every level on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.words import FaultBit, Reason, VerdictKind
from gonogo.ipc.link_table import CTRL_BITS, STATUS_BITS, LinkFlag
from gonogo.plc.register_map import CtrlBit, State, StatusBit, unpack_plc, unpack_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.link_table import LinkFacts

STALE_S = 1.5  # it is told ten times a second
_NS_PER_S = 1e9
_DI = ("ready", "heartbeat", "accept", "reject", "toggle", "degraded", "fault", "eject")


def link_lines(facts: LinkFacts, now_ns: int) -> Iterator[str]:
    """State, session, the last words of both sides, and why it was lost last."""
    flags, plc = facts.flags, unpack_plc(facts.inputs)
    told_s = _age_s(facts.told_ns, now_ns)
    if told_s > STALE_S:
        yield f"OLD: the link's thread has said nothing for {told_s:.0f} s; all below is of then"
    yield f"link      {_connection(flags)}, heard {_ago(facts.heard_ns, now_ns)}"
    follows = "follows" if LinkFlag.SYNCED in flags else "DOES NOT FOLLOW"
    yield f"session   {facts.session}: the PLC {follows} it (echo {plc.session_echo})"
    permit = "on" if LinkFlag.PERMIT in flags else "OFF"
    yield f"state     {_state(facts.state)}, permit {permit}, FAULT {_names(facts, FaultBit)}"
    yield (
        f"from PLC  map version {plc.map_version}, PLC_HEART {plc.heart}, CTRL {_ctrl(plc.ctrl)}, "
        f"PART_ID {plc.part_id}, belt {plc.belt_mm_s} mm/s"
    )
    if LinkFlag.VERSION_OK not in flags:
        yield "          WRONG: it expects another version of the register map"
    yield f"to PLC    RES_SEQ {facts.sequence}, ACK_SEQ {facts.acked}{_waiting(facts)}"
    if facts.sequence:
        yield f"newest    {_result(facts)}"
    if facts.other:
        yield f"another   device was seen in these words, BOX_ID or session {facts.other}: GN404"
    if facts.reason:
        yield f"lost last {facts.reason}"


def link_value(facts: LinkFacts, now_ns: int) -> dict[str, Any]:
    """The same for programs; ages in s."""
    plc = unpack_plc(facts.inputs)
    return {
        "told_age_s": _age_s(facts.told_ns, now_ns),
        "heard_age_s": _age_s(facts.heard_ns, now_ns) if facts.heard_ns else None,
        "state": _state(facts.state),
        **{str(flag.name).lower(): flag in facts.flags for flag in LinkFlag},
        "faults": [bit.name for bit in FaultBit if facts.header[5] & bit],
        "session": facts.session, "res_seq": facts.sequence, "ack_seq": facts.acked,
        "plc": plc._asdict(), "lost": facts.reason,
    }  # fmt: skip


def levels(facts: LinkFacts) -> list[tuple[str, str, bool, int]]:
    """Every bit of the link: in or out, name, level, and since when (monotonic ns, 0: always)."""
    ctrl, status = unpack_plc(facts.inputs).ctrl, facts.header[4]
    found = [("in", str(bit.name).lower(), bool(ctrl & bit)) for bit in CtrlBit]
    found += [("out", str(bit.name).lower(), bool(status & bit)) for bit in StatusBit]
    found += [("out", f"DI {name}", bool(facts.bits >> k & 1)) for k, name in enumerate(_DI)]
    order = [*range(CTRL_BITS + STATUS_BITS + len(_DI))]
    return [
        (way, name, on, facts.since_ns[k]) for k, (way, name, on) in zip(order, found, strict=True)
    ]


def level_lines(facts: LinkFacts, now_ns: int) -> Iterator[str]:
    """A line each; of the two that beat all the time nobody wants to know since when."""
    for way, name, on, since_ns in levels(facts):
        since = f"for {_span(_age_s(since_ns, now_ns))}" if since_ns else "since the link began"
        yield f"{way:<4} {name:<16} {'on' if on else 'off':<4} {since}"


def _connection(flags: LinkFlag) -> str:
    if LinkFlag.CONNECTED not in flags:
        return "NOT CONNECTED"
    heart = "PLC_HEART advances" if LinkFlag.ALIVE in flags else "PLC_HEART STANDS STILL"
    return f"connected, {heart}"


def _state(number: int) -> str:
    return State(number).name if number in set(State) else str(number)


def _names(facts: LinkFacts, bits: type[FaultBit]) -> str:
    word = facts.header[5]
    return ", ".join(str(bit.name).lower() for bit in bits if word & bit) or "none"


def _ctrl(word: int) -> str:
    return "+".join(str(bit.name).lower() for bit in CtrlBit if word & bit) or "0"


def _waiting(facts: LinkFacts) -> str:
    waiting = facts.sequence - facts.acked & 0xFFFF
    return f", {waiting} not acknowledged yet" if waiting else ", all acknowledged"


def _result(facts: LinkFacts) -> str:
    found = unpack_record(facts.record)
    if found is None:
        return "being written"
    verdict = VerdictKind(found.verdict).name if found.verdict in set(VerdictKind) else "?"
    reason = Reason(found.reason).name if found.reason in set(Reason) else "?"
    return f"part {found.part_id} {verdict} {reason}, {found.latency_100us / 10:.1f} ms"


def _age_s(at_ns: int, now_ns: int) -> float:
    return max(now_ns - at_ns, 0) / _NS_PER_S


def _ago(at_ns: int, now_ns: int) -> str:
    return f"{_age_s(at_ns, now_ns):.1f} s ago" if at_ns else "never"


def _span(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004 - two hours
