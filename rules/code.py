"""Codes on parts, read by zxing-cpp (https://github.com/zxing-cpp/zxing-cpp, Apache-2.0).

The reading cannot be interrupted. What bounds its time is the number of pixels, and a reading
that took too long all the same is not believed: the part is one of which the rule cannot tell.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import zxingcpp

from gonogo.base.words import NS_PER_MS
from gonogo.rules.code_pattern import compiled, fits
from gonogo.rules.code_section import PART_ID
from gonogo.rules.marks import Mark
from gonogo.rules.rule import judge
from gonogo.rules.window import BoundRule, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.words import RuleResult
    from gonogo.rules.code_section import CodeSection, Symbology

_FORMATS: dict[Symbology, zxingcpp.BarcodeFormat] = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "micro_qr": zxingcpp.BarcodeFormat.MicroQRCode,
    "data_matrix": zxingcpp.BarcodeFormat.DataMatrix,
    "aztec": zxingcpp.BarcodeFormat.Aztec,
    "pdf417": zxingcpp.BarcodeFormat.PDF417,
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "ean8": zxingcpp.BarcodeFormat.EAN8,
    "upc_a": zxingcpp.BarcodeFormat.UPCA,
    "upc_e": zxingcpp.BarcodeFormat.UPCE,
    "code128": zxingcpp.BarcodeFormat.Code128,
    "code39": zxingcpp.BarcodeFormat.Code39,
    "code93": zxingcpp.BarcodeFormat.Code93,
    "itf": zxingcpp.BarcodeFormat.ITF,
    "codabar": zxingcpp.BarcodeFormat.Codabar,
    "databar": zxingcpp.BarcodeFormat.DataBar,
}
LONGEST_NUMBER = 16  # digits of a part id, most of them leading zeros
BETWEEN = " | "  # of the texts of several codes


class CodeRule(BoundRule):
    """Counts the codes in its ROI; 0 where one says something else, nan where none was read.

    `clock_ns` is CLOCK_MONOTONIC; a test exchanges it.
    """

    def __init__(
        self,
        section: CodeSection,
        geometry: FrameShape,
        base: Path,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        del base  # it has no file
        super().__init__(section)
        self.unit = section.unit
        self.wants_part_id = section.equals_plc
        self._window = Window(section.name, section.roi, geometry, section.work_px)
        # a copy: the reader takes what lies in one piece
        self._grey = np.empty(self._window.shape[:2], np.uint8)
        self._formats = zxingcpp.BarcodeFormats([_FORMATS[each] for each in section.symbology])
        self._equals = section.equals
        self._pattern = None if section.matches is None else compiled(section.matches)
        self._most_ns = round(section.time_ms * NS_PER_MS)
        self._clock_ns = clock_ns

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """How many codes were read, all of which say what they must."""
        return self.check(pixels).value

    def check(self, pixels: NDArray[np.uint8]) -> RuleResult:
        """Read, count and compare; with what they say, those first that say something else."""
        start_ns = self._clock_ns()
        texts = [code.text for code in self._read(pixels)]
        wrong = [text for text in texts if not self._is_right(text)]
        count = math.nan if not texts else 0.0 if wrong else float(len(texts))
        # late is late, also where it said the right thing: the next part would be late as well
        if self._clock_ns() - start_ns > self._most_ns:
            count = math.nan
        told = wrong + [text for text in texts if text not in wrong]
        return judge(count, self.low, self.high, BETWEEN.join(told))

    def marks(self, pixels: NDArray[np.uint8]) -> list[Mark]:
        """Around each code: what was measured where it was read, an object where it was not."""
        return self._window.on_frame(_outline(code) for code in self._read(pixels, broken=True))

    def _read(
        self, pixels: NDArray[np.uint8], *, broken: bool = False
    ) -> Sequence[zxingcpp.Barcode]:
        """The codes in the ROI; with `broken` also those that are found and cannot be read."""
        image = self._window.take(pixels)
        if image.ndim == 2:  # noqa: PLR2004 - a grey camera
            np.copyto(self._grey, image)
        else:
            cv2.cvtColor(image, cv2.COLOR_BGR2GRAY, dst=self._grey)
        codes: Sequence[zxingcpp.Barcode] = zxingcpp.read_barcodes(
            self._grey,
            formats=self._formats,
            text_mode=zxingcpp.TextMode.Plain,  # as it was encoded, not as it is printed beneath
            return_errors=broken,
        )
        return codes

    def _is_right(self, text: str) -> bool:
        if self._equals is not None:
            return text == self._equals
        number = text
        if self._pattern is not None:
            found = fits(self._pattern, text)
            if found is None:
                return False
            number = found[PART_ID] or "" if self.wants_part_id else ""
        return not self.wants_part_id or self._is_part_id(number)

    def _is_part_id(self, number: str) -> bool:
        """In setting up any number will do; leading zeros do not count."""
        digits = number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER
        return digits and (self.part_id is None or self.part_id == int(number))


def _outline(code: zxingcpp.Barcode) -> Mark:
    its = code.position
    corners = [its.top_left, its.top_right, its.bottom_right, its.bottom_left]
    points = np.array([(each.x, each.y) for each in corners], np.float64)
    return Mark(points, "feature" if code.valid else "object")
