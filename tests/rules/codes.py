"""Codes drawn by other people's software: zxing-cpp's own writer, and zint.

Import as `gonogo.tests.rules.codes`. Who asks for a code skips where the one or the other is
missing, by its name.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# what zxing-cpp and zint call them
WRITERS = {
    "qr": ("QRCode", "QRCODE"),
    "micro_qr": ("MicroQRCode", "MICROQR"),
    "data_matrix": ("DataMatrix", "DATAMATRIX"),
    "aztec": ("Aztec", "AZTEC"),
    "pdf417": ("PDF417", "PDF417"),
    "ean13": ("EAN13", "EANX"),
    "ean8": ("EAN8", "EANX"),
    "upc_a": ("UPCA", "UPCA"),
    "upc_e": ("UPCE", "UPCE"),
    "code128": ("Code128", "CODE128"),
    "code39": ("Code39", "CODE39"),
    "code93": ("Code93", "CODE93"),
    "itf": ("ITF", "C25INTER"),
    "codabar": ("Codabar", "CODABAR"),
    "databar": ("DataBarOmni", "DBAR_OMN"),
}


def library() -> Any:  # noqa: ANN401 - a module
    """zxing-cpp, or the test is skipped."""
    return pytest.importorskip("zxingcpp", reason="zxing-cpp (the extra [code]) is not installed")


def drawn(symbology: str, text: str, module_px: int = 4, quiet: int = 4) -> NDArray[np.uint8]:
    """uint8 (rows, columns), dark on light, a quiet zone of so many modules around it."""
    zxingcpp = library()
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, WRITERS[symbology][0]))
    plain = np.array(code.to_image(scale=module_px, add_quiet_zones=False), np.uint8)
    edge = quiet * module_px
    return np.asarray(cv2.copyMakeBorder(plain, *(edge,) * 4, cv2.BORDER_CONSTANT, value=255))


def by_zint(folder: Path, symbology: str, text: str, scale: float = 2.0) -> NDArray[np.uint8]:
    """The same by zint, which shares nothing with the reader; modules of 2 x `scale` px."""
    if shutil.which("zint") is None:
        pytest.skip("zint (Debian) is not installed")
    out = folder / "code.png"
    options = ["--scale", str(scale), "--whitesp", "10", "--vwhitesp", "4", "--notext"]
    command = ["zint", "-b", WRITERS[symbology][1], "-d", text, "-o", str(out), *options]
    subprocess.run(command, check=True, timeout=60)
    return np.asarray(cv2.imread(str(out), cv2.IMREAD_GRAYSCALE), np.uint8)


def on_frame(
    label: NDArray[np.uint8], rows: int = 480, columns: int = 640, at: tuple[int, int] = (60, 80)
) -> NDArray[np.uint8]:
    """A part of middling grey, in colour, with the label at row and column `at`."""
    frame = np.full((rows, columns, 3), 170, np.uint8)
    top, left = at
    frame[top : top + label.shape[0], left : left + label.shape[1]] = label[..., None]
    return frame
