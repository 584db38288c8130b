"""What an error's number means and what to do, from the page that is installed with the program."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "error-codes.md"
_ROW = re.compile(r"\| (GN\d{3}) \| (.*?) \| (.*?) \|?$")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


class Code(NamedTuple):
    """One number."""

    number: str
    means: str
    remedy: str


@lru_cache(maxsize=1)
def codes(page: Path = PAGE) -> dict[str, Code]:
    """All of them by number; OSError where the page is not installed."""
    found = (_ROW.match(line) for line in page.read_text(encoding="utf-8").splitlines())
    rows = (Code(row[1], plain(row[2]), plain(row[3])) for row in found if row)
    return {each.number: each for each in rows}


def numbers_in(text: str) -> list[str]:
    """Those that a message names, each once."""
    return list(dict.fromkeys(re.findall(r"\bGN\d{3}\b", text)))


def plain(text: str) -> str:
    """Without the marks of a page: a terminal has no links."""
    return _LINK.sub(r"\1", text).replace("`", "'").replace("**", "")
