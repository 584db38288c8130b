"""`gonogo models`: many models built from their own images, as one table for people.

Each model is found its images by the file beside it (NAME.json, key "dataset") or by the
beginning of its name; the images lie as MVTec AD lays them out: train/good, test/good and
test/DEFECT. Nothing is packed: the table is about what INT8 does to each model.
"""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError, NotProven, WeakModel
from gonogo.base.frame_shape import FrameShape
from gonogo.build.engine import FP32_FILE, Wanted, inputs, make_engine
from gonogo.build.exports.options import Options
from gonogo.build.forms import CPU, QUANTIZED
from gonogo.build.images import Folders
from gonogo.build.proof import REFERENCE
from gonogo.build.quantize import Row, compare
from gonogo.build.work import Work
from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.build.agreement import Agreement
    from gonogo.build.forms import Form
    from gonogo.build.goodparts import Progress
    from gonogo.build.int8 import Int8
    from gonogo.engines.bundles.manifest import Role

KB = 1 << 10
# one median says more of the moment than of the model
ROUNDS = 5
_TITLES = {"openvino": "OpenVINO"}  # of a backend, as a column
_GOOD = "good"
_INTRO = (
    "Made by `gonogo models MODELS DATA --out docs/models.md`, which builds every model as "
    "`gonogo build` does: calibrated on `train/good`, proven on `test`, at most {loss_max:g} of "
    "AUROC lost."
)
_MEASURED = (
    "AUROC is that of bad against good test parts, shrunk as a station shrinks them (the resize "
    "that models are trained with differs a little, and so do figures that were taken with it). "
    "{remarks}the files that end in `_u8` differ in their input only. "
    "Milliseconds are from a frame of the model's size to its score, one thread, FP32 and INT8 in "
    "turns, on {machine} ({versions}): the lowest of {rounds} medians of 20 runs each, for what "
    "else runs on a shared machine comes and goes."
)
_SEARCHED = "The layers in float were found by the search."
_SEARCHED_HERE = (
    "the fewest found that agree in both backends and are no slower than FP32 in ONNX Runtime on "
    "this box at that moment, or the best of the first few: two runs may differ."
)
_SEARCHED_ELSEWHERE = "the fewest found that agree."


class Found(NamedTuple):
    """One model and what was found: both proofs and times by backend, or why there are none."""

    name: str
    parts: str
    source_bytes: int
    good: int = 0
    bad: int = 0
    proofs: dict[Role, Int8] | None = None
    times: tuple[Row, ...] = ()
    refusal: str = ""


def folders_of(model: Path, data: Path) -> Folders:
    """The images of a model; BuildError when there are none."""
    name = _dataset(model, data)
    tests = data / name / "test"
    bad = sorted(p for p in tests.glob("*") if p.is_dir() and p.name != _GOOD)
    return Folders(data / name / "train" / _GOOD, tuple(bad), tests / _GOOD)


def find(models: Path, data: Path, work: Path, loss_max: float, progress: Progress) -> list[Found]:
    """Build every model below `models`; what is finished is kept in `work`."""
    paths = sorted(models.glob("*.onnx"))
    if not paths:
        raise BuildError(f"{models}: no file that ends in .onnx; give the folder of the models")
    # a folder for each model in it: a run that was stopped goes on where it was
    work.mkdir(parents=True, exist_ok=True)
    found = []
    for done, path in enumerate(paths):
        progress("models", done, len(paths))
        found.append(_find(path, data, work / path.stem, loss_max, _named(path.stem, progress)))
    progress("models", len(paths), len(paths))
    # in rounds over all models, after all builds: what comes and goes hits none alone
    return _timed(found, work, progress)


def _timed(found: Sequence[Found], work: Path, progress: Progress) -> list[Found]:
    """With the lowest of some medians: what else a shared machine does comes and goes."""
    timed = list(found)
    for done in range(ROUNDS):
        progress("taking times", done, ROUNDS)
        timed = [one._replace(times=_lower(one.times, _times_now(one, work))) for one in timed]
    progress("taking times", ROUNDS, ROUNDS)
    return timed


def _times_now(one: Found, work: Path) -> tuple[Row, ...]:
    if one.proofs is None or CPU.name not in one.proofs:
        return ()
    source, cpu = work / one.name / FP32_FILE, work / one.name / CPU.file
    _, _, height_px, width_px = open_model(source).image.shape
    return tuple(compare(source, cpu, FrameShape(height_px, width_px, 3)))


def _lower(before: tuple[Row, ...], now: tuple[Row, ...]) -> tuple[Row, ...]:
    if not before:
        return now
    return tuple(
        # other load only ever adds: the lowest is the nearest to the truth
        Row(a.backend, min(a.fp32_ms, b.fp32_ms), min(a.int8_ms, b.int8_ms))
        for a, b in zip(before, now, strict=True)
    )


def page(found: Sequence[Found], machine: str, loss_max: float) -> str:
    """The table as a Markdown page."""
    lines = [
        *("# Models: FP32 and INT8", "", _INTRO.format(loss_max=loss_max), ""),
        *(_measured(machine), ""),
        *("## What INT8 costs", "", *_table(_cost_head(), [_cost(one) for one in found]), ""),
        *("## Size and time", "", *_table(_time_head(), [_times(one) for one in found]), ""),
        *_refused(found),
        " ".join([_SEARCHED, *(f"{form.name}: {_searched(form)}" for form in QUANTIZED)]),
    ]
    return "\n".join(lines) + "\n"


def _measured(machine: str) -> str:
    versions = ", ".join(f"{name} {_version(name)}" for name in cpu_backends())
    remarks = "".join(
        f"The {form.name} form is {form.remark}; " for form in QUANTIZED if form.remark
    )
    return _MEASURED.format(machine=machine, versions=versions, remarks=remarks, rounds=ROUNDS)


def _searched(form: Form) -> str:
    return _SEARCHED_HERE if form.runs_here else _SEARCHED_ELSEWHERE


def machine_here() -> str:
    """How many cores of what kind."""
    return f"{os.cpu_count()} {platform.machine()} cores"


def _dataset(model: Path, data: Path) -> str:
    # files that differ in their input alone share one card
    card = model.with_name(f"{model.stem.removesuffix('_u8')}.json")
    told = json.loads(card.read_bytes()).get("dataset", "") if card.is_file() else ""
    # longer names first: "bolt_large" before "bolt"
    names = sorted((p.name for p in data.glob("*") if p.is_dir()), key=len, reverse=True)
    for name in (told, *(name for name in names if model.name.startswith(name))):
        if name and (data / name / "train" / _GOOD).is_dir():
            return name
    raise BuildError(
        f"{model}: no images: expected a folder below {data} by which its name begins, with "
        "train/good and test in it"
    )


def _find(model: Path, data: Path, folder: Path, loss_max: float, progress: Progress) -> Found:
    wanted = Wanted(model, folders_of(model, data), Options(), loss_max)
    parts = wanted.folders.good.parent.parent.name
    files, digest = inputs(wanted)
    work = Work(folder, digest)
    try:
        engine = make_engine(wanted, files, work, progress)
    except (NotProven, WeakModel) as error:
        return Found(model.stem, parts, model.stat().st_size, refusal=str(error))
    finally:
        # closed, not removed: times are taken from its files when all are built
        work.close()
    proof = engine.images.proof
    return Found(
        model.stem,
        parts,
        model.stat().st_size,
        len(proof.good),
        len(proof.bad),
        engine.proofs,
    )


def _named(name: str, progress: Progress) -> Callable[[str, int, int], None]:
    """One bar for each model, with what is done now."""

    def report(what: str, done: int, total: int) -> None:
        progress(f"{name}: {what}", done, total)

    return report


def _cost_head() -> list[str]:
    head = ["model", "parts", "good / bad", "AUROC FP32"]
    for form in QUANTIZED:
        others = [f"in {_TITLES.get(name, name)}" for name in _others(form)]
        head += [f"{form.name} INT8", *others, "in float", "rank corr."]
    return head


def _cost(one: Found) -> list[str]:
    if one.proofs is None:
        return [one.name, one.parts, *["refused"] * (len(_cost_head()) - 2)]
    # any form is compared with the same scores
    fp32 = next(iter(one.proofs.values())).agreement[REFERENCE]
    cells = [one.name, one.parts, f"{one.good} / {one.bad}", _auroc(fp32, 0)]
    for form in QUANTIZED:
        int8 = one.proofs.get(form.name)
        if int8 is None:
            cells += ["not proven", *["-"] * (len(_others(form)) + 2)]
            continue
        main = int8.agreement[REFERENCE]
        cells += [_auroc(main, 1), *(_auroc(int8.agreement.get(n), 1) for n in _others(form))]
        cells += [f"{len(int8.floats)} of {int8.convolutions}", f"{main.rank:.3f}"]
    return cells


def _others(form: Form) -> list[str]:
    """Backends beside the reference in which a form is used as it was proven here."""
    return [use.backend for use in form.uses if use.is_here and use.backend != REFERENCE]


def _auroc(one: Agreement | None, which: int) -> str:
    return "-" if one is None or one.auroc is None else f"{one.auroc[which]:.4f}"


def _time_head() -> list[str]:
    sizes = ["model", "KB FP32", *(f"KB {form.name} INT8" for form in QUANTIZED)]
    return [*sizes, *(f"{name} {form} ms" for name in cpu_backends() for form in ("FP32", "INT8"))]


def _times(one: Found) -> list[str]:
    if one.proofs is None:
        return [one.name, *["refused"] * (len(_time_head()) - 1)]
    by_name = {row.backend: row for row in one.times}
    cells = [one.name, f"{one.source_bytes // KB}"]
    cells += [_kb(one.proofs.get(form.name)) for form in QUANTIZED]
    for name in cpu_backends():
        # a backend that is not installed, or cannot run this model
        row = by_name.get(name)
        cells += ["-", "-"] if row is None else [f"{row.fp32_ms:.2f}", f"{row.int8_ms:.2f}"]
    return cells


def _kb(int8: Int8 | None) -> str:
    return "-" if int8 is None else f"{len(int8.model) // KB}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def _refused(found: Sequence[Found]) -> list[str]:
    lines = []
    for one in found:
        if one.refusal:
            lines += [f"{one.name} was refused:", "", "```", one.refusal, "```", ""]
    return lines


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"
