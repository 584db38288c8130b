"""How a row of processes stands: what the supervisor and its commands ask before they act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.watchdog.place import Place


class Standing:
    """Of the places of one row; nothing here changes them."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places

    @property
    def untouched(self) -> bool:
        """Not started yet."""
        return all(place.state is RowState.OFF for place in self._places)

    @property
    def up(self) -> bool:
        """Whether its work is being done."""
        return any(place.state is RowState.UP for place in self._places)

    @property
    def runs(self) -> bool:
        """Whether it has any process."""
        return any(place.running for place in self._places)

    @property
    def settled(self) -> bool:
        """Up, or known not to come up: the next row need not wait."""
        # one end is enough: a row that does not come up holds nobody for ever
        return self.up or any(
            place.last_code is not None or place.state is RowState.LATCHED for place in self._places
        )

    @property
    def latched(self) -> bool:
        """Whether every place has been given up."""
        # while its spare can work, the row can
        return all(place.state is RowState.LATCHED for place in self._places)

    @property
    def last_code(self) -> int | None:
        """Exit status of the first place that has one; None while none has ended."""
        return next((p.last_code for p in self._places if p.last_code is not None), None)
