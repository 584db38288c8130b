"""What a PLC would say that is not there."""

from __future__ import annotations

import pytest

from gonogo.base.words import FaultBit
from gonogo.plc.register_map import (
    D_WORDS,
    FAULT_AT,
    P_WORDS,
    RES_SEQ_AT,
    SESSION_AT,
    PlcWords,
    unpack_plc,
)
from gonogo.plc.transports.absent_plc import AbsentPlc
from gonogo.plc.transports.senses import Sensed


def words(sequence: int, session: int = 815, fault: int = 0) -> list[int]:
    """D0-D95."""
    made = [0] * D_WORDS
    made[RES_SEQ_AT], made[SESSION_AT], made[FAULT_AT] = sequence, session, fault
    return made


def sensed(*, told: bool, output: bool | None) -> Sensed:
    """What was read back."""
    return Sensed(1, told, 0, 0, 0, output)


def said(plc: AbsentPlc) -> PlcWords:
    """P100-P119 as values."""
    assert len(plc.words()) == P_WORDS
    return unpack_plc(plc.words())


def test_plc_that_is_not_there_always_enables() -> None:
    """And lives by the writes that the module acknowledged."""
    plc = AbsentPlc()
    assert said(plc)[:4] == (1, 0, 3, 0)
    for _ in range(65537):
        plc.beat()
    assert said(plc).heart == 1


@pytest.mark.parametrize("told", [True, False])
def test_result_is_taken_once_the_output_reads_as_told(*, told: bool) -> None:
    """Not before, and not where it was not asked; another reading is to be told again."""
    plc = AbsentPlc()
    assert plc.take(words(5), sensed(told=told, output=None))
    assert not plc.take(words(5), sensed(told=told, output=not told))
    assert (said(plc).ack_seq, said(plc).session_echo) == (0, 0)
    assert plc.take(words(5), sensed(told=told, output=told))
    assert (said(plc).ack_seq, said(plc).session_echo) == (5, 815)


def test_nothing_is_taken_while_the_ejector_has_a_fault() -> None:
    """No session is followed either, so that nothing counts as delivered."""
    plc = AbsentPlc()
    plc.take(words(5), sensed(told=True, output=True))
    assert plc.take(words(6, fault=int(FaultBit.EJECTOR)), sensed(told=True, output=False))
    assert (said(plc).ack_seq, said(plc).session_echo) == (5, 0)


def test_new_connection_follows_no_session_yet() -> None:
    """The module may have been restarted: what it took before stays taken."""
    plc = AbsentPlc()
    plc.take(words(5), sensed(told=True, output=True))
    plc.reconnected()
    assert (said(plc).ack_seq, said(plc).session_echo) == (5, 0)
