"""One row of the benchmark: a value, its control, and what their ratio must be."""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    """`ratio` is value / control; `limit` bounds it, None for a row that only informs.

    A row that could not be run has neither value nor control, and its note says why.
    """

    name: str
    value: float | None
    control: float | None
    better: str  # "lower" or "higher"
    unit: str
    limit: float | None
    note: str

    @property
    def ratio(self) -> float | None:
        """Value / control, or None where one of them was not measured."""
        # a control of 0 has no ratio: the row then informs only
        if self.value is None or not self.control:
            return None
        return self.value / self.control

    @property
    def met(self) -> bool:
        """Whether the ratio keeps its limit; a row without one, or not run, breaks nothing."""
        # what was not run has broken nothing; the table says that it was not
        if self.limit is None or self.ratio is None:
            return True
        return self.ratio <= self.limit if self.better == "lower" else self.ratio >= self.limit

    def as_json(self) -> dict[str, Any]:
        """The row with the keys of the report, figures rounded to what was measured."""
        return {
            "name": self.name,
            "value": _rounded(self.value),
            "control": _rounded(self.control),
            "ratio": _rounded(self.ratio),
            "limit": self.limit,
            "better": self.better,
            "unit": self.unit,
            "note": self.note,  # how it was measured, or why it was not run
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
