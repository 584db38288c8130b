"""Languages that nobody speaks, made of English: has a page room, and can it be turned around.

The first has letters with accents, is two fifths longer, and stands in brackets: what has none on a
page is in no catalogue, and a bracket that is missing was cut off. The second is written from right
to left. `?language=pseudo` and `?language=pseudo-mirrored` show them on any station; no list offers
them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PSEUDO, MIRRORED = "pseudo", "pseudo-mirrored"
LONGER = 1.4  # German and Russian stay below that beside English, but for the shortest words
_ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "àçéîñöšüýžÀÇÉÎÑÖŠÜÝŽ")
# letters that are written from right to left, whatever they mean
_TURNED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz", "\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8\u05d9"
    "\u05da\u05db\u05dc\u05dd\u05de\u05df\u05e0\u05e1\u05e2\u05e3\u05e4\u05e5\u05e6\u05e7\u05e8\u05e9"
)  # fmt: skip
_FIELD = re.compile(r"(\{\w+\})")
_LETTER = re.compile(r"[A-Za-z]")
_VOWEL = re.compile(r"([aeiou])", re.IGNORECASE)


def made_up(english: Mapping[str, str], language: str) -> dict[str, str]:
    """A catalogue with the keys and fields of the English one; `language` is one of the two."""
    mirrored = language == MIRRORED
    found = {key: _text(text, mirrored=mirrored) for key, text in english.items()}
    # what joins other texts adds no bracket of its own
    joined = {k: text for k, text in english.items() if not _LETTER.search(_FIELD.sub("", text))}
    own = {"direction": "rtl" if mirrored else "ltr", f"language.{language}": language}
    return {**found, **joined, **own}


def _text(text: str, *, mirrored: bool) -> str:
    whole = "".join(_piece(each, mirrored=mirrored) for each in _FIELD.split(text))
    return f"[{whole}{_rest(text, whole)}]"


def _piece(text: str, *, mirrored: bool) -> str:
    """A field stays as it is; vowels of the rest are written twice, for longer words as well."""
    if _FIELD.fullmatch(text):
        return text
    doubled = _VOWEL.sub(r"\1\1", text)
    return doubled.lower().translate(_TURNED) if mirrored else doubled.translate(_ACCENTS)


def _rest(text: str, whole: str) -> str:
    """What is missing to the full length, as a word of its own."""
    missing = round(_letters(text) * LONGER) - _letters(whole)
    return f" {'~' * (missing - 1)}" if missing > 1 else ""


def _letters(text: str) -> int:
    return len(_FIELD.sub("", text).strip(" .,:()"))
