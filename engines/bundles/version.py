"""Version numbers of bundles and of gonogo itself: 1.2.3 or 1.2.3-rc.1.

As semver.org 2.0.0 has them, without a build part.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Annotated

from pydantic import Field

_NUMBER = "(0|[1-9][0-9]{0,5})"  # no zero in front: 1.02.0 would be a second name of 1.2.0
NUMBERS = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
PATTERN = rf"{NUMBERS}(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?"
LONGEST = 40  # characters; it is the name of a folder, too

Version = Annotated[str, Field(pattern=rf"^{PATTERN}$", max_length=LONGEST)]
Release = Annotated[str, Field(pattern=rf"^{NUMBERS}$", max_length=LONGEST)]

Order = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def is_version(text: str) -> bool:
    """Whether it can stand as the version of a bundle, and so as the name of a folder."""
    return len(text) <= LONGEST and re.fullmatch(PATTERN, text) is not None


def order(text: str) -> Order:
    """What sorts a version among others: a release candidate comes before its release."""
    release, _, candidate = text.partition("-")
    parts = candidate.split(".") if candidate else []
    # numbers by their value and before words, a longer row after a shorter one (semver 2.0.0, 11.4)
    words = tuple((not p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts)
    return numbers(release), not candidate, words  # False, a candidate, sorts before True


def numbers(text: str) -> tuple[int, ...]:
    """The three numbers that a version begins with; none without them."""
    found = re.match(NUMBERS, text)
    return tuple(map(int, found.groups())) if found else ()


def running() -> str:
    """The version of the gonogo that runs, without what a development build adds."""
    return ".".join(map(str, numbers(version("gonogo")))) or "0.0.0"
