"""A review of limits in words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from gonogo.base.scores import ScoreLimits
from gonogo.build.review.partlist import Listed
from gonogo.build.review.proposal import labelled, propose
from gonogo.build.review.station import Ranked, Review, Words
from gonogo.commands.show.limits import found_lines, part_lines, proposal_lines
from gonogo.records.dispositions.words import PartKey
from gonogo.records.questions.gaps import Gap
from gonogo.records.questions.scored import Scored

NO_PICTURE = (
    "  1 of the 2 have no picture: [records.images] keeps them, those of accepted parts with "
    "every_nth_good = 1"
)
STRICT, LAX = ScoreLimits(1.5, 3.0), ScoreLimits(99.0, 99.0)
SCORES = np.array([9.0, 8.0, 7.0, *np.linspace(1.4, 1.0, 60)])


def review(*gaps: Gap) -> Review:
    """Two parts are shown, of which one has a picture."""
    key = PartKey("r1", 7)
    shown = [
        Listed(key, 4711, 3.25, "REJECT", "ENGINE", Path("/p/a.png")),
        Listed(key, 4712, 3.0, "ACCEPT", "OK", None, "no picture kept"),
    ]
    left_out = Counter({"master parts": 2, "scored by another engine": 5})
    found = Ranked([Scored("r1", 7, 3.25)] * 400, left_out, list(gaps))
    return Review("00ab", STRICT, found, shown, Words("top", alone=True))


def test_found_lines_count_what_is_missing() -> None:
    """What was left out, most first; gaps, the first three by their serials; missing pictures."""
    gaps = [Gap("r1", 10 * k, 10 * k + 4, 0) for k in range(1, 6)]
    assert list(found_lines(review(*gaps))) == [
        "view top: the first 400 parts that engine 00ab scored; the 2 highest scores are reviewed",
        "  left out: 5 scored by another engine",
        "  left out: 2 master parts",
        "  not known: 25 parts between them, in 5 gaps",
        "    run r1: 5 parts without a row (serials 10 to 14)",
        "    run r1: 5 parts without a row (serials 20 to 24)",
        "    run r1: 5 parts without a row (serials 30 to 34)",
        NO_PICTURE,
    ]
    assert not any("not known" in line for line in found_lines(review()))


def test_part_lines_have_all_that_a_person_needs() -> None:
    """Score and limits, verdict, picture or why there is none, what was said before."""
    head, place = part_lines(review(), 0, None)
    assert head.startswith("1 of 2: part 4711, score 3.25 (now: recheck above 1.5, reject above 3)")
    assert head.endswith(", then judged REJECT ENGINE")
    assert place == "  /p/a.png"
    head, place = part_lines(review(), 1, "good")
    assert head.endswith("ACCEPT OK; you or another said: good")
    assert place == "  no picture kept"


def test_proposal_lines_say_what_is_assumed_and_warn_of_no_gain() -> None:
    """Against limits that catch all of it already there is no reason for others."""
    words = [bool(score < 2) if k < 10 else None for k, score in enumerate(SCORES)]
    found = labelled(SCORES, words, 10)
    lines = list(proposal_lines(propose(found, LAX), LAX))
    assert "known: a person saw 7 good and 3 bad parts" in lines
    assert any(line.startswith("assumed: 53 parts that score below 1.") for line in lines)
    assert not any("no reason to apply" in line for line in lines)
    lines = list(proposal_lines(propose(found, STRICT), STRICT))
    assert "no reason to apply" in lines[-1]
    unsure = found._replace(unsure=np.array([6.5]), assumed=np.array([]))
    told = list(proposal_lines(propose(found, LAX)._replace(labelled=unsure), LAX))
    assert "known: a person saw 7 good and 3 bad parts, 1 of which nobody is sure" in told
    assert not any(line.startswith("assumed") for line in told)
