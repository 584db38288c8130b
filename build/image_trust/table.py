"""What image trust finds on pictures that it has not learnt from, as a table for people.

    python -I -m gonogo.build.image_trust.table DATA docs/image-trust.md

Writes between two marks of that page. Each set of pictures under DATA is cut into blocks; each
block in turn is held out, the others teach, and every check that they offer is tried on it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.frame_shape import FrameShape
from gonogo.base.images import list_images, read_image
from gonogo.build.image_trust.damage import MEANT_FOR
from gonogo.build.image_trust.lesson import (
    MIN_PICTURES,
    count_findings,
    edge_levels,
    learn,
    lesson_of,
    take_pictures,
)
from gonogo.build.image_trust.optics_lesson import MEANT_FOR as DIRT
from gonogo.build.image_trust.optics_lesson import optics_lesson_of
from gonogo.rules.image_trust.learnt_file import trusted
from gonogo.rules.image_trust.limits import CHECKS, findings
from gonogo.rules.image_trust.optics import SEEN
from gonogo.rules.image_trust.sample import Sampler

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.images import Fit
    from gonogo.build.image_trust.lesson import Picture
    from gonogo.build.image_trust.optics_lesson import OpticsOutcome

    Frame = NDArray[np.uint8]

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
MOST_PICTURES = 200  # of a set, spread evenly over it
STRAYS = ("smear", "20 dead pixels")  # damages that no check is for


class PictureSet(NamedTuple):
    """Pictures of some folders, and of bad parts; `geometry` is what `fit` brings them to."""

    name: str
    folders: tuple[str, ...]
    geometry: FrameShape
    fit: Fit
    bad: str


SETS = (
    PictureSet(
        "cookies", ("train/good", "test/good"), FrameShape(768, 576, 3), "resize", "test/broken"
    ),
    PictureSet(
        "toy_aliens", ("train/good", "test/good"), FrameShape(380, 550, 3), "resize", "test/broken"
    ),
    PictureSet("deeppcb", ("template",), FrameShape(640, 640, 1), "exact", "test/defect"),
    PictureSet(
        "screws",
        ("train/good", "test/good", "unlabelled"),
        FrameShape(789, 600, 3),
        "resize",
        "test/missing_screw",
    ),
    PictureSet(
        "magnetic_tile",
        ("train/good", "test/good"),
        FrameShape(384, 256, 1),
        "resize",
        "test/break",
    ),
)


class Tally:
    """Of one set of pictures, over all blocks.

    By check: `offered` by so many blocks, `tried` on so many held-out pictures, damage `found` in
    so many, and in so many none but `false`ly found. `alarms`: good pictures that any check took
    for damaged, of `pictures`; `bad`: of bad parts in good frames so many, of so many. `strays`:
    damages without a check of their own, found by any. `slow`: checks over many parts, by name.
    """

    def __init__(self, name: str, geometry: FrameShape) -> None:
        self.name, self.geometry = name, geometry
        self.blocks, self.alarms, self.pictures = 0, 0, 0
        self.offered, self.tried, self.found, self.false = (
            dict.fromkeys(CHECKS, 0) for _ in range(4)
        )
        self.strays = dict.fromkeys(STRAYS, 0)
        self.bad = (0, 0)
        self.slow: dict[str, OpticsOutcome] = {}

    def add(self, levels: int, taught: Sequence[Picture], held: Sequence[Picture]) -> None:
        """Learn from some, try on the others; an edge is strong from `levels` on."""
        reference, limits, *_ = trusted(learn(self.geometry, levels, taught).learnt)
        self.blocks += 1
        self.pictures += len(held)
        for name in limits:
            self.offered[name] += 1
            self.tried[name] += len(held)
        for picture in held:
            count_findings(self.found, self.false, picture, reference, limits)
            self.alarms += any(findings(reference.values(picture.good), limits))
            for stray in STRAYS:
                # by what it shows: the damaged picture comes after nothing
                values = reference.values(picture.damaged[stray])
                self.strays[stray] += any(
                    not CHECKS[f.check].live for f in findings(values, limits)
                )

    def try_bad(self, good: Sequence[Frame], bad: Sequence[Frame]) -> None:
        """Learn from all good ones, and try on bad parts, whose frames are as good as any."""
        learnt = lesson_of(self.geometry, good.__getitem__, len(good), _quiet).learnt
        reference, limits, *_ = trusted(learnt)
        still = {name: limit for name, limit in limits.items() if not CHECKS[name].live}
        sampler = Sampler(self.geometry, learnt.edge_levels)
        alarms = sum(any(findings(reference.values(sampler.take(each)), still)) for each in bad)
        self.bad = (alarms, len(bad))

    def try_slow(self, good: Sequence[Frame]) -> None:
        """Each half of the pictures on what the other one teaches."""
        lesson = optics_lesson_of(self.geometry, good.__getitem__, len(good), _quiet)
        self.slow = {each.check: each for each in lesson.outcomes}


def blocks_of(count: int) -> list[range]:
    """Numbers held out together: as few blocks as leave enough pictures to learn from."""
    most = max(2, count)
    blocks = next((k for k in range(2, most) if count - -(-count // k) >= MIN_PICTURES), most)
    size = max(1, -(-count // blocks))
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def tally_of(name: str, geometry: FrameShape, frames: Sequence[Frame]) -> Tally:
    """Hold out block after block of pictures that follow each other."""
    tally = Tally(name, geometry)
    for block in blocks_of(len(frames)):
        held = [frames[k] for k in block]
        rest = [frame for k, frame in enumerate(frames) if k not in block]
        levels = edge_levels(geometry, rest.__getitem__, len(rest))
        tally.add(
            levels,
            take_pictures(geometry, levels, rest.__getitem__, len(rest), _quiet),
            take_pictures(geometry, levels, held.__getitem__, len(held), _quiet),
        )
    return tally


def frames_of(data: Path, of: PictureSet, *folders: str) -> list[Frame]:
    """The pictures in some folders of a set, brought to one size."""
    files = [file for folder in folders for file in list_images(data / of.name / folder)]
    step = -(-len(files) // MOST_PICTURES)
    return [read_image(file, of.geometry, of.fit) for file in files[::step]]


def table(tallies: Sequence[Tally]) -> str:
    """Markdown: one row a check, one column a set; then what no check is for, and false alarms."""
    head = [f"{each.name} ({each.pictures} pictures, {each.blocks} blocks)" for each in tallies]
    rows = [
        [f"{name} ({MEANT_FOR[name]})", *(_cell(each, name) for each in tallies)] for name in CHECKS
    ]
    rows += [
        [
            f"{stray} in one frame, found by any",
            *(f"{each.strays[stray]}/{each.pictures}" for each in tallies),
        ]
        for stray in STRAYS
    ]
    rows += _slow_rows(tallies)
    rows.append(
        ["bad parts in good frames taken for damaged ones", *map(_of_bad, tallies)],
    )
    rows.append(
        ["good ones taken for damaged", *(f"**{each.alarms}/{each.pictures}**" for each in tallies)]
    )
    return "\n".join(_lines(["check (its damage)", *head], rows))


def _slow_rows(tallies: Sequence[Tally]) -> Iterator[list[str]]:
    for name, dirt in DIRT.items():
        its = [each.slow[name] for each in tallies]
        yield [f"{name} ({dirt}), after {SEEN} parts", *map(_slow_cell, its)]
        false = [f"{each.false_alarms}/{each.sequences}" for each in its]
        yield [f"sequences of good ones taken for {name}", *false]


def _slow_cell(outcome: OpticsOutcome) -> str:
    found = f"{outcome.found}/{outcome.tried}"
    return found if outcome.offered else f"not offered ({found})"


def _of_bad(tally: Tally) -> str:
    return "{}/{}".format(*tally.bad)


def _cell(tally: Tally, name: str) -> str:
    if not tally.offered[name]:
        return "not offered"
    some = "" if tally.offered[name] == tally.blocks else f" ({tally.offered[name]} blocks)"
    false = f", {tally.false[name]} false" if tally.false[name] else ""
    return f"{tally.found[name]}/{tally.tried[name]}{false}{some}"


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def with_table(page: str, made: str) -> str:
    """The page with another table between its marks; ValueError without them."""
    before, _, rest = page.partition(BEGIN)
    _, mark, behind = rest.partition(END)
    if not mark:
        raise ValueError(f"expected {BEGIN} and {END} in the page, got none")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{behind}"


def _quiet(_what: str, _done: int, _total: int) -> None:
    """No progress is shown."""


def _tried(data: Path, of: PictureSet) -> Tally:
    frames = frames_of(data, of, *of.folders)
    tally = tally_of(of.name, of.geometry, frames)
    tally.try_bad(frames, frames_of(data, of, of.bad))
    tally.try_slow(frames)
    return tally


def main(data: Path, page: Path) -> None:
    """Write the table of the sets that are there."""
    tallies = [_tried(data, each) for each in SETS if (data / each.name).is_dir()]
    page.write_text(with_table(page.read_text(encoding="utf-8"), table(tallies)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
