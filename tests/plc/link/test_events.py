"""What the link thread says: events for the handshake, and lines for the log."""

from __future__ import annotations

import logging

import pytest

from gonogo.base.words import (
    NS_PER_MS,
    FaultBit,
    Mode,
    Part,
    Reason,
    TriggerEvent,
    Verdict,
    VerdictKind,
)
from gonogo.plc.handshake.state import (
    NOT_TAKEN,
    Closing,
    Condition,
    Connected,
    Event,
    Faulted,
    Lost,
    Polled,
    ReadBack,
    Reported,
    Tick,
    first_state,
)
from gonogo.plc.link.events import another_device, random_id, refused, reported, say
from gonogo.plc.register_map import BOX_AT, HEADER_WORDS, OBJECTION_AT, SESSION_AT, State
from gonogo.plc.transports.transport import Inputs

STATE = first_state(500, box=1111)
VERDICT = Reported(1, 1, 1, VerdictKind.ACCEPT, Reason.OK, 0, False, 1, 2)  # noqa: FBT003 - as in the tuple


@pytest.mark.parametrize(("mode", "degraded"), [(Mode.FULL, False), (Mode.RULES_ONLY, True)])
def test_verdict_is_reported_with_the_times_of_its_part(mode: Mode, *, degraded: bool) -> None:
    """What the rules decided alone is marked; the time is the one of being handed over."""
    part = Part(7, 42, 1000, 2000, 3000, 4000)
    verdict = Verdict(
        VerdictKind.REJECT, Reason.RULE, 815, mode, VerdictKind.REJECT, VerdictKind.NONE
    )
    assert reported(part, verdict, 3500) == Reported(
        now_ns=3500,
        serial=7,
        part_id=42,
        kind=VerdictKind.REJECT,
        reason=Reason.RULE,
        score=815,
        degraded=degraded,
        trigger_ns=1000,
        deadline_ns=4000,
    )


@pytest.mark.parametrize(
    ("said", "reason"), [(Reason.OK, Reason.OVERRATE), (Reason.PART_ID, Reason.PART_ID)]
)
def test_part_that_the_line_cannot_take_is_not_inspected(said: Reason, reason: Reason) -> None:
    """It came too fast, unless something else was wrong with it; it has a budget as any other."""
    event = refused(TriggerEvent(42, 1000, said), 200 * NS_PER_MS, 5000)
    assert (event.serial, event.part_id, event.now_ns) == (NOT_TAKEN, 42, 5000)
    assert (event.kind, event.reason) == (VerdictKind.NOT_INSPECTED, reason)
    assert (event.trigger_ns, event.deadline_ns) == (1000, 1000 + 200 * NS_PER_MS)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Connected(1), "connected"),
        (Lost(1, "cable pulled"), "cable pulled"),
        (Polled(Inputs((), 1, 2)), "polled"),
        (ReadBack(1, None), "looked"),
        (VERDICT, "result"),
        (Tick(1, True, Condition()), "tick"),  # noqa: FBT003 - as in the tuple
        (Faulted(1, 2), "faulted"),
        (Closing(1), "closing"),
    ],
)
def test_log_says_what_changed_the_state(
    event: Event, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In words that stay: those who search logs know them by heart."""
    with caplog.at_level(logging.INFO, logger="gonogo.plc"):
        say(STATE, STATE._replace(state=State.READY, permit=True, faults=0x12), event)
    assert caplog.messages == [
        f"plc link state=ready was=boot permit=1 faults=0x0012 session=500 reason={reason}"
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [(Faulted(1, FaultBit.STRANGER), "as a second PLC"), (Connected(1), "BOX_ID 1111")],
)
def test_log_says_once_that_another_device_writes(
    event: Event, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Which two PLCs it is the server has said; else who it is as far as can be told."""
    latched = STATE._replace(latched=int(FaultBit.STRANGER))
    with caplog.at_level(logging.ERROR, logger="gonogo.plc"):
        say(STATE, latched, event)
        say(latched, latched, event)
    (line,) = caplog.messages
    assert "another device writes here" in line
    assert words in line


@pytest.mark.parametrize(
    ("drawn", "identity"),
    [(b"\x00\x00\x00", 1), (b"\xff\xff\xff", 1), (b"\xff\xfe\x00", 65535), (b"\x01\x02\x03", 259)],
)
def test_identity_is_drawn_from_1_to_65535(drawn: bytes, identity: int) -> None:
    """Zero is what a fresh PLC echoes; all others may come."""
    assert random_id(lambda count: drawn[:count]) == identity


def test_identities_are_not_all_the_same() -> None:
    """Drawn by the machine itself where nobody says how."""
    assert len({random_id() for _ in range(100)}) > 50


def face(**words: int) -> tuple[int, ...]:
    """D0-D31 as somebody else left them."""
    at = {"session": SESSION_AT, "box": BOX_AT, "objection": OBJECTION_AT}
    found = [0] * HEADER_WORDS
    for name, word in words.items():
        found[at[name]] = word
    return tuple(found)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"other": 77}, "the PLC follows other sessions than ours, 77 at last"),
        ({"face": face(objection=9, box=1111)}, "BOX_ID 9 objects (D29)"),
        ({"face": face(box=8, session=4)}, "with BOX_ID 8 and SESSION_ID 4 (ours is BOX_ID 1111)"),
    ],
)
def test_another_device_is_named_as_far_as_it_is_known(
    found: dict[str, object], words: str
) -> None:
    """By the session that the PLC follows, its objection, or what it wrote."""
    state = STATE._replace(strangers=STATE.strangers._replace(**found))  # type: ignore[arg-type]
    assert words in str(another_device(state))
