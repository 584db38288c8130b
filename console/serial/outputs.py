"""`io test` and `io force`: outputs tried by hand, with the permit off, and for a time alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import CommandUnknown, GonogoError, OutputRefused
from gonogo.console.serial.changes import audited
from gonogo.console.serial.reads import records_of, whole
from gonogo.console.serial.table import Answer
from gonogo.console.started import started
from gonogo.ipc.control_socket import ask
from gonogo.ipc.output_test import FORCED_LEAST_S, FORCED_MOST_S, FORCED_S, TRIED_S, Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At

_LEVELS = {"on": True, "off": False}


def io_test(at: At, _: Sequence[str]) -> Answer:
    """Test mode, until nobody has forced anything for a while."""
    with audited(at, "test mode", {"for_s": TRIED_S}):
        ask(at.station, do="outputs-tried")
    at.bench.tries = True
    line = (
        f"test mode for {TRIED_S:.0f} s, anew with each `io force`: permit off, nothing is accepted"
    )
    return Answer([line], {"for_s": TRIED_S})


def io_test_end(at: At, _: Sequence[str]) -> Answer:
    """Everything as the rules have it."""
    with audited(at, "test mode over"):
        ask(at.station, do="outputs-over")
    at.bench.tries = False
    return Answer(["test mode is over: outputs are as the rules have them"], {})


def io_force(at: At, given: Sequence[str]) -> Answer:
    """OUTPUT, on or off, and for so many seconds; OutputRefused where that may not be."""
    output, on = _output(given[0]), _LEVELS.get(given[1])
    if on is None:
        raise CommandUnknown(f"expected on or off, got '{given[1]}'")
    for_s = int(FORCED_S)
    if given[2:]:
        for_s = whole(given[2], int(FORCED_LEAST_S), int(FORCED_MOST_S))
    if output is Output.EJECT:
        _refuse_to_pass(at, on=on)
    name = output.name.lower()
    new = {"output": name, "on": on, "for_s": for_s}
    with audited(at, "output forced", new):
        ask(at.station, do="output-forced", output=name, on=on, for_s=for_s)
    at.bench.tries = True
    line = f"{name} is {given[1]} for {for_s} s, then as the rules have it; `io` shows it"
    return Answer([line], new)


def _output(name: str) -> Output:
    found = next((each for each in Output if each.name.lower() == name), None)
    if found is None:
        names = ", ".join(each.name.lower() for each in Output)
        raise OutputRefused(
            f"'{name}' is not forced: expected one of {names}; what says accept, permit, ready or "
            "running never is"
        )
    return found


def _refuse_to_pass(at: At, *, on: bool) -> None:
    """An ejector of our own may be made to throw out; what comes by must never pass by a force."""
    section = started(records_of(at)).station.eject
    if section is None:
        raise OutputRefused("eject is not forced: this station drives no ejector ([eject])")
    if on is not (section.on_means == "eject"):
        raise OutputRefused(
            f'eject is not forced {"on" if on else "off"}: with on_means = "{section.on_means}" '
            "whatever comes by would pass; it may be forced to throw out"
        )


def tries_no_more(at: At) -> None:
    """Whoever has begun to try outputs here is gone: at once, where somebody can be told so."""
    if at.bench.tries:
        at.bench.tries = False
        with contextlib.suppress(GonogoError):  # it has an end of its own
            ask(at.station, do="outputs-over")
