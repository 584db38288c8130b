"""Signals that end a flash."""

from __future__ import annotations

import signal
import threading

import pytest

from gonogo.build.flash.stopping import stoppable


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_of_them_is_the_same_and_goes_back_afterwards(sign: signal.Signals) -> None:
    """KeyboardInterrupt within, what was before behind it."""
    before = signal.getsignal(sign)
    with pytest.raises(KeyboardInterrupt), stoppable():
        signal.raise_signal(sign)
    assert signal.getsignal(sign) is before


def test_another_thread_has_no_signals() -> None:
    """And is not kept from working."""
    done: list[bool] = []

    def work() -> None:
        with stoppable():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
