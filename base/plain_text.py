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


def escaped(text: str, longest: int, most_bytes: int) -> str:
    r"""What was read off a part, on one line: nothing of it is lost without a word.

    What cannot be printed stands as an escape (`\x1d`), and so does the backslash, as two. What
    is longer than `longest` characters or `most_bytes` of UTF-8 is cut off, and ends with how many
    characters there were: `ABC...(1000)`. Blanks at its ends are escaped, too: nobody sees them.
    """
    # a megabyte is not looked through letter by letter: every letter is one character at least
    shown = [_shown(letter) for letter in text[: longest + 1]]
    for at in (0, -1) if shown else ():
        shown[at] = shown[at].replace(" ", "\\x20")
    if len(text) <= longest and _fits("".join(shown), longest, most_bytes):
        return "".join(shown)
    end = f"...({len(text)})"
    while not _fits("".join(shown) + end, longest, most_bytes):
        shown.pop()
    return "".join(shown) + end


def _shown(letter: str) -> str:
    if letter.isprintable() and letter != "\\":
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def _fits(text: str, longest: int, most_bytes: int) -> bool:
    return len(text) <= longest and len(text.encode()) <= most_bytes


# a spreadsheet takes what begins so for a formula, and runs it; also in the wide letters of Asia
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: object) -> object:
    """What may stand in a CSV file: such a text has a ' before it, numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
