"""What people said, by shift and reason, against the shifts before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gonogo.base.words import MasterAnswer, MasterPart, Reason, VerdictKind
from gonogo.ipc.journal_records import Mastered
from gonogo.records.dispositions.said import Disposition
from gonogo.records.dispositions.words import Means, Origin, PartKey, Word
from gonogo.records.drift.overrides import SHIFTS
from gonogo.records.drift.part import Signal
from gonogo.records.drift.shifts_said import BACK, Times, rejected, said_of, times
from gonogo.records.questions.files import Files
from gonogo.tests.records.drift.made import HOUR, Recorded

if TYPE_CHECKING:
    from pathlib import Path

HOUR_MS = 3_600_000
STARTS = ("06:00", "14:00", "22:00")
AT = Times(tuple(8 * HOUR_MS * k for k in range(90)), 8 * HOUR_MS * 90)
NEWEST = len(AT.starts_ms) - 1


def said(
    number: int, shift: int, word: Word, verdict: VerdictKind = VerdictKind.REJECT
) -> Disposition:
    """A word on a part of that shift that the engine rejected."""
    return Disposition(
        number=number, request_id=f"id{number}", part=PartKey("run1", number), word=word, code="",
        means=Means.GOOD, note="", who="A", origin=Origin.REVIEW, decides=False,
        wall_ms=AT.starts_ms[shift] + 9 * HOUR_MS, part_id=number,
        part_wall_ms=AT.starts_ms[shift] + number, verdict=verdict, reason=Reason.ENGINE,
        score=6000, engine="", recipe=1, lot=None,
    )  # fmt: skip


def shifts(per_shift: int, overridden: int, newest: int) -> list[Disposition]:
    """So many reviews a shift with so many overrides, and `newest` of them in the newest one."""
    found: list[Disposition] = []
    for shift in range(NEWEST - SHIFTS, NEWEST + 1):
        over = newest if shift == NEWEST else overridden
        for k in range(per_shift):
            word = Word.FALSE_REJECT if k < over else Word.CONFIRMED
            found.append(said(len(found) + 1, shift, word))
    return found


def test_times_are_shifts_that_are_over_for_a_shift() -> None:
    """Reviews come later than their parts: the newest is the one before the one before this."""
    now_ms = 1_772_460_000_000
    found = times(now_ms, STARTS)
    assert len(found.starts_ms) == BACK - 2
    assert list(found.starts_ms) == sorted(found.starts_ms)
    begin_ms, end_ms = found.judged_ms
    assert 8 * HOUR_MS <= now_ms - end_ms < 16 * HOUR_MS
    assert 7 * HOUR_MS <= end_ms - begin_ms <= 9 * HOUR_MS


def test_said_of_usual_overrides_is_no_alarm() -> None:
    """Three of thirty as ever: the share, its limits, and nothing else."""
    (found,) = said_of("top", AT, Counter(ENGINE=30), shifts(30, 3, 3), reviews=True)
    assert (found.view, found.reason, found.said.signal) == ("top", "ENGINE", Signal.OVERRIDES)
    assert (found.said.share, found.said.alarmed) == (0.1, False)
    assert found.said.low < 0.1 < found.said.high


def test_said_of_more_overrides_than_ever_is_an_alarm() -> None:
    """Twenty of thirty; it says of which reason and shift."""
    (found,) = said_of("", AT, Counter(ENGINE=30), shifts(30, 3, 20), reviews=True)
    assert found.said.alarmed
    assert found.wall_s == AT.starts_ms[NEWEST] / 1000
    text = str(found.warning())
    assert text.startswith("GN616: all views, reason ENGINE")
    assert "overrode 67 %" in text


def test_said_of_a_shift_that_nobody_reviewed_is_an_alarm_where_it_is_wanted() -> None:
    """One that had rejects; former reviews, and those of accepted parts, are none of this one."""
    former = [each for each in shifts(30, 3, 3) if each.part_wall_ms < AT.starts_ms[NEWEST]]
    former.append(said(5000, NEWEST, Word.CONFIRMED, VerdictKind.ACCEPT))
    rejects = Counter(ENGINE=4, RULE=1)
    (found,) = said_of("top", AT, rejects, former, reviews=True)
    assert (found.said.signal, found.said.alarmed) == (Signal.REVIEWS, True)
    assert said_of("top", AT, rejects, former, reviews=False) == ()
    assert said_of("top", AT, Counter(), former, reviews=True) == ()
    # who was unsure has looked
    unsure = [*former, said(6000, NEWEST, Word.UNSURE)]
    assert Signal.REVIEWS not in {
        each.said.signal for each in said_of("top", AT, rejects, unsure, reviews=True)
    }


def test_said_of_a_part_counts_once_by_its_last_word() -> None:
    """A person who thought again; what another disputes is no override yet."""
    words = shifts(30, 3, 3)
    twice = words[-1]
    words += [
        twice._replace(number=7000, request_id="a", word=Word.FALSE_REJECT),
        twice._replace(number=7001, request_id="b", word=Word.CONFIRMED),
    ]
    (found,) = said_of("top", AT, Counter(ENGINE=30), words, reviews=True)
    assert found.said.share == 0.1


def test_rejected_are_counted_by_reason_in_the_shift(tmp_path: Path) -> None:
    """Rejects and rechecks; neither accepted parts, nor master parts, nor those of another time."""
    line = Recorded(tmp_path / "records.sqlite", wall="2026-03-02T06:00:00")
    line.parts(3, kind=VerdictKind.REJECT)
    line.set("2026-03-02T15:00:00")
    line.parts(2, kind=VerdictKind.REJECT)
    (entry,) = line.parts(1, kind=VerdictKind.RECHECK)
    line.serial += 1
    shown = entry.part._replace(serial=line.serial)
    line.write(entry._replace(part=shown, master=Mastered(MasterPart.BAD, MasterAnswer.RIGHT)))
    line.parts(HOUR)
    line.close()
    begin_ms = 1_772_460_000_000  # 2026-03-02 14:00 UTC
    at = Times((begin_ms,), begin_ms + 8 * HOUR_MS)
    assert Files(line.base).ask(lambda file: rejected(file, at)) == [Counter(OK=3)]
