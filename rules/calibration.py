"""The scale of a view, measured by `gonogo calibrate` and kept in one small file.

JSON, sealed as every file of ours that changes a verdict (gonogo.base.seal): one that was edited is
refused, and made again in a minute. It has no date; the records say which file judged, by a digest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base import strict_json
from gonogo.base.errors import CalibrationFileError, OutputError
from gonogo.base.sealed_file import SealedFile
from gonogo.base.section import Section
from gonogo.rules.lens import Lens

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape

ENDING = ".json"
VERSION = 1
MAX_BYTES = 1 << 16  # a whole one has some 600
_SEAL = strict_json.seal_of("gonogo calibration")
_AGAIN = "make it again: gonogo calibrate"

Residual = Annotated[float, Field(ge=0, le=65535)]


class Calibration(Section):
    """How many millimetres a pixel of a view is, at the height of the parts.

    With `lens` that holds of straightened points (gonogo.rules.lens), else of points as seen.
    Residuals: how far points lay from where scale and lens put them; None where nothing told.
    """

    version: Literal[1] = 1
    """Of the file's form."""
    view: Annotated[str, Field(min_length=1, max_length=40)]
    """The view that it was made for."""
    width_px: Annotated[int, Field(ge=1, le=65535)]
    """Width of its frames."""
    height_px: Annotated[int, Field(ge=1, le=65535)]
    """Height of its frames."""
    made_by: Literal["board", "gauge"]
    """A checkerboard, or a gauge part of known size."""
    pictures: Annotated[int, Field(ge=1, le=10_000)]
    """How many it was made from."""
    mm_per_px: Annotated[float, Field(gt=0, le=100)]
    """Millimetres in one pixel."""
    rms_px: Residual | None
    """Root mean square of the residuals."""
    worst_px: Residual | None
    """The largest residual."""
    lens: Lens | None
    """How the lens bends, where the pictures told."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that it says."""
        return hashlib.sha256(strict_json.encode(self)).hexdigest()

    def in_words(self) -> str:
        """One line for a technician."""
        found = f"{self.mm_per_px:.6g} mm/px by {self.made_by}"
        if self.rms_px is None or self.worst_px is None:
            found += ", residual not known (one picture)"
        else:
            found += f", residual {self.rms_px:.3f} px rms, {self.worst_px:.3f} px worst"
        return found + (", lens straightened" if self.lens else ", lens not known")


_FILE = SealedFile(Calibration, _SEAL, VERSION, MAX_BYTES, CalibrationFileError, _AGAIN)


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write the file whole or not at all; OutputError."""
    if path.suffix != ENDING:
        raise OutputError(f"{path}: expected the name of a file that ends in {ENDING}")
    _FILE.write(path, calibration)


def read_calibration(path: Path, view: str, frame: FrameShape) -> Calibration:
    """The calibration of a view with such frames; CalibrationFileError says why there is none."""
    found = _FILE.read(path)
    size, wanted = (found.width_px, found.height_px), (frame.width_px, frame.height_px)
    if size != wanted:
        raise CalibrationFileError(
            f"{path}: made of frames of {size[0]} x {size[1]} px, expected {wanted[0]} x "
            f"{wanted[1]} px as the camera of view '{view}' has them; {_AGAIN}"
        )
    if found.view != view:
        raise CalibrationFileError(
            f"{path}: made for view '{found.view}', expected one for view '{view}'; {_AGAIN}"
        )
    return found
