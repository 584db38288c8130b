"""Mutants that change nothing that matters, each with the reason (equivalent.toml).

[[mutant]]
module = "plc/link/handover.py"
where = "Handover.wake"                the function
before = "if self.wake_fd >= 0:"       its line, blanks as one
after = ["if self.wake_fd > 0:"]       what the line may become without a difference
why = "descriptor 0 is taken"
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.tests.mutate.mutants import Mutant

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

Key = tuple[str, str, str, str]
KEYS = {"module", "where", "before", "after", "why"}


def read_known(path: Path) -> dict[Key, str]:
    """The reason of each mutant that is listed; ValueError for an incomplete entry."""
    known: dict[Key, str] = {}
    for entry in toml.loads(path.read_text()).get("mutant", []):
        if set(entry) != KEYS or not entry["why"].strip():
            raise ValueError(f"{path.name}: expected {', '.join(sorted(KEYS))}, got {entry}")
        for after in entry["after"]:
            known[entry["module"], entry["where"], entry["before"], after] = entry["why"]
    return known


def stale(known: Iterable[Key], mutants: Iterable[Mutant]) -> list[Key]:
    """Entries that fit no mutant of these modules any more."""
    there = {mutant.key for mutant in mutants}
    modules = {key[0] for key in there}
    return [key for key in known if key[0] in modules and key not in there]
