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

import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import RANK_MIN, Bounds
from gonogo.build.budget import Budget
from gonogo.build.byheart import ask, refuse_known, remark
from gonogo.build.exports.adopt import AS_NODES, FOLDED, adopt
from gonogo.build.exports.reading import digest_of
from gonogo.build.exports.turned import turned
from gonogo.build.forms import QUANTIZED
from gonogo.build.fp32 import accept, judge_fp32
from gonogo.build.images import find_files, read_images
from gonogo.build.int8 import Trial
from gonogo.build.proof import REFERENCE, judge
from gonogo.build.proving import Proving, prove_forms
from gonogo.build.reference.check import NO_REFERENCE, Asked, check_reference, digests
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import measure, noise
from gonogo.engines.backends.model import open_model
from gonogo.engines.bundles.manifest import ROLES, Role
from gonogo.engines.card import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.agreement import Scores
    from gonogo.build.exports.options import Options
    from gonogo.build.forms import Form
    from gonogo.build.fp32 import Fp32
    from gonogo.build.goodparts import Progress
    from gonogo.build.images import Files, Folders, Images
    from gonogo.build.int8 import Int8
    from gonogo.build.reference.check import Reference
    from gonogo.build.work import Work
    from gonogo.engines.backends.model import Contract

REVISION = 3  # raised when the same inputs would make another engine
LOSS_MAX = 0.005  # of AUROC, unless something else is asked for
NODES_MARGIN = 1.03  # folded, a uint8 image needs no detour through float in INT8
FP32_FILE = "source.onnx"
FORMS_WANTED: tuple[Role, ...] = ("cpu", "tensorrt")  # unless something else is asked for


class Wanted(NamedTuple):
    """What an engine is to be built from, and in which forms.

    `target`: the Hailo chip that it is for as well. `forms`: those that are tried; what is not
    proven is left out, unless it is in `require`. `budget_min`: minutes that the search may take.
    `accept_weak`: also of an FP32 model that is weak. `patches`: of good parts, into the bundle.
    """

    model: Path
    folders: Folders
    options: Options
    loss_max: float = LOSS_MAX
    target: str = ""
    reference: Reference = NO_REFERENCE
    forms: tuple[Role, ...] = FORMS_WANTED
    require: tuple[Role, ...] = ()
    budget_min: float = math.inf
    accept_weak: bool = False
    rank_min: float = RANK_MIN
    patches: bool = True

    @property
    def bounds(self) -> Bounds:
        """What INT8 may differ by; limits are drawn from each form's own scores."""
        return Bounds(self.loss_max, math.inf, rank_min=self.rank_min)


class Engine(NamedTuple):
    """A proven engine; the files lie in the work folder.

    `source`: FP32, ours. `models`, `proofs`: by form, of those that are proven, the engine's own
    first. `fp32`: scores of the FP32 model on the proof set; `judged`: what they are worth.
    `unproven`: why a form is left out. `notes`: what its maker should know. `held`: how a model
    that came in INT8 is quantized, empty of one in FP32.
    """

    wanted: Wanted
    contract: Contract
    source: Path
    models: dict[Role, Path]
    proofs: dict[Role, Int8]
    judged: Fp32
    images: Images
    files: Files
    notes: tuple[str, ...]
    unproven: dict[Role, str]
    held: str = ""

    @property
    def fp32(self) -> Scores:
        """Of the FP32 model, on the proof set."""
        return self.judged.scores

    @property
    def main(self) -> Form:
        """The form that gives the engine its id, its card and its histogram."""
        return next(form for form in QUANTIZED if form.name in self.proofs)

    @property
    def main_file(self) -> Path:
        """Its file."""
        return self.models[self.main.name]


def inputs(wanted: Wanted) -> tuple[Files, str]:
    """The images, and a digest of everything the engine follows from.

    Allowed loss, forms and time are not part of it: what was calibrated and tried is the same
    with any.
    """
    # what is no model is said before thousands of images are read
    model_digest = digest_of(wanted.model)
    files = find_files(wanted.folders)
    # another version of either may prepare or quantize otherwise
    facts = (REVISION, version("gonogo"), version("onnxruntime"), wanted.options)
    digest = hashlib.sha256(f"{facts} {model_digest}".encode())
    # contents in the order of their names: where the folders lie makes no other engine
    for kind in (files.calibrate, files.validate, files.bad):
        digest.update(" ".join(files.digests[path] for path in kind).encode() + b"\n")
    return files, digest.hexdigest()


def make_engine(wanted: Wanted, files: Files, work: Work, progress: Progress) -> Engine:
    """Judge the model, then build and prove its forms.

    WeakModel for one that tells nothing; NotProven, with the table, when no form can be proven,
    or not one that is required.
    """
    said = _held_against_reference(wanted, work, progress)
    source, notes = _ours(wanted, work)
    notes = (*said, *notes)
    contract = open_model(source)
    _, _, height_px, width_px = contract.image.shape
    images = read_images(files, (height_px, width_px), progress, contract.fit)
    judged = judge_fp32(source, images.proof, work, progress)
    # before the search: a refusal is to have the notes with it
    notes = (*notes, *images.notes, *judged.notes)
    accepted = accept(judged, notes, insist=wanted.accept_weak)
    # before the search, which takes minutes: limits from parts that it knows are worth nothing
    known = ask(source, images.good, progress)
    refuse_known(known, "--holdout" if files.held_out else "--good")
    notes = (*notes, *remark(known, held_out=files.held_out))
    bounds = wanted.bounds
    trial = Trial(images.proof, images.calibrate, bounds)
    job = Proving(source, trial, work, progress)
    found = prove_forms(job, _tried(wanted), Budget(wanted.budget_min))
    notes = (*notes, *accepted, *found.notes)
    found.check(wanted.require, notes)
    # not atomic: a build that ends here makes them again from what the search has kept
    models = {name: work.path(ROLES[name].name) for name in found.proofs}
    for name, path in models.items():
        path.write_bytes(found.proofs[name].model)
    return Engine(
        wanted,
        contract,
        source,
        models,
        found.proofs,
        judged,
        images,
        files,
        notes,
        found.unproven,
        found.held,
    )


def _tried(wanted: Wanted) -> tuple[Form, ...]:
    """The forms to prove here, in the order of the table."""
    asked = {*wanted.forms, *wanted.require}
    return tuple(form for form in QUANTIZED if form.name in asked)


def _held_against_reference(wanted: Wanted, work: Work, progress: Progress) -> tuple[str, ...]:
    """What the training tool's own scores say of the export; once, before it is calibrated."""
    if not wanted.reference:
        return ()
    folders = [wanted.folders.good, *wanted.folders.bad]
    folders += [wanted.folders.holdout] if wanted.folders.holdout else []
    asked = Asked(wanted.model, wanted.options, wanted.reference, tuple(folders))
    key = work.key("reference", *digests(asked))
    kept = work.recall(key)
    if kept is None:
        kept = check_reference(asked, progress)
        work.keep(key, kept)
    return tuple(kept)


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
        if wanted.options.higher_is == "good":
            said = f"{said}; {_turn(source)}"
        kept = {"notes": [*adopted.notes, said], "sha256": sha256_of(source)}
        work.keep("notes", kept)
    return source, tuple(kept["notes"])


def _turn(source: Path) -> str:
    """A score of goodness, turned in place; says how."""
    _, _, height_px, width_px = open_model(source).image.shape
    geometry = FrameShape(height_px, width_px, 3)
    tried = [np.zeros(geometry.shape, np.uint8), noise(geometry)]
    scores = judge(source, REFERENCE, tried).scores
    # a guess, for how it looks: the order of parts is the same with either
    shares = bool(((scores >= 0) & (scores <= 1)).all())
    source.write_bytes(turned(source.read_bytes(), shares=shares))
    return f"the score is turned round (--higher-is good): {'1 - score' if shares else '-score'}"


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
