"""Hours and parts for the charts of drift: those of a steady line, and those of one that drifts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gonogo.records.drift.fourier import PAIRS
from gonogo.records.drift.laney import Counts
from gonogo.records.drift.part import Conditions, JudgedPart, Looks
from gonogo.records.drift.summary import Summary, quantiles

HERE = Conditions("top", "flange 3", 2, 500.0)
SECOND_NS = 1_000_000_000


@lru_cache(maxsize=1024)
def hour(number: int, shift: float = 0.0, *, rejects: int = 36) -> Summary:
    """An hour whose scores lie `shift` sigmas off; hours differ by a tenth of that."""
    rng = np.random.default_rng([17, number])
    scores = rng.normal(5 + shift + 0.1 * rng.standard_normal(), 1, 400).astype(np.float32)
    features = rng.normal(0.01 * shift, 0.01, 2 * PAIRS).astype(np.float32)
    looks = Looks(120 + float(rng.normal()), 30 + float(rng.normal()), float("nan"))
    return Summary(
        number, 3600.0 * number, Counts(rejects + int(rng.integers(-5, 6)), 3600),
        quantiles(scores), quantiles(scores), features, 400, looks, ((1, 3600 * number),),
    )  # fmt: skip


def part(serial: int, at_s: float, score: float | None = 5.0, **other: Any) -> JudgedPart:  # noqa: ANN401 - of any field
    """An accepted part of run 1 that came `at_s` after its start."""
    plain = JudgedPart(
        1, serial, 1e9 + at_s, int(at_s * SECOND_NS), HERE,
        accepted=True, trusted=True, score=score,
    )  # fmt: skip
    return plain._replace(**other)
