"""What a load says goes to whoever waits for it, else to the log."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from gonogo.engines.backends.progress import say, teller, told_to

if TYPE_CHECKING:
    import pytest


def test_say_tells_the_one_who_waits() -> None:
    """The innermost, for as long as its block lasts."""
    outer: list[str] = []
    inner: list[str] = []
    with told_to(outer.append):
        say("one")
        with told_to(inner.append):
            say("two")
        say("three")
    assert (outer, inner) == (["one", "three"], ["two"])


def test_say_goes_to_the_log_where_nobody_waits(caplog: pytest.LogCaptureFixture) -> None:
    """An engine process has nobody."""
    with caplog.at_level(logging.INFO):
        say("built")
    assert caplog.messages == ["built"]


def test_teller_is_known_to_threads_of_a_library() -> None:
    """Taken before, and told from another thread."""
    said: list[str] = []
    with told_to(said.append):
        tell = teller()
        thread = threading.Thread(target=tell, args=("from there",))
        thread.start()
        thread.join()
    assert said == ["from there"]
