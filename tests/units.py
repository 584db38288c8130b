"""Reads a systemd unit file, as far as the tests of ours need it.

Import as `gonogo.tests.units`.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ALWAYS = "@default"  # what systemd allows beside any list


def settings_of(text: str, section: str = "Service") -> dict[str, list[str]]:
    """Every value that a key of a section is given, in order."""
    found: dict[str, list[str]] = {}
    here = ""
    for line in text.splitlines():
        if line.startswith("["):
            here = line.strip("[]")
        elif here == section and line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def allowed_calls(settings: Mapping[str, Sequence[str]]) -> list[str]:
    """The calls that SystemCallFilter= leaves, its sets as this machine's systemd has them."""
    allowed = _expanded(_ALWAYS)
    for value in settings["SystemCallFilter"]:
        names = frozenset[str]().union(*(_expanded(name) for name in value.lstrip("~").split()))
        allowed = allowed - names if value.startswith("~") else allowed | names
    return sorted(allowed)


def knows_sets() -> bool:
    """Whether this machine can say what is in a set of calls."""
    return shutil.which("systemd-analyze") is not None


def _expanded(name: str) -> frozenset[str]:
    if not name.startswith("@"):
        return frozenset({name})
    return frozenset[str]().union(*(_expanded(inner) for inner in _sets()[name]))


@cache
def _sets() -> dict[str, list[str]]:
    """What each set of calls holds: calls and other sets."""
    command = ["systemd-analyze", "syscall-filter", "--no-pager"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in text.splitlines():
        name = line.strip()
        if line.startswith("@"):
            here = found.setdefault(name, [])
        elif not line.startswith(" "):
            here = []  # between two sets, or what is in none
        elif not name.startswith("#"):
            here.append(name)
    return found
