"""Reads a systemd unit file, as far as the tests of ours need it.

Import as `gonogo.tests.units`.
"""

from __future__ import annotations


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
