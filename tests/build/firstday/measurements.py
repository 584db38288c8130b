"""Measurements of made-up candidates, for whoever chooses among them.

Import as `gonogo.tests.build.firstday.measurements`.
"""

from __future__ import annotations

import numpy as np

from gonogo.build.firstday.candidate import Candidate
from gonogo.build.firstday.choose import Measurements


def width(name: str, family: str = "", *, holds: bool = False) -> Candidate:
    """A rule in px."""
    keys = {"kind": "dimension", "name": name, "measure": "width"}
    return Candidate(keys, f"why {name}", family or name, holds)


def spots(name: str) -> Candidate:
    """A rule that counts."""
    keys = {"kind": "presence", "name": name, "method": "blobs"}
    return Candidate(keys, f"why {name}", name, holds=False)


def measurements(rows: list[tuple[Candidate, list[float], list[float]]]) -> Measurements:
    """Values of good and of bad parts, a row for each candidate."""
    candidates = tuple(each for each, _, _ in rows)
    return Measurements(
        candidates,
        tuple(each.section for each in candidates),
        np.array([good for _, good, _ in rows], np.float64),
        np.array([bad for _, _, bad in rows], np.float64),
    )


def around(centre: float, count: int = 20, spread: float = 1.0, seed: int = 1) -> list[float]:
    """Values of parts that differ a little, the same each time."""
    rng = np.random.default_rng(seed)
    return [centre + float(value) for value in rng.uniform(-spread, spread, count)]
