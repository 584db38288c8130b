"""What the PLC is shown of a state: each word and bit from one thing alone."""

from __future__ import annotations

import pytest

from gonogo.base.words import VerdictKind
from gonogo.plc.handshake.process_image import render
from gonogo.plc.handshake.state import Condition, LinkState, Outbox, Peer, Strangers
from gonogo.plc.register_map import (
    D_WORDS,
    DI_BITS,
    HEADER_WORDS,
    CtrlBit,
    Discrete,
    State,
    StatusBit,
    unpack_header,
)


def status(state: LinkState) -> int:
    """D4."""
    return unpack_header(render(state).words).status


def bits(state: LinkState) -> Discrete:
    """DI0-DI6."""
    return Discrete(*render(state).bits)


def test_image_has_all_words_and_bits() -> None:
    """The header, and the records as they stand in the outbox; no edge, nothing armed."""
    records = tuple(range(64))
    image = render(LinkState(outbox=Outbox(records=records)))
    assert (len(image.words), len(image.bits)) == (D_WORDS, DI_BITS)
    assert tuple(image.words[HEADER_WORDS:]) == records
    assert (image.edge_ns, image.arm) == (0, False)


def test_header_is_zero_where_nothing_is_known() -> None:
    """A heart that was not read yet is shown as 0, and so is a latency before the first part."""
    header = unpack_header(render(LinkState()).words)
    assert (header.plc_heart, header.latency_100us, header.pending) == (0, 0, 0)


def test_header_shows_the_newest_latency_and_what_is_on_its_way() -> None:
    """Beside the last of the window, and our number with its doubt."""
    state = LinkState(
        latencies=(5, 9), p99_100us=8, peer=Peer(heart=3), strangers=Strangers(box=7, doubt=2)
    )
    header = unpack_header(render(state).words)
    assert (header.latency_100us, header.p99_100us, header.plc_heart) == (9, 8, 3)
    assert (header.box_id, header.doubt) == (7, 2)


@pytest.mark.parametrize(
    ("state", "bit"),
    [
        (LinkState(state=State.READY), StatusBit.READY),
        (LinkState(state=State.RUNNING), StatusBit.READY | StatusBit.RUNNING),
        (LinkState(state=State.FAULT), StatusBit.FAULT),
        (LinkState(permit=True), StatusBit.PERMIT),
        (LinkState(warning=True), StatusBit.WARNING),
        (LinkState(faults=1), StatusBit.WARNING),
        (LinkState(overrate=True), StatusBit.TRIGGER_OVERRUN),
        (LinkState(outbox=Outbox(overrun=True)), StatusBit.RESULT_OVERRUN),
        (LinkState(peer=Peer(ok=True)), StatusBit.LINK_OK | StatusBit.SYNC_REQUEST),
        (LinkState(peer=Peer(ok=True), outbox=Outbox(synced=True)), StatusBit.LINK_OK),
        (LinkState(peer=Peer(ctrl=CtrlBit.BYPASS)), StatusBit.WARNING),
        (LinkState(peer=Peer(ctrl=CtrlBit.TEST_MODE)), StatusBit.TEST_MODE),
        (LinkState(condition=Condition(recipe_ok=True)), 0),
        (LinkState(condition=Condition(busy=True)), StatusBit.BUSY),
        (LinkState(condition=Condition(degraded=True)), StatusBit.DEGRADED),
        (LinkState(condition=Condition(camera_ok=True)), StatusBit.CAMERA_OK),
        (LinkState(condition=Condition(engine_ok=True)), StatusBit.ENGINE_OK),
        (LinkState(condition=Condition(time_valid=True)), StatusBit.TIME_VALID),
    ],
)
def test_status_bit_says_one_thing(state: LinkState, bit: int) -> None:
    """A recipe is in force unless the line says otherwise."""
    assert status(state) == bit | StatusBit.RECIPE_OK


@pytest.mark.parametrize("permit", [True, False])
@pytest.mark.parametrize("kind", list(VerdictKind))
def test_accept_needs_a_permit_and_an_accepted_part(kind: VerdictKind, *, permit: bool) -> None:
    """And reject is its opposite in every case."""
    shown = bits(LinkState(permit=permit, outbox=Outbox(kind=kind)))
    assert shown.accept is (permit and kind is VerdictKind.ACCEPT)
    assert shown.reject is not shown.accept


def test_bits_follow_heart_toggle_and_state() -> None:
    """For a PLC that reads no words."""
    off = bits(LinkState())
    assert not any((off.ready, off.heartbeat, off.toggle, off.degraded, off.fault))
    on = bits(
        LinkState(
            state=State.DEGRADED,
            dev_heart=3,
            outbox=Outbox(toggle=True),
            condition=Condition(degraded=True),
        )
    )
    assert (on.ready, on.heartbeat, on.toggle, on.degraded) == (True, True, True, True)
    assert bits(LinkState(state=State.FAULT)).fault
