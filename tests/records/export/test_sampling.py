"""Fewer parts than there are, by chance, and the same ones each time."""

from __future__ import annotations

from collections import Counter

import pytest

from gonogo.base.errors import ExportError
from gonogo.records.export.sampling import lot_of, sample
from gonogo.records.export.wanted import Wanted
from gonogo.tests.records.export.items import item

ITEMS = [item(k, "dent" if k % 10 == 0 else "good") for k in range(1, 101)]


def drawn(**wishes: int) -> list[int]:
    """Serials."""
    return [each.serial for each in sample(ITEMS, Wanted("coco", **wishes))]  # type: ignore[arg-type]


def test_sample_of_no_wish_is_everything() -> None:
    """In its order."""
    assert drawn() == [each.serial for each in ITEMS] == drawn(limit=1000)


def test_sample_is_drawn_by_its_seed() -> None:
    """Not the first ones; another seed draws others; in the order of time."""
    assert len(drawn(limit=20)) == 20
    assert drawn(limit=20) == drawn(limit=20) == sorted(drawn(limit=20))
    assert drawn(limit=20) != drawn(limit=20, seed=1)
    assert max(drawn(limit=20)) > 50


@pytest.mark.parametrize(("limit", "each"), [(None, 10), (8, 4), (1000, 10)])
def test_balanced_sample_has_as_many_of_each_class(limit: int | None, each: int) -> None:
    """As of the rarest, or as the limit allows."""
    found = sample(ITEMS, Wanted("coco", limit=limit, balanced=True))
    assert Counter(one.cls for one in found) == {"good": each, "dent": each}


def test_lot_depends_on_every_word() -> None:
    """Words are not run together."""
    assert (
        len({lot_of(0, "a", "b"), lot_of(0, "ab", ""), lot_of(1, "a", "b"), lot_of(0, "a", "c")})
        == 4
    )


@pytest.mark.parametrize(
    ("val", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.1, 1.0), (float("nan"), 0.2)]
)
def test_shares_leave_something_to_train_with(val: float, test: float) -> None:
    """And are shares."""
    with pytest.raises(ExportError, match="expected shares of 0 to 1"):
        Wanted("coco", val=val, test=test).check()
