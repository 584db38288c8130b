"""A rule that a new station might have: its keys, without limits, and why it was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.presence_section import PresenceSection

if TYPE_CHECKING:
    from gonogo.rules.window import LimitedSection

    Keys = dict[str, Any]

_KINDS: dict[str, type[LimitedSection]] = {
    "dimension": DimensionSection,
    "colour": ColourSection,
    "presence": PresenceSection,
}


class Candidate(NamedTuple):
    """`keys` as they stand in the station file; `why` for its comment.

    `family`: of several that say the same of a part, one is taken. `holds`: worth having where
    there are no bad parts, for it says something of the part as a whole.
    """

    keys: Keys
    why: str
    family: str
    holds: bool

    @property
    def name(self) -> str:
        """As messages call it."""
        return str(self.keys["name"])

    @property
    def section(self) -> LimitedSection:
        """As the station file will have it, without limits."""
        return _KINDS[self.keys["kind"]](**self.keys)


def roi(left: float, top: float, width: float, height: float) -> Keys:
    """A place of the frame, in px."""
    return {
        "x_px": round(left), "y_px": round(top), "width_px": round(width),
        "height_px": round(height),
    }  # fmt: skip
