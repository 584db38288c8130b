"""That somebody means this disk: the last four of its serial number, typed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gonogo.base.errors import FlashNotConfirmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.flash.targets import Target


def at_terminal(question: str) -> str:
    """What is typed there; FlashNotConfirmed where nobody sits."""
    if not sys.stdin.isatty():
        raise FlashNotConfirmed("nobody to ask: expected a terminal, or --yes with --target DISK")
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def confirm(target: Target, what: str, ask: Callable[[str], str]) -> None:
    """FlashNotConfirmed unless these four were typed; anything else changes nothing."""
    of = "serial number" if target.serial else "name"
    typed = ask(f"{what}\ntype the last four of the {of} of {target.path} to do it: ")
    if typed != target.last_four:
        raise FlashNotConfirmed(
            f"{target.path}: {typed!r} was typed; expected the last four of its {of}, which the "
            "table shows; nothing was written"
        )
