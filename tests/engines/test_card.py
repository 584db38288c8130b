"""The card of an engine: nothing of it can change unnoticed, for it decides what passes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ModelError
from gonogo.engines.card import Card, card_path, digest_of, read_card, read_engine, write_card
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An engine with its card."""
    return tiny_engine(tmp_path / "top.onnx", reject_above=1.06)


def test_card_is_read_back_as_it_was_written(model: Path) -> None:
    """With the bytes of the model that it was checked against."""
    card, content = read_engine(model)
    assert card.reject_above == 1.06
    assert content == model.read_bytes()
    write_card(model, card)
    assert read_card(model) == card


def test_card_with_any_bit_flipped_is_refused_or_says_the_same(model: Path) -> None:
    """A limit of 1.06 that has become 9.06 lets bad parts pass."""
    path, card = card_path(model), read_card(model)
    whole = path.read_bytes()
    taken = 0
    for at in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                found = read_card(model)
            except ModelError:
                continue
            assert found == card, damaged
            taken += 1
    assert taken < len(whole) // 2, "only white space may change into other white space"


@pytest.mark.parametrize("cut", [0, 1, 40, -3, -20])
def test_card_that_was_cut_off_is_refused(model: Path, cut: int) -> None:
    """As a full disk leaves it."""
    path = card_path(model)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelError, match="is not an engine card"):
        read_card(model)


def test_card_edited_by_hand_is_refused_with_the_right_way(model: Path) -> None:
    """Other limits are a matter of the station file, where everybody sees them."""
    path = card_path(model)
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | {"reject_above": 9.0}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"digest.*prepare STATION --again.*reject_above in"):
        read_card(model)


def test_card_without_a_digest_is_refused(model: Path) -> None:
    """Of an earlier gonogo, or with the line taken out."""
    path = card_path(model)
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["digest"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match="not as it was written"):
        read_card(model)


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', '{"reject_above": NaN}', "[]", "7", '"x"', "null", "\xff", "{" * 5000],
)
def test_card_that_is_no_card_is_refused(model: Path, text: str) -> None:
    """One error with a number, whatever stands there."""
    card_path(model).write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match=r"is not an engine card|not as it was written"):
        read_card(model)


def test_card_is_of_this_very_model(model: Path) -> None:
    """One bit of the model, and the limits are no longer for it."""
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(ModelError, match="is not the file its card"):
        read_card(model)


def test_digest_does_not_depend_on_how_it_is_written_down() -> None:
    """Order of keys and white space are no content; everything else is."""
    assert digest_of({"a": 1, "b": [1.5]}) == digest_of({"b": [1.5], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    assert len({digest_of(x) for x in ({}, {"a": None}, {"a": ""}, {"a": 0}, {"a": False})}) == 5


def test_card_takes_no_number_that_is_none(model: Path) -> None:
    """Neither when it is written."""
    card = read_card(model).model_copy(update={"reject_above": float("nan")})
    with pytest.raises(ValueError, match="Out of range"):
        write_card(model, card)
    assert isinstance(read_card(model), Card)
