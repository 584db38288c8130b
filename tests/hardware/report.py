"""A numbered order of steps on real hardware, and the report of what came of each."""

from __future__ import annotations

import platform
import time
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DONE, SKIPPED, FAILED = "done", "skipped", "FAILED"


class MissingError(Exception):
    """What a step needs is not on this box; the text names it."""


class Step(NamedTuple):
    """`function` is "module:name": called with the Bench, it returns what to say."""

    title: str
    function: str


class Result(NamedTuple):
    """What came of one step."""

    step: Step
    state: str
    lines: tuple[str, ...]


def run_step(step: Step, bench: object) -> Result:
    """One step; whatever it raises is its result."""
    module, _, name = step.function.partition(":")
    try:
        function: Callable[[object], Sequence[str]] = getattr(import_module(module), name)
        return Result(step, DONE, tuple(function(bench)))
    except MissingError as missing:
        return Result(step, SKIPPED, (str(missing),))
    except Exception:  # noqa: BLE001 - a step may fail in any way, and the next one is to run
        return Result(step, FAILED, tuple(traceback.format_exc().rstrip().splitlines()))


def in_words(number: int, result: Result) -> list[str]:
    """As it stands in the report."""
    first = f"{number:2} {result.step.title:58} {result.state}"
    return [first, *(f"       {line}" for line in result.lines)]


def heading() -> list[str]:
    """Where and when."""
    return [
        f"gonogo on real hardware, {time.strftime('%Y-%m-%d %H:%M %Z')}",
        f"{platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}",
        "",
    ]


def run_all(steps: Sequence[Step], bench: object, say: Callable[[str], None]) -> int:
    """All of them; 0 where some were done and none failed, 1 for a failure, 3 where all skipped."""
    for line in heading():
        say(line)
    results = []
    for number, step in enumerate(steps, start=1):
        results.append(run_step(step, bench))
        for line in in_words(number, results[-1]):
            say(line)
    states = [result.state for result in results]
    counted = ", ".join(f"{states.count(each)} {each}" for each in (DONE, SKIPPED, FAILED))
    say(f"\n{counted}, of {len(states)}")
    return 1 if FAILED in states else 0 if DONE in states else 3
