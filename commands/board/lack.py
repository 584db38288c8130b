"""One thing that a box lacks, and the commands that bring it."""

from __future__ import annotations

from typing import NamedTuple

ALL = "gonogo"  # what no station does without
TIMING = "timing"  # parts are judged without it, less evenly


class Lack(NamedTuple):
    """`needed_by`: a backend or driver, ALL or TIMING. No commands: none of them helps."""

    needed_by: str
    what: str
    commands: tuple[str, ...] = ()

    def rows(self) -> list[str]:
        """For a person: what, then a line for each command."""
        return [f"{self.needed_by}: {self.what}", *(f"    {each}" for each in self.commands)]
