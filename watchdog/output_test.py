"""Outputs that are tried by hand: asked for here, carried out by the link, ended by the clock.

{"do": "outputs-tried"}                                      permit off from now on, for 120 s
{"do": "output-forced", "output": .., "on": .., "for_s": ..}  one of them, in that time alone
{"do": "outputs-over"}                                       everything is as it was
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import OutputRefused
from gonogo.base.log.logger import get_logger
from gonogo.ipc.output_test import FORCED_LEAST_S, FORCED_MOST_S, TRIED_S, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gonogo.ipc.output_test import OutputTestDesk

log = get_logger(__name__)


class OutputRequests:
    """One output at a time, and only while they are tried."""

    def __init__(self, desk: OutputTestDesk) -> None:
        self._desk = desk
        self._tried = desk.tried_ns(time.monotonic_ns()) > 0  # as the supervisor before has left it

    @property
    def table(self) -> Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """By what they are asked for."""
        return {
            "outputs-tried": self._begin, "output-forced": self._force, "outputs-over": self._end,
        }  # fmt: skip

    def look(self, now_ns: int) -> None:
        """Say that their time is over."""
        if self._tried and not self._desk.tried_ns(now_ns):
            self._over("nobody has gone on with it")

    def _begin(self, _: dict[str, Any]) -> dict[str, Any]:
        self._desk.begin()
        if not self._tried:
            log.warning(
                "outputs_tried", text="TEST MODE: outputs are tried by hand, permit off, no part "
                "is accepted",
            )  # fmt: skip
        self._tried = True
        return {"for_s": TRIED_S}

    def _force(self, request: dict[str, Any]) -> dict[str, Any]:
        name, on, for_s = (request.get(key) for key in ("output", "on", "for_s"))
        output = next((each for each in Output if each.name.lower() == name), None)
        if output is None or not isinstance(on, bool):
            names = ", ".join(each.name.lower() for each in Output)
            raise OutputRefused(f"expected one of {names}, on or off, got {name!r}, {on!r}")
        # true is an int to Python, and no number to JSON
        number = isinstance(for_s, (int, float)) and not isinstance(for_s, bool)
        if not number or not FORCED_LEAST_S <= float(str(for_s)) <= FORCED_MOST_S:
            raise OutputRefused(
                f"for_s: expected {FORCED_LEAST_S:g} to {FORCED_MOST_S:g} s, got {for_s!r}"
            )
        if not self._desk.tried_ns(time.monotonic_ns()):
            raise OutputRefused("no test mode, or its time is over; expected `io test` first")
        self._desk.force(output, on=on, for_s=float(str(for_s)))
        log.warning(
            "output_forced",
            text="TEST MODE: %(output)s is forced %(to)s for %(for_s)g s",
            output=name,
            to="on" if on else "off",
            for_s=for_s,
        )
        return {"for_s": for_s}

    def _end(self, _: dict[str, Any]) -> dict[str, Any]:
        self._desk.end()
        if self._tried:
            self._over("it was asked for")
        return {}

    def _over(self, why: str) -> None:
        self._tried = False
        log.warning(
            "outputs_tried_no_more", text="test mode is over (%(why)s): outputs are as the rules "
            "have them", why=why,
        )  # fmt: skip
