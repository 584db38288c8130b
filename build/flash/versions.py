"""Which of two versions is the older one: numbers with dots, and a name before a release."""

from __future__ import annotations

import re

_FORM = re.compile(r"(\d+(?:\.\d+)*)(?:[-.+_]?([a-z].*))?", re.IGNORECASE)


def is_older(new: str, now: str) -> bool:
    """Whether `new` came before `now`; what is no version counts as older: somebody has to say."""
    first, second = _parts(new), _parts(now)
    if first is None or second is None:
        return new != now
    return first < second


def _parts(version: str) -> tuple[tuple[int, ...], bool, str] | None:
    """Its numbers without zeros at the end, and what comes before the release itself (rc1)."""
    found = _FORM.fullmatch(version)
    if found is None:
        return None
    numbers = [int(each) for each in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    name = found[2] or ""
    return tuple(numbers), not name, name
