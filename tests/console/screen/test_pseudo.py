"""The languages that nobody speaks."""

from __future__ import annotations

import re
import unicodedata

import pytest

from gonogo.console.screen.pages import texts
from gonogo.console.screen.pseudo import LONGER, MIRRORED, PSEUDO, made_up

ENGLISH = texts("en")
LETTER = re.compile(r"[a-z]", re.IGNORECASE)


def spoken(language: str) -> dict[str, str]:
    """Its texts, without those that are no words."""
    found = made_up(ENGLISH, language)
    return {key: text for key, text in found.items() if key in ENGLISH and key != "direction"}


@pytest.mark.parametrize("language", [PSEUDO, MIRRORED])
def test_made_up_catalogue_keeps_keys_and_fields_and_adds_its_own_name(language: str) -> None:
    """A page in it shows what one in English does."""
    found = made_up(ENGLISH, language)
    assert set(found) - set(ENGLISH) == {f"language.{language}"}
    for key, text in spoken(language).items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", ENGLISH[key]))


@pytest.mark.parametrize("language", [PSEUDO, MIRRORED])
def test_made_up_text_is_two_fifths_longer_within_brackets(language: str) -> None:
    """Both brackets are seen, or something was cut off."""
    for key, text in spoken(language).items():
        if not LETTER.search(re.sub(r"\{\w+\}", "", ENGLISH[key])):
            assert text == ENGLISH[key]
            continue
        assert (text[0], text[-1]) == ("[", "]")
        longer, plain = (re.sub(r"\{\w+\}", "", each) for each in (text, ENGLISH[key]))
        assert len(longer) - 2 >= LONGER * len(plain) - 4, key


def test_mirrored_text_is_written_from_right_to_left_and_says_so() -> None:
    """No Latin letter is left but those of fields."""
    assert made_up(ENGLISH, MIRRORED)["direction"] == "rtl"
    assert made_up(ENGLISH, PSEUDO)["direction"] == "ltr"
    text = re.sub(r"\{\w+\}", "", made_up(ENGLISH, MIRRORED)["look"])
    kinds = {unicodedata.bidirectional(letter) for letter in text if letter.isalpha()}
    assert kinds == {"R"}


def test_pseudo_text_has_letters_that_a_page_has_nowhere_else() -> None:
    """What has no accent on a page in it is in no catalogue."""
    assert made_up({"look": "Look at this part"}, PSEUDO) == {
        "look": "[Löööök ààt thîîš pààrt ~]", "direction": "ltr", "language.pseudo": "pseudo",
    }  # fmt: skip
