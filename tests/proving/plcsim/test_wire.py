"""The simulator's own map: when a record counts as arrived."""

from __future__ import annotations

from gonogo.proving.plcsim.wire import Arrivals


def test_arrivals_stamps_every_new_sequence() -> None:
    """Two sequences at once share a stamp; a repeated write keeps the first one."""
    arrivals = Arrivals()
    arrivals.stamp(1, 10)
    arrivals.stamp(3, 20)
    arrivals.stamp(3, 30)
    assert arrivals.stamps_ns[1:4] == [10, 20, 20]


def test_arrivals_wraps_with_the_sequence() -> None:
    """The sequence after 65535 is 0."""
    arrivals = Arrivals()
    for seq, at_ns in ((65_535, 10), (65_534, 20), (65_535, 30), (0, 40)):
        arrivals.stamp(seq, at_ns)
    assert (arrivals.stamps_ns[7], arrivals.stamps_ns[0]) == (30, 40)


def test_arrivals_takes_a_jump_for_a_new_session() -> None:
    """RES_SEQ running backwards is no arrival."""
    arrivals = Arrivals()
    arrivals.stamp(5, 10)
    arrivals.stamp(2, 20)
    assert 20 not in arrivals.stamps_ns
