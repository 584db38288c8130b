"""A command is carried out, and whatever comes of it is an answer: the console goes on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ConsoleError, GonogoError
from gonogo.console.serial.table import Begun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.console.serial.table import Answer, At, Order

_NUMBERED = re.compile(r"(GN\d{3}): (.*)", re.DOTALL)


class Said(NamedTuple):
    """Lines for people, to be paged, or for a program, as they are; what goes on behind them."""

    lines: Sequence[str]
    plainly: bool
    begun: Begun | None = None


def answered(order: Order, at: At) -> Said:
    """What a command says; what it raises is its answer."""
    run = order.command.run
    if run is None:
        raise ValueError(f"{order.command.words} is the session's own")
    found = _said(lambda: run(at, order.given), order.command.words, plainly=order.json)
    return found or Said([], plainly=order.json)


def ended(begun: Begun) -> Said | None:
    """What an errand says at its end; None: it is under way."""
    return _said(begun.errand.finished, "what was begun", plainly=begun.plainly)


def _said(find: Callable[[], Answer | None], what: str, *, plainly: bool) -> Said | None:
    try:
        answer = find()
    except GonogoError as error:
        return refused(error, plainly=plainly)
    # a question to files and memory that change under it: the next one may be answered
    except (OSError, ValueError, LookupError, ArithmeticError) as error:
        return refused(ConsoleError(f"{what}: {error!r}"), plainly=plainly)
    if answer is None:
        return None
    if answer.errand is not None:
        # a program waits for one answer, which is the last one
        return Said([] if plainly else answer.lines, plainly, Begun(answer.errand, plainly))
    if plainly:
        return Said([json.dumps(answer.value, default=str), "OK"], plainly=True)
    return Said(answer.lines, plainly=False)


def refused(error: GonogoError, *, plainly: bool) -> Said:
    """Why there is no answer: for a program in one line that begins with ERR and the number."""
    number, text = f"GN{error.code}", str(error.args[0]) if error.args else ""
    # what a process of the station refused comes with the number that it gave
    theirs = _NUMBERED.fullmatch(text)
    if theirs is not None:
        number, text = theirs.groups()
    if plainly:
        return Said([f"ERR {number} {json.dumps(text)}"], plainly=True)
    return Said(f"{number}: {text}".split("\n"), plainly=False)
