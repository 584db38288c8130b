"""Units are never torn: no part stands in two splits, and no lot does."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.records.export.splitting import Split, split, units_of
from gonogo.tests.records.export.items import item

if TYPE_CHECKING:
    from gonogo.records.export.item import Item

SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}
APART = {"train": 0.7, "test": 0.3}


def lots(count: int, classes: tuple[str, ...], lot_names: str = "L") -> list[Item]:
    """So many lots, each with a part of each of these."""
    return [
        item(lot * len(classes) + k + 1, cls, f"{lot_names}{lot}")
        for lot in range(count)
        for k, cls in enumerate(classes)
    ]


def places(found: Split) -> dict[str, set[str]]:
    """In which splits each lot stands."""
    where: defaultdict[str, set[str]] = defaultdict(set)
    for name, items in found.items.items():
        for each in items:
            where[each.lot].add(name)
    return where


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(["good", "scratch", "dent"])), min_size=1
    ),
    st.integers(0, 3),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_split_never_tears_a_lot(
    parts: list[tuple[int, str]],
    seed: int,
    only_good_in_train: bool,  # noqa: FBT001 - drawn
) -> None:
    """Each part stands somewhere, once; and what teaches good parts alone holds no other."""
    items = [item(k, cls, f"L{lot}") for k, (lot, cls) in enumerate(parts, start=1)]
    shares = APART if only_good_in_train else SHARES
    found = split(items, shares, seed, only_good_in_train=only_good_in_train)
    assert all(len(names) == 1 for names in places(found).values())
    placed = [each for some in found.items.values() for each in some]
    assert sorted([*placed, *found.left_out]) == sorted(items)
    if only_good_in_train:
        assert {each.cls for each in found.items["train"]} <= {"good"}
        assert not {each.lot for each in found.left_out} & {e.lot for e in found.items["test"]}
    else:
        assert found.left_out == []


def test_split_gives_each_class_its_share() -> None:
    """As near as whole lots come, the rare class as the common one."""
    found = split(lots(40, ("good",) * 9 + ("dent",)), SHARES, 0, only_good_in_train=False)
    counts = {name: Counter(each.cls for each in some) for name, some in found.items.items()}
    assert counts == {
        "train": {"good": 252, "dent": 28},
        "val": {"good": 36, "dent": 4},
        "test": {"good": 72, "dent": 8},
    }
    assert (found.unit, found.units) == ("a lot", 40)


def test_split_puts_lots_of_defects_where_they_count() -> None:
    """Where train takes good parts alone, lots with many defects judge, and few are left out."""
    items = lots(6, ("good",) * 5) + [
        each._replace(serial=each.serial + 1000, lot=f"D{each.lot}")
        for each in lots(2, ("good", "dent", "dent"))
    ]
    found = split(items, APART, 0, only_good_in_train=True)
    assert found.left_out == []
    assert Counter(each.cls for each in found.items["test"])["dent"] == 4
    assert len(found.items["train"]) == 20


def test_split_leaves_defects_of_teaching_lots_out() -> None:
    """They may not judge what taught beside them; they are told, not lost."""
    found = split(lots(10, ("good",) * 3 + ("dent",)), APART, 0, only_good_in_train=True)
    assert {each.cls for each in found.left_out} == {"dent"}
    assert {each.lot for each in found.left_out} == {e.lot for e in found.items["train"]}
    assert len(found.left_out) == 7


def test_split_of_three_units_fills_all_three() -> None:
    """Rather than that one is empty; of one unit two must be."""
    found = split(lots(3, ("good", "dent")), SHARES, 0, only_good_in_train=False)
    assert {name: len(some) for name, some in found.items.items()} == dict.fromkeys(SHARES, 2)
    alone = split(lots(1, ("good", "dent")), SHARES, 0, only_good_in_train=False)
    assert {name: len(some) for name, some in alone.items.items()} == {
        "train": 2,
        "val": 0,
        "test": 0,
    }


@pytest.mark.parametrize("count", [1, 2, 3])
def test_split_of_few_units_always_teaches(count: int) -> None:
    """Also where most are to judge."""
    shares = {"train": 0.1, "val": 0.1, "test": 0.8}
    found = split(lots(count, ("good", "dent")), shares, 0, only_good_in_train=False)
    assert found.items["train"]


def test_seed_draws_another_split() -> None:
    """And the same one the same."""
    items = lots(20, ("good", "dent"))
    drawn = [split(items, SHARES, seed, only_good_in_train=False).items for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("apart_s", "unit"),
    [
        (3600, "an hour (UTC) of parts"),
        (600, "ten minutes (UTC) of parts"),
        (60, "a minute (UTC) of parts"),
        (1, "a second (UTC) of parts"),
    ],
)
def test_units_without_lots_are_blocks_of_time(apart_s: int, unit: str) -> None:
    """The longest one of which there are enough; parts of one block stay together."""
    items = [item(k, at_s=(k // 2) * apart_s) for k in range(60)]
    found, said = units_of(items)
    assert said == unit
    serials = {part.serial: k for k, unit_ in enumerate(found) for part in unit_}
    assert all(serials[k] == serials[k + 1] for k in range(0, 60, 2))


def test_units_keep_what_was_inspected_twice_together() -> None:
    """One serial number is one part, also where it came again in another lot, and over a third."""
    items = [item(k, lot=f"L{k}") for k in range(1, 6)]
    items[0] = items[0]._replace(serial_number="S1")
    items[1] = items[1]._replace(serial_number="S1")
    items[2] = items[2]._replace(serial_number="S2", lot="L2")
    items[3] = items[3]._replace(serial_number="S2")
    found, said = units_of([*items, item(9)])
    assert sorted([sorted(part.serial for part in unit) for unit in found]) == [
        [1, 2, 3, 4],
        [5],
        [9],
    ]
    assert said.startswith("a lot, and of parts without one ")
