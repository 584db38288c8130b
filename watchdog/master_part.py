"""Hands over to the line that the next part is known to be good or bad.

{"do": "master-part", "part": "good" or "bad"}    the number of the request
{"do": "master-part-back"}                        what was asked for last is taken back
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.errors import MasterPartRefused
from gonogo.base.log.logger import get_logger
from gonogo.ipc.master_part import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gonogo.ipc.master_part import AskingView
    from gonogo.watchdog.row import Row

log = get_logger(__name__)


class MasterPartRequests:
    """One at a time; what a request needs besides, the line itself knows."""

    def __init__(self, rows: Sequence[Row], memory: AskingView) -> None:
        self._rows, self._memory = rows, memory

    @property
    def table(self) -> Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """By what they are asked for."""
        return {"master-part": self._ask, "master-part-back": self._take_back}

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("part")
        part = next((each for each in KNOWN if each.name.lower() == wanted), None)
        if part is None:
            raise MasterPartRefused(f"part: expected 'good' or 'bad', got {wanted!r}")
        down = [row.name for row in self._rows if row.plan.required and not row.standing.up]
        if down:
            raise MasterPartRefused(f"the station does not run at this moment ({down[0]})")
        if self._memory.under_way:
            name = self._memory.request.part.name.lower()
            raise MasterPartRefused(
                f"the known {name} part is waited for already; show it, or take that back: "
                "gonogo master --cancel"
            )
        log.info("master_part_shown", text="somebody shows the known %(known)s part", known=wanted)
        return {"number": self._memory.ask(part)}

    def _take_back(self, _: dict[str, Any]) -> dict[str, Any]:
        if not self._memory.under_way:
            raise MasterPartRefused("no known part is waited for: there is nothing to take back")
        self._memory.take_back()
        return {}
