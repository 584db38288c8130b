"""Names of every kind: which are taken, and which two are one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.errors import AccountUnfit
from gonogo.console.access.names import LONGEST, drawn, fit, folded


@pytest.mark.parametrize(
    "name",
    ["anna", "Anna Müller", "m.weber-2", "Ольга", "İbrahim", "Çağr\u0131", "王小明", "たなか",
     "א", "a_b", "ß", "x" * LONGEST],
)  # fmt: skip
def test_fit_takes_names_of_people(name: str) -> None:
    """Of the languages that the screen speaks, and of others."""
    assert fit(name) == unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "x" * (LONGEST + 1), "x" * 1_000_000, "an\x00na", "an\nna",
        "an\x1b[2Jna", "an\x7fna",
        "an\u202ena", "an\u200fna", "an\u200bna", "an\ufeffna", "an\u00adna", "an\u2028na",
        "an\u3164na", "\u115fanna", "an\ufe0fna", "an\u034fna", "an\ud800na", "\ufdfa\ufdfa",
        "\u0430nna",
        "anna/root", "<b>anna</b>", "a'; DROP", "a;b", "a=b", "-anna", "anna.", "an  na", "an._na",
        "\u0301anna", "ann\u03b1", "١٢٣", "\U0001f600", "\ue000", "a\u20dd", "a\u180bb",
    ],
)  # fmt: skip
def test_fit_refuses_what_is_no_name(name: str) -> None:
    """Control characters, directions, NUL, what nothing is seen of, two alphabets, a megabyte."""
    with pytest.raises(AccountUnfit, match="GN663") as found:
        fit(name)
    said = str(found.value)
    assert said.isprintable()
    assert len(said) < 400


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "ANNA"),
        ("anna", "\uff41\uff4e\uff4e\uff41"),
        ("Straße", "STRASSE"),
        ("\u00e9va", "e\u0301va"),
        ("K", "\u212a"),
        ("ﬁn", "FIN"),
        (" anna ", "anna"),
        ("ΣΟΦΟΣ", "σοφος"),
    ],
)
def test_folded_is_the_same_for_spellings_of_one_name(one: str, other: str) -> None:
    """Case, width, composed accents, ligatures."""
    assert folded(one) == folded(other)


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_folded_changes_nothing_the_second_time(name: str) -> None:
    """Folding once is enough, wherever it is done."""
    assert folded(folded(name)) == folded(name)


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_fit_and_folded_never_fail_otherwise(name: str) -> None:
    """A name or GN663; one that is taken is found again by what it is shown as."""
    try:
        shown = fit(name)
    except AccountUnfit:
        return
    assert fit(shown) == shown
    assert folded(shown) == folded(name) != ""


def test_folded_looks_at_no_megabyte() -> None:
    """It is nobody's name, and is not worked on."""
    assert folded("x" * 1_000_000) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("\u0441\u043e\u0440\u0430", "copa"), ("Анна", "Ahha")],
)
def test_drawn_is_the_same_for_what_looks_the_same(one: str, other: str) -> None:
    """Of two alphabets, each name in one of them."""
    assert folded(one) != folded(other)
    assert drawn(one) == drawn(other)
