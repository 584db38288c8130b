"""Ctrl-C and SIGTERM as a flag."""

from __future__ import annotations

import signal

import pytest

from gonogo.base.signals import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_is_asked_by_either_signal(number: signal.Signals) -> None:
    """The block goes on to its ordered end; a second signal changes nothing."""
    with interruptible() as interrupt:
        before = interrupt.asked
        signal.raise_signal(number)
        signal.raise_signal(number)
        assert [before, interrupt.asked] == [False, True]


def test_interrupt_gives_the_signals_back() -> None:
    """Also when the block ends by an error."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(RuntimeError), interruptible():
        raise RuntimeError
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
