"""Text of people and strangers, made harmless: for files, terminals and pages."""

from __future__ import annotations

LONGEST = 200  # of a note: what a person says in a sentence or two


def harmless(text: str, longest: int = LONGEST) -> str:
    """One line without what could drive a terminal or turn the order of letters round.

    Control characters, marks for the direction of writing and everything else that cannot be
    printed become `?`, blanks of every kind a blank; what is longer is cut off, and ends so.
    """
    # cut first, and roughly: a megabyte is not looked through letter by letter
    blank = " ".join(text[: 2 * longest].split())
    shown = "".join(letter if letter.isprintable() else "?" for letter in blank)
    cut = len(shown) > longest or len(text) > 2 * longest
    return f"{shown[: longest - 3]}..." if cut else shown


# a spreadsheet takes what begins so for a formula, and runs it; also in the wide letters of Asia
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: object) -> object:
    """What may stand in a CSV file: such a text has a ' before it, numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
