"""Whether a model as it is built here scores pictures as the training tool does.

It is asked before anything is calibrated. Where the scores differ every way of preparing a picture
is tried, and the refusal says which options would agree.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from onnx import TensorProto

from gonogo.base.errors import CameraError, ModelError, ReferenceDiffers, ReferenceUnusable
from gonogo.base.images import list_images
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.normalised import as_exported
from gonogo.build.exports.opening import open_export
from gonogo.build.goodparts import Shrink
from gonogo.build.proof import REFERENCE, score
from gonogo.build.reference.likeness import SPEARMAN_MIN, likeness
from gonogo.build.reference.pictures import scored
from gonogo.build.reference.table import read_table
from gonogo.build.reference.trial import PICTURES, Bare, places, try_all
from gonogo.build.reference.ways import bare
from gonogo.engines.backends.model import load_model, open_model
from gonogo.engines.card import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gonogo.build.exports.options import Options
    from gonogo.build.goodparts import Progress
    from gonogo.build.reference.likeness import Likeness
    from gonogo.build.reference.pictures import Scored
    from gonogo.build.reference.trial import Tried, Unit

TABLE = "scores.csv"
NEARLY = 0.95  # Spearman, where no other way comes nearer by SPEARMAN_APART
SPEARMAN_APART = 0.005
_WHITE = 255.0
SHOWN = 10


class Reference(NamedTuple):
    """What the training tool scored: a table, and the pictures where they lie apart.

    Without `table` it is the only one in the folder of pictures, or the one beside that.
    """

    table: Path | None = None
    images: Path | None = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.table is not None or self.images is not None


NO_REFERENCE = Reference()


class Asked(NamedTuple):
    """What is checked: an export with the options of its build; `folders`: its images."""

    model: Path
    options: Options
    reference: Reference
    folders: tuple[Path, ...]


class _Held(NamedTuple):
    """Pictures with the tool's scores as they stand there, ours, and units they may be in."""

    found: Scored
    of_good: bool
    ours: NDArray[np.float64]
    units: Sequence[Unit]

    @property
    def tool(self) -> Scored:
        """The tool's scores, high for bad parts."""
        return self.found._replace(scores=-self.found.scores) if self.of_good else self.found

    @property
    def unit(self) -> Unit:
        """From our scores to those of the table: the one in which they are most like."""
        return min(
            self.units, key=lambda unit: likeness(self.tool.scores, unit(self.ours)).distance
        )


def check_reference(asked: Asked, progress: Progress) -> tuple[str, ...]:
    """What is to be said of it; ReferenceDiffers with what would agree, ReferenceUnusable."""
    table = read_table(_table(asked.reference))
    found = scored(table, _pictures(asked))
    built = _as_built(asked, found, progress)
    if built is None:  # it would be asked for: here it can be found out
        held = _Held(found, table.of_good, found.scores, (np.asarray,))
        raise _differs(asked, held, None, _tries(asked, held, progress))
    return *found.notes, _verdict(asked, _Held(found, table.of_good, *built), progress)


def _verdict(asked: Asked, held: _Held, progress: Progress) -> str:
    """What is said of scores that agree; ReferenceDiffers."""
    of, values = f"of {len(held.found.frames)} pictures", held.found.scores
    ours = held.unit(held.ours)
    now = likeness(values, ours)
    if now.agrees:
        return f"scores equal the training tool's own: {now}, {of}"
    turned = likeness(1 - values, ours)
    if turned.agrees:  # p(good) there, 1 - p(good) here
        return f"scores equal the training tool's own, whose table holds p(good): {turned}, {of}"
    tries = _tries(asked, held, progress)
    now, best = likeness(held.tool.scores, ours), _best(tries).likeness
    few = places(len(ours), PICTURES)
    same = likeness(held.tool.scores[few], ours[few])
    # another unit, or parts so alike that two makers' resizes change their order
    near = same.spearman >= best.spearman - SPEARMAN_APART
    if now.spearman >= NEARLY and near and (same.agrees or not best.agrees):
        return (
            f"scores rank nearly as the training tool's own: {now}, {of}; no other way of "
            "preparing a picture comes nearer"
        )
    raise _differs(asked, held, now, tries)


def digests(asked: Asked) -> tuple[str, ...]:
    """What the answer follows from, beside the model, its options and the images of the build."""
    return sha256_of(_table(asked.reference)), *(str(path) for path in _pictures(asked))


def _table(reference: Reference) -> Path:
    if reference.table is not None:
        if not reference.table.is_file():
            raise ReferenceUnusable(
                f"--reference {reference.table}: no such file; give the table of the training "
                "tool's own scores"
            )
        return reference.table
    folder = reference.images or Path()
    inside = sorted(folder.glob("*.csv"))
    beside = folder.resolve().parent
    likely = [*inside, folder.with_suffix(".csv"), beside / TABLE]
    if len(inside) > 1:
        raise ReferenceUnusable(
            f"--reference-images {folder}: {len(inside)} tables there, expected one with the "
            "training tool's own scores; say --reference TABLE.csv"
        )
    found = next((path for path in likely if path.is_file()), None)
    if found is None:
        raise ReferenceUnusable(
            f"--reference-images {folder}: no table of scores in it, expected {TABLE} there or "
            "beside it; say --reference TABLE.csv"
        )
    return found


def _pictures(asked: Asked) -> list[Path]:
    images = asked.reference.images
    try:
        return [
            path for one in ([images] if images else asked.folders) for path in list_images(one)
        ]
    except CameraError as error:
        raise ReferenceUnusable(f"--reference-images: {error.args[0]}") from error


def _as_built(
    asked: Asked, found: Scored, progress: Progress
) -> tuple[NDArray[np.float64], Sequence[Unit]] | None:
    """Scores of the FP32 model by the very path of its engine, and units that they may be told in.

    None where the range of its pixels must be asked.
    """
    try:
        adopted = adopt(asked.model, asked.options)
    except ModelError:
        if asked.options.pixels != "auto":
            raise
        # taken with another range, so it was that which nothing tells
        adopt(asked.model, asked.options._replace(pixels="0..255"))
        return None
    with tempfile.TemporaryDirectory(prefix="gonogo-reference-") as folder:
        model = Path(folder) / "fp32.onnx"
        model.write_bytes(adopted.ways[FOLDED])
        contract = open_model(model)
        _, _, height_px, width_px = contract.image.shape
        shrink = Shrink((height_px, width_px), contract.fit)
        smalls = []
        for done, frame in enumerate(found.frames):
            progress("scoring the reference", done, len(found.frames))
            smalls.append(shrink(frame))
        said = score(model, REFERENCE, smalls)
        metadata = {entry.key: entry.value for entry in load_model(model).metadata_props}
    progress("scoring the reference", len(found.frames), len(found.frames))
    if as_exported(metadata, said) is None:
        return said, (np.asarray,)
    # what the export had normalised was undone: the tool's table may have either
    return said, (np.asarray, partial(_normalised, metadata))


def _normalised(metadata: Mapping[str, str], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    found = as_exported(metadata, scores)
    return scores if found is None else found


def _tries(asked: Asked, held: _Held, progress: Progress) -> list[Tried]:
    options = bare(asked.options)
    # of a model that takes bytes there is one range
    takes_bytes = open_export(asked.model, options).dtype == TensorProto.UINT8
    try:
        adopted, white = adopt(asked.model, options._replace(pixels="0..255")), 1.0
    except ModelError:  # it normalises pixels of 0..1 itself, which stand in the graph as ours then
        adopted, white = adopt(asked.model, options._replace(pixels="0..1")), _WHITE
    model = Bare(adopted.ways[FOLDED], white, held.unit)
    return try_all(model, held.tool, progress, takes_bytes=takes_bytes)


def _differs(
    asked: Asked, held: _Held, now: Likeness | None, tries: Sequence[Tried]
) -> ReferenceDiffers:
    rows = [(each.way.options, each.likeness) for each in tries[:SHOWN]]
    wide = max(len(options) for options, _ in rows)
    table = "\n".join(f"  {options:<{wide}}  {like}" for options, like in rows)
    how = "nothing tells the range of its pixels" if now is None else str(now)
    return ReferenceDiffers(
        f"{asked.model}: built so, it does not score {len(held.found.frames)} pictures as the "
        f"training tool did: {how}\n{_advice(tries)}\nThe nearest ways of preparing a picture:\n"
        f"{table}"
    )


def _best(tries: Sequence[Tried]) -> Tried:
    """The nearest one that a line would want: an exact resize takes it several times as long."""
    quick = [each for each in tries if each.way.geometry.fit.filter != "exact"]
    return next((each for each in quick if each.likeness.agrees), tries[0])


def _advice(tries: Sequence[Tried]) -> str:
    """Which options would agree, in place of those that were given."""
    best = _best(tries)
    options = best.way.options
    if best.likeness.agrees:
        return f"{options} agrees: {best.likeness}. Build again with these options."
    if best.likeness.spearman >= SPEARMAN_MIN:
        return f"{options} ranks alike, in other values: {best.likeness}. Build again with these."
    if best.likeness.spearman <= -SPEARMAN_MIN:
        return (
            f"The scores run the other way. Where the model's own output is high for good parts: "
            f"{options} --higher-is good. Where the table holds p(good): name that column p(good)."
        )
    return (
        "None of the ways that were tried agrees. The table may be of another model, of another "
        "output of it (--score), or of pictures that the tool has cropped or turned itself."
    )
