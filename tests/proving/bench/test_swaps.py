"""What is left of a thousand swaps: of all processes the worst."""

from __future__ import annotations

from gonogo.proving.bench.swaps import Held, growth


def test_growth_is_that_of_the_process_that_grew_most() -> None:
    """By its ratio and not by its size: a small one that leaks is not hidden by a big one."""
    early = Held({"line": 100_000_000, "records": 10_000_000}, {"line": 20, "records": 9})
    late = Held({"line": 104_000_000, "records": 11_000_000}, {"line": 20, "records": 9})
    memory, descriptors = growth(early, late)
    assert memory[:2] == (11.0, 10.0)
    assert memory[2].endswith("of all processes: records")
    assert descriptors[:2] == (20, 20)


def test_growth_of_a_process_that_is_gone_is_none() -> None:
    """It holds nothing any more."""
    early = Held({"line": 100, "gone": 100}, {"line": 5, "gone": 5})
    late = Held({"line": 100}, {"line": 6})
    memory, descriptors = growth(early, late)
    assert memory[2].endswith(" line")
    assert descriptors[:2] == (6, 5)
