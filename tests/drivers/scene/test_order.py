"""Which part shows what: the same answer for the camera and the judge, for every part id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.drivers.scene.order import PART_IDS, Order, pick, table


@given(
    st.integers(0, PART_IDS - 1),
    st.integers(0, 2**63 - 1),
    st.integers(1, 500),
    st.sampled_from(Order),
)
def test_table_agrees_with_pick(part_id: int, seed: int, count: int, order: Order) -> None:
    """The table made at start says what the pure function says."""
    assert table(seed, count, order)[part_id] == pick(part_id, seed, count, order)


@pytest.mark.parametrize("order", Order)
def test_table_covers_more_images_than_part_ids(order: Order) -> None:
    """With more images than part ids no image shows twice."""
    walk = table(3, 70_000, order)
    assert len(walk) == PART_IDS
    assert len(set(walk[1:])) == PART_IDS - 1


@given(st.integers(0, 2**63 - 1), st.integers(1, 40), st.integers(0, 50))
def test_pick_shows_each_image_once_a_round(seed: int, count: int, round_: int) -> None:
    """A shuffled round leaves nothing out and repeats nothing."""
    parts = range(round_ * count + 1, (round_ + 1) * count + 1)
    shown = [pick(part, seed, count, Order.SHUFFLE) for part in parts]
    assert sorted(shown) == list(range(count))


def test_pick_walks_a_sequence_from_the_first_image() -> None:
    """Part 1 shows image 0, and after the last image it begins again."""
    assert [pick(part, 9, 3, Order.SEQUENCE) for part in range(1, 6)] == [0, 1, 2, 0, 1]


def test_pick_shuffles_by_seed_and_round() -> None:
    """Another seed or another round gives another order."""
    first = [pick(part, 1, 50, Order.SHUFFLE) for part in range(1, 51)]
    assert first != [pick(part, 2, 50, Order.SHUFFLE) for part in range(1, 51)]
    assert first != [pick(part, 1, 50, Order.SHUFFLE) for part in range(51, 101)]


@pytest.mark.parametrize(
    "function", [lambda: pick(1, 0, 0, Order.SEQUENCE), lambda: table(0, 0, Order.SHUFFLE)]
)
def test_scene_refuses_no_images(function: object) -> None:
    """There must be something to show."""
    assert callable(function)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        function()
