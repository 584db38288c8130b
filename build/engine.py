"""From an export and folders of images to an INT8 engine in every form, each proven.

    export -> ours (gonogo.build.exports) -> one calibration -> the forms of gonogo.build.forms,
                                                                each proven in its own backends

Every finished step is kept in the work folder.
"""

from __future__ import annotations

import hashlib
import math
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import NotProven
from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import Bounds
from gonogo.build.byheart import ask, refuse_known, remark
from gonogo.build.exports.adopt import AS_NODES, FOLDED, adopt
from gonogo.build.forms import FORMS
from gonogo.build.images import find_files, read_images
from gonogo.build.int8 import Int8Search, Trial
from gonogo.build.proof import REFERENCE
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import measure
from gonogo.engines.backends.model import load_model, open_model
from gonogo.engines.card import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.agreement import Scores
    from gonogo.build.exports.options import Options
    from gonogo.build.goodparts import Progress
    from gonogo.build.images import Files, Folders, Images
    from gonogo.build.int8 import Int8
    from gonogo.build.work import Work
    from gonogo.engines.backends.model import Contract
    from gonogo.engines.bundles.manifest import Role

REVISION = 1  # raised when the same inputs would make another engine
LOSS_MAX = 0.005  # of AUROC, unless something else is asked for
NODES_MARGIN = 1.03  # folded, a uint8 image needs no detour through float in INT8
FP32_FILE = "source.onnx"


class Wanted(NamedTuple):
    """What an engine is to be built from; `target`: the Hailo chip that it is for as well."""

    model: Path
    folders: Folders
    options: Options
    loss_max: float = LOSS_MAX
    target: str = ""


class Engine(NamedTuple):
    """A proven engine; the files lie in the work folder.

    `source`: FP32, ours. `models`, `proofs`: by form. `fp32`: scores of the FP32 model on the
    proof set. `notes`: what its maker should know.
    """

    wanted: Wanted
    contract: Contract
    source: Path
    models: dict[Role, Path]
    proofs: dict[Role, Int8]
    fp32: Scores
    images: Images
    files: Files
    notes: tuple[str, ...]


def inputs(wanted: Wanted) -> tuple[Files, str]:
    """The images, and a digest of everything the engine follows from.

    The allowed loss is not part of it: what was calibrated and tried is the same with any.
    """
    # what is no model is said before thousands of images are read
    load_model(wanted.model)
    files = find_files(wanted.folders)
    # another version of either may prepare or quantize otherwise
    facts = (REVISION, version("gonogo"), version("onnxruntime"), wanted.options)
    digest = hashlib.sha256(f"{facts} {sha256_of(wanted.model)}".encode())
    # contents in the order of their names: where the folders lie makes no other engine
    for kind in (files.calibrate, files.validate, files.bad):
        digest.update(" ".join(files.digests[path] for path in kind).encode() + b"\n")
    return files, digest.hexdigest()


def make_engine(wanted: Wanted, files: Files, work: Work, progress: Progress) -> Engine:
    """Build and prove every form; NotProven, with the table, when a form cannot be proven."""
    source, notes = _ours(wanted, work)
    contract = open_model(source)
    _, _, height_px, width_px = contract.image.shape
    images = read_images(files, (height_px, width_px), progress)
    # before the search, which takes minutes: limits from parts that it knows are worth nothing
    known = ask(source, images.good, progress)
    refuse_known(known, "--holdout" if files.held_out else "--good")
    bounds = Bounds(wanted.loss_max, math.inf)  # limits are drawn from each form's own scores
    trial = Trial(images.proof, images.calibrate, bounds)
    with Int8Search(source, trial, work=work, progress=progress) as search:
        # before the search: a refusal is to have the notes with it
        fp32 = search.fp32
        notes = (*notes, *images.notes, *remark(known, held_out=files.held_out), *_clipped(fp32))
        proofs = _proofs(search, notes, progress)
    # not atomic: a build that ends here makes them again from what the search has kept
    models = {form.name: work.path(form.file) for form in FORMS}
    for name, path in models.items():
        path.write_bytes(proofs[name].model)
    return Engine(
        wanted,
        contract,
        source,
        models,
        proofs,
        fp32,
        images,
        files,
        notes,
    )


def _proofs(search: Int8Search, notes: tuple[str, ...], progress: Progress) -> dict[Role, Int8]:
    """Every form; a refusal has the notes with it, for they may say why."""
    try:
        return {form.name: search.find(progress, form) for form in FORMS}
    except NotProven as error:
        remarks = "".join(f"\nnote: {note}" for note in notes)
        raise NotProven(f"{error.args[0]}{remarks}") from error


def _ours(wanted: Wanted, work: Work) -> tuple[Path, tuple[str, ...]]:
    """The export as a model of our contract, its preprocessing where it is faster."""
    source = work.path(FP32_FILE)
    kept = work.recall("notes")
    # calibration and limits follow from this file: one that was changed meanwhile is made anew
    if kept is None or not source.is_file() or sha256_of(source) != kept["sha256"]:
        adopted = adopt(wanted.model, wanted.options)
        # measured once: a build that goes on takes the way it took before
        way, said = _faster(adopted.ways, work)
        source.write_bytes(adopted.ways[way])
        kept = {"notes": [*adopted.notes, said], "sha256": sha256_of(source)}
        work.keep("notes", kept)
    return source, tuple(kept["notes"])


def _faster(ways: dict[str, bytes], work: Work) -> tuple[str, str]:
    """Which way of writing the preprocessing is faster in the reference backend, and by what."""
    if len(ways) == 1:
        return FOLDED, "preprocessing: none beside the resize"
    paths = {way: work.path(f"way-{way}.onnx") for way in ways}
    for way, path in paths.items():
        path.write_bytes(ways[way])
    _, _, height_px, width_px = open_model(paths[FOLDED]).image.shape
    geometry = FrameShape(height_px, width_px, 3)
    # both at once, for they are run in turns: what else runs on the box slows both alike
    opened = {way: open_backend(REFERENCE, path, geometry, 1) for way, path in paths.items()}
    try:
        taken_ms = measure(opened, geometry)
    finally:
        for backend in opened.values():
            backend.close()
    # as nodes only where that is plainly faster in FP32
    best = AS_NODES if taken_ms[AS_NODES] * NODES_MARGIN < taken_ms[FOLDED] else FOLDED
    shown = ", ".join(f"{way} {ms:.2f} ms" for way, ms in taken_ms.items())
    return best, f"preprocessing in the graph: {best} ({shown} in FP32 on this box)"


def _clipped(fp32: Scores) -> tuple[str, ...]:
    """Scores that were cut off when the model was exported cannot be told apart any more."""
    values = fp32.all
    # scores are floats: of parts that differ hardly two are the very same
    ends = int((values == values.min()).sum()), int((values == values.max()).sum())
    if max(ends) <= max(2, len(values) // 10):
        return ()
    note = (
        f"{ends[0]} of {len(values)} scores are exactly {values.min():g} and {ends[1]} exactly "
        f"{values.max():g}: the export cuts scores off; export it without normalised scores"
    )
    return (note,)
