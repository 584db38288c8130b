"""Somebody who visits the pages of a screen in a real Chromium, and photographs what is on them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base import atomic_file
from gonogo.commands.show.few_colours import few_colours

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.proving.peers.chromium import Chromium

MARGIN_PX = 1  # around a part of a page
ALIKE = 1 / 500  # of the pixels: a clock that has gone on
LEVELS = 32  # by which a pixel must differ to be another one
LIVES = "document.querySelector('h1')?.textContent && !document.body.classList.contains('dead')"
FULL = (
    "[...document.images].filter((each) => each.offsetParent && !each.hidden)"
    ".every((each) => each.complete && each.naturalWidth)"
)
_PAINT_S = 0.15  # of a page that was told its size


class Window(NamedTuple):
    """What a page is shown in, px."""

    wide_px: int
    high_px: int


SMALLEST = Window(1024, 600)  # display that the pages are made for


class Visitor(NamedTuple):
    """In one tab, at the screen with that address."""

    page: Chromium
    url: str
    folder: Path

    def go(self, path: str, until: str = LIVES) -> None:
        """To a page of it (`#parts`, `limits.html`), and wait until it is there."""
        self.page.size(*SMALLEST)
        self.page.open("about:blank")  # or only the hash would be another
        self.page.open(f"{self.url}{path}")
        self.page.until(until)

    def press(self, selector: str, word: str = "") -> None:
        """A button, or the first of them with that word on it, as soon as it may be pressed."""
        # found and pressed at once: in between the page may be without an answer of the box
        self.page.until(
            f"(() => {{ const found = [...document.querySelectorAll({json.dumps(selector)})]"
            f".find((each) => !each.disabled && each.textContent.includes({json.dumps(word)}));"
            "found?.click(); return !!found; })()"
        )

    def fill(self, selector: str, text: str) -> None:
        """Type that into a field, or choose it of a list."""
        field = f"document.querySelector({json.dumps(selector)})"
        self.page.until(f"!!{field}?.offsetParent")
        self.page.ask(f"{field}.value = {json.dumps(text)}")
        self.page.ask(f"{field}.dispatchEvent(new Event('change'))")

    def says(self, selector: str, text: str) -> None:
        """Wait until that is written there."""
        js = f"document.querySelector({json.dumps(selector)})?.textContent"
        self.page.until(f"({js} ?? '').includes({json.dumps(text)})")

    def photograph(
        self, name: str, of: str = "", window: Window = SMALLEST, still: str = LIVES
    ) -> None:
        """What is in such a window, or one element of it alone; `still`: what must hold."""
        self.page.size(*window)
        if of:
            self.page.ask(
                f"document.querySelector({json.dumps(of)}).scrollIntoView({{block: 'center'}})"
            )
        whole = f"({still}) && {FULL}"
        pixels = None
        # a box that is busy may be without an answer for a moment, and the page struck through
        while pixels is None or not self.page.ask(whole):
            self.page.until(whole)
            time.sleep(_PAINT_S)
            pixels = self.seen()
        keep(self.folder / f"{name}.png", cut(pixels, self._box(of)) if of else pixels)

    def seen(self) -> NDArray[np.uint8]:
        """What is in the window, uint8 (height, width, 3), BGR."""
        found = cv2.imdecode(np.frombuffer(self.page.picture(), np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(found, np.uint8)

    def _box(self, of: str) -> tuple[int, int, int, int]:
        js = (
            f"(() => {{ const b = document.querySelector({json.dumps(of)}).getBoundingClientRect();"
        )
        left, top, right, bottom = self.page.ask(
            f"{js} return [b.left, b.top, b.right, b.bottom]; }})()"
        )
        return int(left), int(top), int(right) + 1, int(bottom) + 1


def cut(pixels: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """That part of it (left, top, right, bottom, px) with some margin, as far as there is any."""
    left, top, right, bottom = box
    return pixels[
        max(top - MARGIN_PX, 0) : bottom + MARGIN_PX, max(left - MARGIN_PX, 0) : right + MARGIN_PX
    ]


def keep(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Put it there, unless the one that is there shows the same at another hour; OSError.

    A picture that is to be made anew whatever it shows is to be removed before.
    """
    there = cv2.imread(str(path)) if path.exists() else None
    if there is None or not alike(np.asarray(there, np.uint8), pixels):
        atomic_file.replace(path, few_colours(pixels))
        path.chmod(0o644)


def alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether nothing but a few digits of a clock differs."""
    if one.shape != other.shape:
        return False
    apart = np.abs(one.astype(np.int16) - other).max(axis=2) > LEVELS
    return float(apart.mean()) <= ALIKE
