"""The files of the page: ours alone, read once, and named one by one.

No path of a request ever becomes a path on the disk.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from gonogo.console.screen.pseudo import MIRRORED, PSEUDO, made_up

FOLDER = Path(__file__).with_name("page")
LANGUAGES = ("en", "de", "tr", "ru", "zh")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
FILES = (
    "screen.css", "icon.svg", "screen.js", "draw.js", "words.js", "box.js", "part.js", "review.js",
    "why.js", "person.js", "login.html", "login.js",
    "alive.js", "frame.js", "chart.js", "interval.js", "side.css", "limits.html", "limits.js",
    "trends.html", "trends.js", "setup.html", "setup.js",
    *(f"texts/{each}.json" for each in LANGUAGES),
)  # fmt: skip
# nothing from outside, nothing inline, in no frame, no form
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class PageFile(NamedTuple):
    """One file as it is sent."""

    body: bytes
    content_type: str


def page_files() -> dict[str, PageFile]:
    """All of them, by the path that a browser asks for."""
    found = {f"/{name}": _read(name) for name in FILES}
    made = {f"/texts/{each}.json": _made_up(each) for each in (PSEUDO, MIRRORED)}
    return {"/": _read("index.html"), **found, **made}


def texts(language: str) -> dict[str, str]:
    """The catalogue of messages in a language, by their keys."""
    read: dict[str, str] = json.loads((FOLDER / "texts" / f"{language}.json").read_text("utf-8"))
    return read


def _made_up(language: str) -> PageFile:
    catalogue = made_up(texts(LANGUAGES[0]), language)
    return PageFile(json.dumps(catalogue).encode(), TYPES[".json"])


def _read(name: str) -> PageFile:
    path = FOLDER / name
    return PageFile(path.read_bytes(), TYPES[path.suffix])
