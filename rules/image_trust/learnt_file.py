"""The file that a view has learnt: what good pictures have in common, and the limits they drew.

A JSON object that ends in a digest of itself (gonogo.base.strict_json). Written by
`gonogo learn-view`, read once before the line starts, never in the cycle. A check that is not in
it does not exist for this view: its good parts vary more than the damage that it would find.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from gonogo.base import strict_json
from gonogo.base.errors import TrustFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.sealed_file import SealedFile
from gonogo.base.section import Section
from gonogo.rules.image_trust.limits import CHECKS, Reference
from gonogo.rules.image_trust.optics_learnt import Optics, OpticsLearnt, optics_of
from gonogo.rules.image_trust.place import Place
from gonogo.rules.image_trust.sample import PERCENTILES, small_size

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
SEAL = strict_json.seal_of("gonogo image trust")
MAX_BYTES = 1 << 20  # three pictures of what stays the same (optics_learnt) at most, and numbers
AGAIN = "learn it again: gonogo learn-view STATION VIEW --good FOLDER"

Profile = tuple[Annotated[float, Field(ge=0, le=255)], ...]
Name = Literal[
    "too dark", "too bright", "saturated", "blurred", "shifted across", "shifted along", "torn",
    "frozen", "stale in part",
]  # fmt: skip


class Learnt(Section):
    """What the file holds; `pictures`: from so many good ones. Units: as the limits' checks."""

    version: Literal[1] = 1
    view: Annotated[str, Field(max_length=40)] = ""
    height_px: Annotated[int, Field(ge=1)]
    width_px: Annotated[int, Field(ge=1)]
    channels: Literal[1, 3]
    pictures: Annotated[int, Field(ge=1)]
    light_at: Annotated[int, Field(ge=0, le=len(PERCENTILES))]
    light_mean: Annotated[float, Field(ge=0, le=255)]
    edge_levels: Annotated[int, Field(ge=1, le=255)]
    fewest_edges: Annotated[int, Field(ge=0)]
    across: Profile
    down: Profile
    limits: dict[Name, float]
    optics: OpticsLearnt | None = None

    @property
    def geometry(self) -> FrameShape:
        """Of the frames it is for."""
        return FrameShape(self.height_px, self.width_px, self.channels)


class Trusted(NamedTuple):
    """What the frames of a view are held against; `light_mean`: of the good ones, grey levels."""

    reference: Reference
    limits: dict[str, float]
    light_mean: float
    digest: str = ""
    """SHA-256 of all that a frame is judged by; "" of what no file holds."""


FILE = SealedFile(Learnt, SEAL, VERSION, MAX_BYTES, TrustFileError, AGAIN)


def read_learnt(path: Path, view: str, geometry: FrameShape) -> Trusted:
    """What a view with frames of `geometry` is held against; TrustFileError says what is wrong."""
    learnt = _checked(path, view, geometry)
    rows, columns = small_size(geometry)
    if (len(learnt.down), len(learnt.across)) != (rows, columns):
        raise TrustFileError(
            f"{path}: expected {columns} columns and {rows} rows, "
            f"got {len(learnt.across)} and {len(learnt.down)}; {AGAIN}"
        )
    return trusted(learnt)


def read_optics(path: Path, view: str, geometry: FrameShape) -> Optics:
    """What the slow checks of that view compare with; TrustFileError says what is wrong."""
    learnt = _checked(path, view, geometry)
    try:
        return optics_of(learnt.optics or OpticsLearnt(), geometry)
    except ValueError as error:
        raise TrustFileError(f"{path}: optics: {error}; {AGAIN}") from error


def _checked(path: Path, view: str, geometry: FrameShape) -> Learnt:
    """The file, if it is of that view and its frames."""
    learnt = FILE.read(path)
    if learnt.view != view:
        raise TrustFileError(
            f"{path}: it was learnt for view '{learnt.view}', expected one for '{view}'; {AGAIN}"
        )
    if learnt.geometry != geometry:
        raise TrustFileError(
            f"{path}: it was learnt from frames of {_words(learnt.geometry)}, and the view's are "
            f"of {_words(geometry)}; {AGAIN}"
        )
    return learnt


def trusted(learnt: Learnt) -> Trusted:
    """The same, ready to be compared with; the limits in the order of the checks."""
    across, down = (Place(np.array(each, np.float32)) for each in (learnt.across, learnt.down))
    reference = Reference(learnt.light_at, learnt.edge_levels, learnt.fewest_edges, across, down)
    known: dict[str, float] = {str(name): limit for name, limit in learnt.limits.items()}
    limits = {name: known[name] for name in CHECKS if name in known}
    # what the slow checks have learnt judges no part
    judged = learnt.model_dump(mode="json", exclude={"optics"})
    digest = hashlib.sha256(strict_json.encode(judged)).hexdigest()
    return Trusted(reference, limits, learnt.light_mean, digest)


def _words(geometry: FrameShape) -> str:
    return f"{geometry.width_px} x {geometry.height_px} px, {geometry.channels} channel(s)"
