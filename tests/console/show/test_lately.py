"""The newest numbers of errors in a kept log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LogUnreadable
from gonogo.console.show.lately import lately

if TYPE_CHECKING:
    from pathlib import Path


def line(second: int, level: str, text: str) -> str:
    """One of the log."""
    time = f"2026-11-30T14:02:{second:02d}.000+00:00"
    return json.dumps(
        {"time": time, "at_ns": second, "level": level, "process": "line", "station": "cell",
         "event": "e", "text": text}
    )  # fmt: skip


def test_lately_names_the_newest_numbers_first_and_each_once(tmp_path: Path) -> None:
    """Of warnings; what nobody explains is left out, and what is older than five others."""
    log = tmp_path / "log.jsonl"
    texts = ["GN404: x", "GN651: x", "GN404: again", "GN999: unknown", "no number"]
    lines = [line(k, "warning", text) for k, text in enumerate(texts)]
    log.write_text("\n".join([*lines, line(9, "info", "GN300: no warning"), ""]), encoding="utf-8")
    found = lately(log)
    assert [known.number for known in found] == ["GN404", "GN651"]
    assert all(known.remedy for known in found)


def test_lately_says_that_there_is_no_log(tmp_path: Path) -> None:
    """Its own error, which whoever asked may leave out."""
    with pytest.raises(LogUnreadable):
        lately(tmp_path / "none.jsonl")
