"""A loader that is only its socket: it answers orders by a script.

Import as `gonogo.tests.proving.campaign.loaders`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.engines.loading.process import PURPOSE
from gonogo.tests.control import served

if TYPE_CHECKING:
    from collections.abc import Iterator


class ScriptedLoader:
    """Ends each order with the next of `numbers` (0: done), two questions after it was given.

    `reject_above` is the limit of the engine that it says to hold. It loads nothing.
    """

    def __init__(self, *numbers: int, reject_above: float = 5.0) -> None:
        self.orders: list[dict[str, Any]] = []
        self._numbers, self._reject_above = list(numbers), reject_above
        self._ticket = self._asked = 0
        self._outcome: dict[str, Any] | None = None
        self._step = "idle"

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request."""
        if request["do"] == "status":
            return self._status()
        self.orders.append(request)
        if request["do"] == "unload":
            self._step = "idle"
            return {}
        self._ticket, self._asked, self._step = self._ticket + 1, 0, "loading"
        return {"ticket": self._ticket}

    def _status(self) -> dict[str, Any]:
        self._asked += 1
        if self._step == "loading" and self._asked > 2:
            number = self._numbers.pop(0)
            self._outcome = {"ticket": self._ticket, "number": number, "text": "as scripted"}
            self._step = "idle" if number else "reported"
        places = [{"limits": [{"reject_above": self._reject_above}]}]
        return {"outcome": self._outcome, "step": self._step, "places": places}


@contextmanager
def loading(station: str, loader: ScriptedLoader) -> Iterator[ScriptedLoader]:
    """The loader, at the socket of that station."""
    with served(station, loader.handle, PURPOSE):
        yield loader
