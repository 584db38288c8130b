"""Whether an engine is worth keeping warm: by its own times, first and second after a rest."""

from __future__ import annotations

import pytest

from gonogo.engines.serving.warming import gains


class Engine:
    """Runs that take 10 ms, more after a rest; with a clock that moves when it runs."""

    def __init__(self, cold_ns: int) -> None:
        self.now_ns = 0
        self._cold_ns = cold_ns
        self._cold = True

    def rest(self, _: float) -> None:
        """Nobody asks anything for a while."""
        self._cold = True

    def run(self) -> None:
        """One inference."""
        self.now_ns += 10_000_000 + self._cold_ns * self._cold
        self._cold = False


@pytest.mark.parametrize(("cold_ns", "worth"), [(0, False), (200_000, False), (2_000_000, True)])
def test_gains_says_whether_the_first_run_after_a_rest_is_slower(
    cold_ns: int,
    worth: bool,  # noqa: FBT001 - a parameter
) -> None:
    """By more than one twentieth."""
    engine = Engine(cold_ns)
    assert gains(engine.run, engine.rest, lambda: engine.now_ns) is worth
