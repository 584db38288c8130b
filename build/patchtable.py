"""`gonogo patch-table`: how often the named patch lies in the defect, on sets with masks.

A set lies as MVTec AD lays it out: train/good teaches, test/DEFECT judges, and
ground_truth/DEFECT/NAME_mask.png says where the defect is.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import ImageFileError
from gonogo.base.images import list_images, read_at_own_size
from gonogo.base.log.logger import get_logger
from gonogo.base.picture_folder import LeftOut, left_out_words, reason
from gonogo.build.goodparts import GoodImages, folder_images
from gonogo.build.patches.beside import patches_beside
from gonogo.build.patches.choosing import Hits, make_patches
from gonogo.build.patches.learn import Pictures
from gonogo.build.teach import teach
from gonogo.build.teachtable import methods_of, models_of, named, sets_of
from gonogo.engines.backends.preprocess import geometry_of
from gonogo.engines.bundles.patch_bank import encode
from gonogo.engines.patches.looker import Looker
from gonogo.engines.patches.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.build.teachtable import Wanted
    from gonogo.engines.backends.placing import Sight
    from gonogo.engines.bundles.patch_bank import PatchBank

log = get_logger(__name__)

GREY = 127


class Row(NamedTuple):
    """One engine on one set; without a bank `said` is why, and the rest is nothing.

    `named`: by the engine's map where it has one; `alone`: by its features alone; `ms`: for one
    answer, the median; `kb`: of the bank.
    """

    data: str
    engine: str
    said: str
    patches: int = 0
    kb: float = 0.0
    named: Hits = Hits(0, 0, 0.0)
    alone: Hits = Hits(0, 0, 0.0)
    ms: float = 0.0


class Masked(NamedTuple):
    """A bad part: its picture, uint8 (height, width[, 3]), and where its defect is, bool."""

    pixels: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def measure(wanted: Wanted, progress: Progress) -> list[Row]:
    """A row for each engine and each set that has masks; BuildError where no set is found."""
    rows = []
    for name in sets_of(wanted):
        folder = wanted.data / name
        if not any(masked_parts(folder)):
            continue
        for method in methods_of(wanted):
            with tempfile.TemporaryDirectory(prefix="gonogo-patches-") as scratch:
                model = Path(scratch) / f"{method}.onnx"
                images = GoodImages(folder_images(folder / "train" / "good"))
                teach(images, model, progress=named(name, progress), method=method)
                rows.append(_taught(folder, model, method))
        rows += [_trained(folder, model, progress) for model in models_of(wanted, name)]
    return rows


def masked_parts(folder: Path) -> Iterator[Masked]:
    """Bad parts of a set that have a mask."""
    for kind in sorted(path for path in (folder / "test").iterdir() if path.is_dir()):
        for picture in list_images(kind):
            mask = folder / "ground_truth" / kind.name / f"{picture.stem}_mask.png"
            if mask.is_file():
                # masks that were kept as JPEG have faint grey around what is marked
                yield Masked(read_at_own_size(picture), read_at_own_size(mask) > GREY)


def try_masked(
    looker: Looker, bank: PatchBank, parts: Iterator[Masked]
) -> tuple[Hits, Hits, float]:
    """How often the named patch lies in the defect: as asked, and by features alone; ms each."""
    hits, alone, tried, chances, taken_ms = 0, 0, 0, 0.0, []
    for part in parts:
        sight = looker.sight(geometry_of(part.pixels), (bank.head.rows, bank.head.columns))
        bad = bad_cells(part.mask, sight)
        began = time.perf_counter()
        seen = looker.see(part.pixels)
        cell = nearest(seen, bank).cell
        taken_ms.append(1000 * (time.perf_counter() - began))
        hits += bool(bad[cell])
        alone += bool(bad[nearest(seen._replace(map=None), bank).cell])
        chances += float(bad.mean())
        tried += 1
    chance = chances / max(1, tried)
    return Hits(hits, tried, chance), Hits(alone, tried, chance), float(np.median(taken_ms))


def bad_cells(mask: NDArray[np.bool_], sight: Sight) -> NDArray[np.bool_]:
    """Which patches of a picture have any of the defect in them, bool (rows, columns)."""
    flat = mask if mask.ndim == 2 else mask.any(axis=2)  # noqa: PLR2004 - rows and columns
    frame_px = (sight.geometry.height_px, sight.geometry.width_px)
    if flat.shape != frame_px:
        plain = np.asarray(flat, np.uint8)
        sized = cv2.resize(plain, frame_px[::-1], interpolation=cv2.INTER_NEAREST)
        flat = np.asarray(sized > 0)
    rows, columns = (int(cells) for cells in sight.cells)
    found = np.zeros((rows, columns), np.bool_)
    for row in range(rows):
        for column in range(columns):
            box = sight.cell(row, column)
            piece = flat[
                int(box.top) : -int(-box.bottom // 1), int(box.left) : -int(-box.right // 1)
            ]
            found[row, column] = piece.any()
    return found


def _taught(folder: Path, model: Path, engine: str) -> Row:
    bank = patches_beside(model)
    if bank is None:
        return Row(folder.name, engine, "no patches: they name made defects no better than chance")
    return _row(folder, model, engine, bank)


def _trained(folder: Path, model: Path, progress: Progress) -> Row:
    """A model that somebody brings, as it is: what `gonogo build` does with its INT8 form."""
    images = folder_images(folder / "train" / "good")
    pictures = Pictures(*_readable(images))
    made = make_patches(model, pictures, named(folder.name, progress))
    engine = model.stem.removeprefix(f"{folder.name}_")
    if made.bank is None:
        return Row(folder.name, engine, made.said)
    return _row(folder, model, engine, made.bank)


def _readable(paths: Sequence[Path]) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """Pictures at their own size, uint8 (height, width, 3), and their names; others are told."""
    left_out: list[LeftOut] = []
    found = [(path.name, _frame(path, left_out)) for path in paths]
    read = [(name, frame) for name, frame in found if frame is not None]
    for line in left_out_words(left_out):
        log.warning("patch_pictures_left_out", text="%(what)s", what=line)
    return [frame for _, frame in read], [name for name, _ in read]


def _frame(path: Path, left_out: list[LeftOut]) -> NDArray[np.uint8] | None:
    try:
        return read_at_own_size(path)
    except ImageFileError as error:
        left_out.append(LeftOut(path.name, reason(path, error)))
        return None


def _row(folder: Path, model: Path, engine: str, bank: PatchBank) -> Row:
    looker = Looker(model, [bank.head.tensor])
    by_map, alone, ms = try_masked(looker, bank, masked_parts(folder))
    tensor = f"{bank.head.tensor} ({bank.head.rows} x {bank.head.columns})"
    kb = len(encode(bank)) / 1024
    return Row(folder.name, engine, tensor, bank.head.patches, kb, by_map, alone, ms)


def table(rows: list[Row]) -> list[str]:
    """As Markdown."""
    head = "parts|engine|features|patches|KB|bad parts|named patch in the defect|by chance|times"
    columns = [*head.split("|"), "by features alone", "ms"]
    lines = [columns, ["---"] * len(columns), *(_cells(row) for row in rows)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _cells(row: Row) -> list[str]:
    if not row.patches:
        return [row.data, row.engine, row.said, *["-"] * 8]
    return [
        row.data, row.engine, row.said, str(row.patches), f"{row.kb:.0f}", str(row.named.tried),
        f"{100 * row.named.share:.0f} %", f"{100 * row.named.chance:.1f} %",
        f"{row.named.times:.1f}", f"{100 * row.alone.share:.0f} %", f"{row.ms:.0f}",
    ]  # fmt: skip
