"""JSON from strangers: one reading of the same bytes, or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import BundleManifestError
from gonogo.base.section import Section
from gonogo.base.strict_json import decode, encode, read, seal_of, sealed, unsealed


class Card(Section):
    """What is read from a file."""

    name: str
    score: float = 0.0


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), plain))
def test_json_is_read_back_as_it_was_written(table: dict[str, Any]) -> None:
    """Whatever it holds."""
    assert decode(encode(table), "x") == table


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"a": 1, "a": 2}', "a key stands there twice"),
        (b'{"a": NaN}', "NaN, which is no JSON"),
        (b'{"a": -Infinity}', "-Infinity, which is no JSON"),
        (b'{"a": 1e999}', "a number beyond all bounds"),
        (b'{"a": ' + b"1" * 20 + b"}", "a whole number of more than 19 digits"),
        (b'\xef\xbb\xbf{"a": 1}', "BOM"),
        (b'{"a": "\xff"}', "invalid start byte"),
        (b'{"a": 1', "delimiter"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(raw: bytes, why: str) -> None:
    """With what it is, why, and what to do."""
    with pytest.raises(BundleManifestError, match=f"card.json: .*{why}.*; have it built again"):
        decode(raw, "card.json")


def test_json_of_a_section_is_checked_strictly() -> None:
    """A text is no number, and what is missing is said."""
    assert read(b'{"name": "top", "score": 2}', Card, "x") == Card(name="top", score=2.0)
    with pytest.raises(BundleManifestError, match="x: 1 findings, the first: name: Field req"):
        read(b"{}", Card, "x")
    with pytest.raises(BundleManifestError, match="score: Input should be a valid number"):
        read(b'{"name": "top", "score": "2"}', Card, "x")


def test_json_message_drives_no_terminal_and_has_an_end() -> None:
    """Keys are a stranger's words: no escape sequence of theirs is shown, and not for ever."""
    with pytest.raises(BundleManifestError) as refused:
        read(encode({"name": "top", "\x1b[31m" + "k" * 1000: 1}), Card, "x")
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 400
    assert "..." in str(refused.value)


@given(st.integers(0, 1 << 30), st.integers(1, 255))
def test_json_seal_notices_each_changed_byte(at: int, by: int) -> None:
    """What was sealed opens to what was in it; with one byte changed to nothing."""
    seal = seal_of("cards of tests")
    raw = sealed(Card(name="top"), seal)
    whole = unsealed(raw, seal)
    assert whole == encode(Card(name="top"))
    assert decode(raw, "x")["digest"]
    changed = bytearray(raw)
    changed[at % len(raw)] = (changed[at % len(raw)] + by) % 256
    assert unsealed(bytes(changed), seal) is None
