"""Which parts have their picture kept: all that were thrown out, and a few that were not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gonogo.base.words import MasterAnswer, MasterPart, Reason, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry, Mastered
from gonogo.records.lot import AUDIT, Drawn, lot_of
from gonogo.records.picture_words import PictureKind
from gonogo.records.pictures.choice import LATE_MAX, Chooser
from gonogo.records.shifts import shift_start_ms
from gonogo.tests.fakes import part_now
from gonogo.tests.records.pictures.made import RUN, images_in, judged

STARTS = ("06:00",)
NOW_MS = 1_700_000_000_000
DAY_MS = 86_400_000
ACCEPT = VerdictKind.ACCEPT


def chooser_of(*drawn: Drawn, **keys: Any) -> Chooser:  # noqa: ANN401 - keys of the section
    """No sample and no good ones, unless they are asked for."""
    images = images_in(Path("pictures"), **({"audit_sample": 0} | keys))
    return Chooser(RUN, images, STARTS, shift_start_ms(NOW_MS, STARTS), drawn)


def kind_of(
    chooser: Chooser, serial: int, kind: VerdictKind = ACCEPT, wall_ms: int = NOW_MS
) -> PictureKind | None:
    """Why a part is chosen."""
    chosen = chooser.choose(judged(part_now(serial), kind), wall_ms)
    return None if chosen is None else chosen.kind


def delivery(serial: int, kind: VerdictKind = ACCEPT, *, delivered: bool = True) -> DeliveryEntry:
    """What the PLC made of it."""
    return DeliveryEntry(serial, serial, 1, 1, 2, delivered, kind, Reason.OK)


@pytest.mark.parametrize("kind", sorted(set(VerdictKind) - {ACCEPT}))
def test_choice_takes_every_part_that_was_not_accepted(kind: VerdictKind) -> None:
    """A recheck, and one that was never inspected, too."""
    assert kind_of(chooser_of(), 1, kind) is PictureKind.REJECT


def test_choice_leaves_good_parts_out_unless_they_are_asked_for() -> None:
    """Neither sample nor every_nth_good."""
    assert [kind_of(chooser_of(), serial) for serial in range(50)] == [None] * 50
    assert kind_of(chooser_of(every_nth_good=1), 1) is PictureKind.NTH
    assert kind_of(chooser_of(audit_sample=1), 1) is PictureKind.AUDIT


@pytest.mark.parametrize("shown", [MasterPart.GOOD, MasterPart.BAD])
def test_choice_draws_no_master_part(shown: MasterPart) -> None:
    """It is shown on purpose; it may have its picture for another reason."""
    for keys, kind in (({}, None), ({"every_nth_good": 1}, PictureKind.NTH)):
        chooser = chooser_of(audit_sample=5, **keys)
        entry = judged(part_now(1), ACCEPT)._replace(master=Mastered(shown, MasterAnswer.RIGHT))
        chosen = chooser.choose(entry, NOW_MS)
        assert (chosen and chosen.kind) is kind
        assert kind_of(chooser, 2) is PictureKind.AUDIT


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (delivery(1), None),
        (delivery(1, VerdictKind.REJECT), PictureKind.REJECT),  # too late: sent as a reject
        (delivery(1, delivered=False), PictureKind.REJECT),  # never acknowledged: silence rejects
        (delivery(2, VerdictKind.REJECT), None),  # another part
    ],
)
def test_choice_takes_an_accepted_part_that_was_thrown_out_after_all(
    told: DeliveryEntry, kind: PictureKind | None
) -> None:
    """By what became of it at the PLC."""
    chooser = chooser_of()
    kind_of(chooser, 1)
    found = chooser.delivered(told)
    assert (None if found is None else found.kind) is kind
    assert chooser.delivered(told) is None  # once


def test_choice_remembers_no_more_parts_than_a_ring_may_hold() -> None:
    """Of a PLC that acknowledges nothing."""
    chooser = chooser_of()
    for serial in range(LATE_MAX + 1):
        kind_of(chooser, serial)
    assert chooser.delivered(delivery(0, delivered=False)) is None
    assert chooser.delivered(delivery(1, delivered=False)) is not None


def test_choice_names_the_part_that_gives_way_in_the_sample() -> None:
    """The one with the greatest lot; it stays where it is one of the good ones as well."""
    lots = {serial: lot_of(RUN, AUDIT, serial) for serial in range(1, 40)}
    first, better = 1, next(serial for serial in lots if lots[serial] < lots[1])
    for every, stays in ((None, False), (1, True)):
        chooser = chooser_of(audit_sample=1, every_nth_good=every)
        assert kind_of(chooser, first) is PictureKind.AUDIT
        assert chooser.drawn(first) is None
        assert kind_of(chooser, better) is PictureKind.AUDIT
        assert chooser.drawn(better) == (RUN, first, stays)


def test_choice_goes_on_with_the_sample_of_its_predecessor() -> None:
    """Also of another run of the same shift: a part with a smaller lot is not pushed out."""
    chooser = chooser_of(Drawn(0, "run0", 9), audit_sample=1)
    assert kind_of(chooser, 1) is None
    chooser = chooser_of(Drawn((1 << 64) - 1, "run0", 9), audit_sample=1)
    assert kind_of(chooser, 1) is PictureKind.AUDIT
    assert chooser.drawn(1) == ("run0", 9, False)


def test_choice_that_first_reads_parts_of_the_shift_before_keeps_the_sample_of_this_one() -> None:
    """Those were drawn by its predecessor; a part that was not accepted has its picture."""
    chooser = chooser_of(Drawn(0, "run0", 9), audit_sample=1)
    assert kind_of(chooser, 1, wall_ms=NOW_MS - DAY_MS) is None
    assert kind_of(chooser, 2, VerdictKind.REJECT, NOW_MS - DAY_MS) is PictureKind.REJECT
    assert kind_of(chooser, 3) is None
    assert kind_of(chooser, 4, wall_ms=NOW_MS + DAY_MS) is PictureKind.AUDIT


def test_choice_goes_on_drawing_under_a_clock_that_is_set_back() -> None:
    """It ends no shift, and begins none before this one."""
    chooser = chooser_of(audit_sample=2)
    assert kind_of(chooser, 1) is PictureKind.AUDIT
    assert kind_of(chooser, 2, wall_ms=NOW_MS - DAY_MS) is PictureKind.AUDIT
