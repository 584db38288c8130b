"""Names of accounts: what one may be, and which two are the same.

Folded in this one place (NFKC, casefold, NFKC): `Anna`, `ANNA` and the wide letters of Asia are one
name. What NFKC leaves apart and eyes do not is refused: a name of two alphabets, and one that looks
like another that is there already (`asse` in Cyrillic letters beside `acce`).
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from gonogo.base.errors import AccountUnfit
from gonogo.base.plain_text import harmless

LONGEST = 32
_TYPED = 4 * LONGEST  # letters; what is longer is not looked at
_BETWEEN = frozenset(" ._-")
# one writing each; all that names of people are written in at a machine of ours so far
_TOGETHER = {"CJK": "CJK", "HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK"}
# small letters of other alphabets that are drawn as Latin ones (Unicode TR39, by hand)
_DRAWN_AS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u043a\u043c"
    "\u0442\u0432\u043d\u03b1\u03bf\u03c1\u03bd\u03c5\u03b9\u03ba\u03c4\u03c7\u03b5\u03b7\u0131",
    "aeopcyxijsdqwhkmtbhaopvuiktxeni",
)


def folded(name: str) -> str:
    """What two spellings of one name have in common; "" for what is too long to be one."""
    if len(name) > _TYPED:
        return ""
    plain = unicodedata.normalize("NFKC", name).casefold()
    # folding may undo what NFKC has joined
    return " ".join(unicodedata.normalize("NFKC", plain).casefold().split(" ")).strip(" ")


def fit(name: str) -> str:
    """The name as it is shown, or AccountUnfit: 1 to 32 letters and digits of one alphabet."""
    shown = unicodedata.normalize("NFKC", name).strip(" ") if len(name) <= _TYPED else ""
    wrong = _wrong(shown) if len(name) <= _TYPED else f"{len(name)} characters"
    if wrong:
        raise AccountUnfit(
            f"name '{harmless(name, LONGEST)}': {wrong}; expected 1 to {LONGEST} letters of one "
            "alphabet or digits, with single blanks, points, hyphens or underscores between them"
        )
    return shown


def drawn(name: str) -> str:
    """What a name looks like: two with the same cannot be told apart on a screen."""
    return folded(name).translate(_DRAWN_AS)


def _wrong(name: str) -> str:
    """What is wrong with a name; "" where nothing is."""
    if not 1 <= len(name) <= LONGEST or not folded(name):
        return f"{len(name)} characters"
    strange = next((each for each in name if not _may_stand(each)), None)
    if strange is not None:
        return f"U+{ord(strange):04X} in it"
    if name[0] in _BETWEEN or name[-1] in _BETWEEN:
        return "begins or ends with no letter"
    if any(one in _BETWEEN and other in _BETWEEN for one, other in pairwise(name)):
        return "two marks side by side"
    if unicodedata.combining(name[0]):
        return "begins with an accent"
    alphabets = {_alphabet(each) for each in name if unicodedata.category(each)[0] == "L"}
    return f"letters of {len(alphabets)} alphabets" if len(alphabets) > 1 else ""


def _may_stand(letter: str) -> bool:
    kind = unicodedata.category(letter)
    if kind[0] == "L":  # the fillers of Hangul are letters, and nothing is seen of them
        return "FILLER" not in unicodedata.name(letter, "FILLER")
    if kind[0] == "M":  # an accent, but no selector of a variant, of which nothing is seen
        return unicodedata.combining(letter) != 0
    return letter in _BETWEEN or "0" <= letter <= "9"


def _alphabet(letter: str) -> str:
    first = unicodedata.name(letter).split(" ")[0]
    return _TOGETHER.get(first, first)
