"""From good pictures to the checks of a view: limits, and which of them can be had at all.

Each picture in turn is left out: limits that the others draw must leave it alone, and must find
its damaged copies. A check is offered that found 95 % of its damage and gave no false alarm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import TrustLearnError
from gonogo.build.image_trust.damage import BEFORE, DAMAGES, MEANT_FOR, Good
from gonogo.build.image_trust.noise import least, noise_of
from gonogo.rules.image_trust.learnt_file import Learnt
from gonogo.rules.image_trust.limits import CHECKS, draw, profiles_of, reference_of
from gonogo.rules.image_trust.sample import GREEN, RISE_PX, Edges, Sampler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.image_trust.limits import Noise, Reference, Values
    from gonogo.rules.image_trust.sample import Sample

    Frame = NDArray[np.uint8]
    Read = Callable[[int], Frame]  # the picture of that number, read anew
    Progress = Callable[[str, int, int], None]

MIN_PICTURES, MAX_PICTURES = 30, 100
MIN_SIDE_PX = 64
FOUND = 0.95  # of its damage, for a check to be offered
EDGE_PICTURES = 12  # by which it is settled how strong an edge is
STRONG_PCT, WEAKEST = 98, 12  # of all rises across 4 px; grey levels, far above noise
_SEED = 57  # fixed: the same pictures teach the same


class Picture(NamedTuple):
    """What was measured on a good picture, and on its damaged copies by name of the damage."""

    good: Sample
    noise: Noise
    damaged: dict[str, Sample]


class Outcome(NamedTuple):
    """How a check did: of so many `pictures`, `found` damaged, and good ones taken for such."""

    check: str
    found: int
    false_alarms: int
    pictures: int

    @property
    def offered(self) -> bool:
        """Whether the view gets this check."""
        return self.found >= FOUND * self.pictures and not self.false_alarms


class Lesson(NamedTuple):
    """What is written to the file, and how every check did, offered or not."""

    learnt: Learnt
    outcomes: tuple[Outcome, ...]


def edge_levels(geometry: FrameShape, read: Read, count: int) -> int:
    """From which rise across 4 px on an edge is strong in these pictures, in grey levels."""
    edges = Edges(geometry, 1)
    strong = []
    for number in range(min(count, EDGE_PICTURES)):
        edges.measure(plane_of(read(number)))
        rows = edges.rows.astype(np.int16)
        rise = np.abs(rows[:, RISE_PX:] - rows[:, :-RISE_PX])
        strong.append(np.percentile(rise, STRONG_PCT))
    return max(int(np.median(strong)), WEAKEST)


def take_pictures(
    geometry: FrameShape, levels: int, read: Read, count: int, progress: Progress
) -> list[Picture]:
    """Measure and damage each picture; `levels` as `edge_levels` gives it."""
    rng = np.random.default_rng(_SEED)
    row, apart = Sampler(geometry, levels), Sampler(geometry, levels)
    former = read(count - 1)  # of the first one
    pictures = []
    for number in range(count):
        progress("looking at good pictures", number, count)
        frame = read(number)
        noise = noise_of(plane_of(frame))
        good = Good(frame, former, noise.whole)
        damaged = {name: _damaged(apart, name, good, rng) for name in DAMAGES}
        pictures.append(Picture(row.take(frame).kept(), noise, damaged))
        former = frame
    progress("looking at good pictures", count, count)
    return pictures


def _damaged(sampler: Sampler, name: str, good: Good, rng: np.random.Generator) -> Sample:
    before = BEFORE.get(name)
    if before is not None:
        sampler.take(good.frame if before == "itself" else good.former)
    return sampler.take(DAMAGES[name](good, rng)).kept()


def lesson_of(geometry: FrameShape, read: Read, count: int, progress: Progress) -> Lesson:
    """The checks of a view from `count` good pictures; TrustLearnError with too few of them."""
    check(geometry, count)
    levels = edge_levels(geometry, read, count)
    return learn(geometry, levels, take_pictures(geometry, levels, read, count, progress))


def check(geometry: FrameShape, count: int) -> None:
    """TrustLearnError with too few pictures, or too small ones."""
    if count < MIN_PICTURES:
        raise TrustLearnError(
            f"expected at least {MIN_PICTURES} good pictures, got {count}; limits from "
            "fewer would be chance: photograph more good parts"
        )
    if min(geometry.height_px, geometry.width_px) < MIN_SIDE_PX:
        raise TrustLearnError(
            f"expected frames of at least {MIN_SIDE_PX} x {MIN_SIDE_PX} px, "
            f"got {geometry.width_px} x {geometry.height_px}; there is too little to look at"
        )


def learn(geometry: FrameShape, levels: int, pictures: Sequence[Picture]) -> Lesson:
    """The checks of a view, each tried on the pictures from which its limits were not drawn."""
    outcomes = tuple(_left_one_out(levels, pictures))
    reference, values, limits = _drawn(levels, pictures)
    offered = {each.check for each in outcomes if each.offered}
    across, down = profiles_of([each.good for each in pictures])
    return Lesson(
        Learnt(
            height_px=geometry.height_px, width_px=geometry.width_px,
            channels=1 if geometry.channels == 1 else 3, pictures=len(pictures),
            light_at=reference.light_at, edge_levels=levels, fewest_edges=reference.fewest_edges,
            light_mean=round(float(np.mean([each.light for each in values])), 3),
            across=tuple(round(float(each), 2) for each in across),
            down=tuple(round(float(each), 2) for each in down),
            limits={name: limits[name] for name in CHECKS if name in offered},
        ),
        outcomes,
    )  # fmt: skip


def _drawn(
    levels: int, pictures: Sequence[Picture]
) -> tuple[Reference, list[Values], dict[str, float]]:
    good = [each.good for each in pictures]
    reference = reference_of(good, levels)
    values = [reference.values(each) for each in good]
    return reference, values, draw(values, least(each.noise for each in pictures))


def _left_one_out(levels: int, pictures: Sequence[Picture]) -> list[Outcome]:
    found, false = dict.fromkeys(CHECKS, 0), dict.fromkeys(CHECKS, 0)
    for number, picture in enumerate(pictures):
        others = [*pictures[:number], *pictures[number + 1 :]]
        reference, _, limits = _drawn(levels, others)
        count_findings(found, false, picture, reference, limits)
    return [Outcome(name, found[name], false[name], len(pictures)) for name in CHECKS]


def count_findings(
    found: dict[str, int],
    false: dict[str, int],
    picture: Picture,
    reference: Reference,
    limits: Mapping[str, float],
) -> None:
    """Add one picture: whether each check finds its damage in it, and anything in the good one."""
    good = reference.values(picture.good)
    damaged = {name: reference.values(each) for name, each in picture.damaged.items()}
    for name, limit in limits.items():
        check = CHECKS[name]
        false[name] += check.finding(getattr(good, check.at), limit) is not None
        hurt = damaged[MEANT_FOR[name]]
        found[name] += check.finding(getattr(hurt, check.at), limit) is not None


def plane_of(frame: Frame) -> Frame:
    """What is measured of a frame: its green channel, or the only one."""
    return frame if frame.ndim == 2 else frame[:, :, GREEN]  # noqa: PLR2004 - grey
