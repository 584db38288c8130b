"""The slow checks of one view: what of many trusted frames is the camera's, and not the part's.

Fed a frame now and then; PARTS of them are a round, and what two rounds have found is told. A frame
that is larger than BAND_BYTES is looked at in bands of rows, a round each, for pixels that are
stuck: what is kept for it stays the same, and it takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.rules.image_trust.dust import Light, cell_px, dusty
from gonogo.rules.image_trust.spots import Spot, Told, spots_of
from gonogo.rules.image_trust.stuck import Counts, tile_px, told_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.image_trust.dust import Clean
    from gonogo.rules.image_trust.optics_learnt import Optics
    from gonogo.rules.image_trust.stuck import Usual

    Frame = NDArray[np.uint8]

PARTS = 64  # frames of a round
SEEN = 2 * PARTS  # until it says anything
BAND_BYTES = 8 << 20  # of a frame that pixels are counted in at a time; four times as much is kept
NAMED = 3  # places that are named one by one


class Care(NamedTuple):
    """What a person should see to: all places of each kind, and whether that is anything new."""

    stuck: tuple[Spot, ...]
    dust: tuple[Spot, ...]
    new_stuck: bool = False
    new_dust: bool = False

    def __str__(self) -> str:
        said = []
        if self.new_stuck:
            said.append(
                f"{_count(self.stuck, 'place')} on the sensor did not follow what {SEEN} parts "
                f"showed (dead or hot pixels): {_named(self.stuck)}; have the camera's pixel "
                "correction made anew, or exchange it before it hides a defect"
            )
        if self.new_dust:
            said.append(
                f"{_count(self.dust, 'place')} darker than when the view was learnt, whatever "
                f"{SEEN} parts showed there (dust): {_named(self.dust)}; clean glass, lens and "
                "sensor; where the scene was changed, learn the view again"
            )
        return "; ".join(said)


class StuckWatch:
    """Pixels that do not follow what parts show."""

    def __init__(self, geometry: FrameShape, usual: Usual, band_bytes: int = BAND_BYTES) -> None:
        self._usual, side = usual, tile_px(geometry)
        # whole tiles: what parts differ by is seen in those
        tiles = max(1, band_bytes * geometry.height_px // geometry.nbytes // side)
        self._bands = [
            slice(top, min(top + tiles * side, geometry.height_px))
            for top in range(0, geometry.height_px, tiles * side)
        ]
        self._at = 0
        self._counts = Counts(geometry, self._bands[0])
        self._told = Told()

    @property
    def spots(self) -> tuple[Spot, ...]:
        """All that is told of."""
        return tuple(self._told.spots)

    def add(self, frame: Frame) -> bool:
        """One more frame; whether there is something new."""
        self._counts.add(frame)
        if self._counts.frames < PARTS:
            return False
        top_px = self._bands[self._at].start
        stuck, not_well = told_of(self._counts, self._usual)
        self._at = (self._at + 1) % len(self._bands)
        self._counts.move(self._bands[self._at])
        return bool(self._told.news(spots_of(stuck, top_px=top_px), not_well, top_px))


class DustWatch:
    """Places that are darker than when it was clean."""

    def __init__(self, geometry: FrameShape, clean: Clean) -> None:
        self._clean, self._light = clean, Light(geometry)
        self._cell_px = cell_px(geometry)
        self._told = Told(self._cell_px)

    @property
    def spots(self) -> tuple[Spot, ...]:
        """All that is told of."""
        return tuple(self._told.spots)

    def add(self, frame: Frame) -> bool:
        """One more frame; whether there is something new."""
        self._light.add(frame)
        if self._light.frames < PARTS:
            return False
        dark, not_well = dusty(self._light, self._clean)
        self._light.clear()
        return bool(self._told.news(spots_of(dark, self._cell_px), not_well))


class OpticsWatch:
    """Both, as far as the view has learnt them."""

    def __init__(self, geometry: FrameShape, learnt: Optics) -> None:
        usual, clean = learnt
        self._stuck = None if usual is None else StuckWatch(geometry, usual)
        self._dust = None if clean is None else DustWatch(geometry, clean)

    def add(self, frame: Frame) -> Care | None:
        """One more trusted frame, uint8 of the geometry; what a person should see to, if new."""
        new_stuck = self._stuck is not None and self._stuck.add(frame)
        new_dust = self._dust is not None and self._dust.add(frame)
        if not (new_stuck or new_dust):
            return None
        stuck = () if self._stuck is None else self._stuck.spots
        dust = () if self._dust is None else self._dust.spots
        return Care(stuck, dust, new_stuck, new_dust)


def _count(spots: Sequence[Spot], word: str) -> str:
    return f"{len(spots)} {word}{'' if len(spots) == 1 else 's'}"


def _named(spots: Sequence[Spot]) -> str:
    named = ", ".join(f"x {each.x_px} y {each.y_px} px" for each in spots[:NAMED])
    more = len(spots) - NAMED
    return f"{named} and {more} more" if more > 0 else named
