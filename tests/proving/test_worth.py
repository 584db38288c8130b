"""Whether a rehearsed station is good enough, and which limit lets bad parts pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import Mode, Part, Reason, RuleResult, Score, Status, VerdictKind
from gonogo.commands.show.worth import next_lines, sentence
from gonogo.ipc.journal_records import StageTimes, VerdictEntry
from gonogo.proving.plcsim.judge import judge_events
from gonogo.proving.worth import enough, worth
from gonogo.tests.stations import DIAMETER, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station


def shown(*parts: tuple[bool, bool], label: str = "dent") -> Any:  # noqa: ANN401 - a Judgement
    """A judgement of parts, each good or not, and passed or not; ids from 1, bad ones a `label`."""
    events: list[dict[str, Any]] = [
        {"event": "start", "t_ns": 0, "plan": {"parts": len(parts), "budget_ms": 100.0,
         "station_waits_ms": 80.0, "station": "client"}, "rank": 0},
    ]  # fmt: skip
    for number, (good, passed) in enumerate(parts, start=1):
        name = {
            "part": number,
            "part_id": number,
            "good": good,
            "label": "good" if good else label,
        }
        events.append({"event": "trigger", "t_ns": number, **name})
        events.append({"event": "pass" if passed else "eject", "t_ns": number, "why": "", **name})
    return judge_events(events)


def measured(part_id: int, *values: float, score: float | None = None) -> VerdictEntry:
    """What the station says that it measured of a part."""
    return VerdictEntry(
        part=Part(part_id, part_id, 0, 0, 0, 0), stamps=StageTimes(0, 0, 0, 0, 0),
        kind=VerdictKind.ACCEPT, reason=Reason.OK, mode=Mode.FULL, score=0,
        rules=VerdictKind.ACCEPT, engine=VerdictKind.NONE, looks=(),
        scores=(None if score is None else Score(0, score, 0, 0, 1),),
        checks=tuple(RuleResult(Status.PASS, value, 70.0, 74.0) for value in values),
    )  # fmt: skip


def station_of(folder: Path, *rules: dict[str, Any], **line: Any) -> Station:  # noqa: ANN401 - keys
    """One view with these rules; a diameter of 70 to 74 mm by default."""
    view = {"name": "top", "camera": synthetic(), "rule": rules or (DIAMETER,)}
    return small_station(folder, view, **line)


GOOD, BAD, PASSED, EJECTED = True, False, True, False


@pytest.mark.parametrize(
    ("max_pct", "is_enough"), [(100.0, True), (50.0, True), (49.0, False), (0.0, False)]
)
def test_worth_holds_the_shares_against_the_station_file(
    tmp_path: Path, *, max_pct: float, is_enough: bool
) -> None:
    """Escape of bad parts, overkill of good ones; either can be too many."""
    judged = shown((GOOD, PASSED), (GOOD, PASSED), (BAD, PASSED), (BAD, EJECTED))
    found = worth(station_of(tmp_path, max_escape_pct=max_pct), judged, ())
    assert found["enough"] is is_enough
    assert enough({"worth": found}) is is_enough
    assert (found["escape"]["events"], found["escape"]["of"]) == (1, 2)
    assert found["escape"]["share_pct"] == 50.0
    assert found["escape"]["low_pct"] == pytest.approx(1.26, abs=0.01)
    turned = shown((BAD, EJECTED), (GOOD, EJECTED), (GOOD, PASSED))
    assert worth(station_of(tmp_path, max_overkill_pct=max_pct), turned, ())["enough"] is is_enough


def test_worth_without_bad_parts_knows_nothing_of_escapes(tmp_path: Path) -> None:
    """It is judged by what was shown; of nothing at all nothing is known."""
    found = worth(station_of(tmp_path), shown((GOOD, PASSED)), ())
    assert (found["enough"], found["escape"]["enough"]) == (True, None)
    assert "escape not known: no bad part was shown" in sentence(found, 0)
    none = worth(station_of(tmp_path), shown(), ())
    assert none["enough"] is None
    assert enough({"worth": none})
    assert "not known" in sentence(none, 0)


def test_worth_names_the_limit_that_lets_bad_parts_pass(tmp_path: Path) -> None:
    """The one beyond which they lie, though inside its limits; half way would have told them."""
    judged = shown((GOOD, PASSED), (GOOD, PASSED), (BAD, PASSED), (BAD, PASSED))
    entries = [measured(1, 71.5), measured(2, 72.0), measured(3, 73.4), measured(4, 73.0)]
    found = worth(station_of(tmp_path), judged, entries)
    (lead,) = found["lets_pass"]
    assert (lead["gauge"], lead["key"], lead["good"]) == ("rule 'diameter'", "high", [71.5, 72.0])
    assert 72.0 < lead["would_reject_at"] < 73.0
    assert lead["parts"] == {"part 3 (dent)": 73.4, "part 4 (dent)": 73.0}
    lines = list(next_lines(found, "var/cell.png"))
    assert lines[0] == "  the 2 bad parts that passed, side by side: var/cell.png"
    assert "rule 'diameter' lets pass what lies beyond every good part (71.5 to 72 mm)" in lines[1]
    assert "part 3 (dent) (73.4)" in lines[1]
    assert "high = 72.5 would have rejected them" in lines[1]
    assert "gonogo limits" in lines[-1]


def test_worth_says_which_bad_parts_nothing_tells_from_good_ones(tmp_path: Path) -> None:
    """Inside the range of the good ones in everything: no limit can help."""
    judged = shown((GOOD, PASSED), (GOOD, PASSED), (BAD, PASSED), (BAD, PASSED))
    entries = [measured(1, 71.0), measured(2, 73.0), measured(3, 72.0), measured(4, math.nan)]
    (lead,) = worth(station_of(tmp_path), judged, entries)["lets_pass"]
    assert lead == {"gauge": None, "parts": ["part 3 (dent)", "part 4 (dent)"]}
    lines = list(next_lines(worth(station_of(tmp_path), judged, entries)))
    assert "nothing tells 2 bad parts that passed from good ones" in lines[0]


def test_worth_counts_an_engine_by_its_score(tmp_path: Path) -> None:
    """A score above every good one's is a matter of reject_above, one below is none."""
    engine = {"model": tiny_engine(tmp_path / "top.onnx")}
    view = {"name": "top", "camera": synthetic(), "engine": engine}
    judged = shown((GOOD, PASSED), (BAD, PASSED), (BAD, PASSED))
    entries = [measured(1, score=0.5), measured(2, score=0.9), measured(3, score=0.1)]
    first, rest = worth(small_station(tmp_path, view), judged, entries)["lets_pass"]
    assert (first["gauge"], first["key"]) == ("the engine of view 'top'", "reject_above")
    assert list(first["parts"]) == ["part 2 (dent)"]
    assert rest["parts"] == ["part 3 (dent)"]


def test_worth_names_pictures_that_no_camera_could_show(tmp_path: Path) -> None:
    """They count as bad parts that were rejected, which is no merit of the station."""
    (tmp_path / "parts" / "good").mkdir(parents=True)
    (tmp_path / "parts" / "good" / "a.png").write_bytes(b"broken")
    camera = {"driver": "replay", "folder": tmp_path / "parts", "width_px": 16, "height_px": 16}
    station = small_station(tmp_path, {"name": "top", "camera": camera, "rule": (DIAMETER,)})
    judged = shown((BAD, EJECTED), label="unreadable")
    found = worth(station, judged, [measured(1)])
    assert found["unreadable"] == ["good/a.png"]
    (line,) = next_lines(found)
    assert line.startswith("  1 pictures cannot be shown, and count as bad parts: good/a.png")


def test_worth_keeps_a_count_whole(tmp_path: Path) -> None:
    """A limit between 6 and 7 is 6: both ends are inclusive."""
    holes = {"kind": "presence", "name": "holes", "method": "blobs", "low": 1.0}
    judged = shown((GOOD, PASSED), (BAD, PASSED))
    (lead,) = worth(station_of(tmp_path, holes), judged, [measured(1, 6.0), measured(2, 7.0)])[
        "lets_pass"
    ]
    assert (lead["key"], lead["would_reject_at"]) == ("high", 6)


def test_worth_names_what_rejects_good_parts(tmp_path: Path) -> None:
    """Outside of a rule, not measured by it, or by the engine alone."""
    judged = shown((GOOD, EJECTED), (GOOD, EJECTED), (GOOD, EJECTED), (GOOD, PASSED))
    entries = [measured(1, 75.0), measured(2, math.nan), measured(3, 72.0), measured(4, 72.0)]
    found = worth(station_of(tmp_path), judged, entries)
    rule, other = found["rejects_good"]
    assert rule["parts"] == {"part 1 (good)": 75.0, "part 2 (good)": None}
    assert other == {"gauge": None, "parts": ["part 3 (good)"]}
    lines = list(next_lines(found))
    assert "rule 'diameter' (low = 70, high = 74) rejected good parts" in lines[0]
    assert "part 2 (good) (cannot tell)" in lines[0]


@pytest.mark.parametrize(
    ("code", "first"),
    [(0, "good enough: "), (2, "not judged whether"), (3, "not judged whether")],
)
def test_sentence_is_no_praise_where_verdicts_were_missing(
    tmp_path: Path, code: int, first: str
) -> None:
    """A part without a verdict is ejected, which is no merit of the station."""
    found = worth(station_of(tmp_path), shown((GOOD, PASSED), (BAD, EJECTED)), ())
    assert sentence(found, code).startswith(first)
    assert "escape 0.0 % (0 of 1; 95 % sure of 0.0 to 97.5 %), at most 5 % is wanted" in sentence(
        found, code
    )
    bad = worth(station_of(tmp_path), shown((BAD, PASSED)), ())
    assert sentence(bad, 4).startswith("NOT GOOD ENOUGH, exit code 4: escape 100.0 %")
