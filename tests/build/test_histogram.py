"""Scores in bins, as a table and as a picture."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import ScoresError
from gonogo.build.bins import BINS
from gonogo.build.histogram import picture, table
from gonogo.build.thresholds import propose
from gonogo.engines.bundles.manifest import check_picture

rng = np.random.default_rng(3)
GOOD = np.exp(rng.normal(0, 0.2, 60)).tolist()
BAD = np.exp(rng.normal(1.2, 0.4, 15)).tolist()


def test_table_is_whole_and_may_travel_in_a_bundle() -> None:
    """It comes back from strict JSON as it was, with all that the picture shows."""
    found = propose(GOOD, BAD)
    made = table(GOOD, BAD, found)
    assert strictjson.decode(strictjson.encode(made), "histogram.json") == made
    assert (made["good_parts"], made["bad_parts"], made["axis"]) == (60, 15, "linear")
    assert (made["recheck_above"], made["reject_above"]) == found[:2]
    assert made["overkill"] == found.overkill._asdict()
    assert found.escape is not None
    assert made["escape"] == found.escape._asdict()
    assert isinstance(made["edges"], list)
    assert len(made["edges"]) == BINS + 1
    assert found[:2] == tuple(edge for edge in made["edges"] if edge in found[:2])
    assert table(GOOD, [], propose(GOOD))["escape"] is None


def test_histogram_refuses_scores_that_are_no_numbers() -> None:
    """As the limits do; and scores that no axis holds."""
    found = propose(GOOD, BAD)
    with pytest.raises(ScoresError, match="score 1 of the 1 bad parts is nan"):
        table(GOOD, [float("nan")], found)
    with pytest.raises(ScoresError, match="fit on no axis"):
        table(GOOD, [-1.7e308, 1.7e308], found)


def test_picture_may_travel_in_a_bundle() -> None:
    """It begins as a bundle wants a picture to; another title is another picture."""
    made = picture(GOOD, BAD, propose(GOOD, BAD), "bolt")
    check_picture(made)
    assert picture(GOOD, BAD, propose(GOOD, BAD), "bolt") == made
    assert picture(GOOD, BAD, propose(GOOD, BAD), "nut") != made
