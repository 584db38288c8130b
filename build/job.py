"""`gonogo build`: checks everything that can be checked first, builds, packs, cleans up.

The work folder lies beside the bundle, NAME.gng.work. An interrupted build leaves it, and
the same command goes on from there; a finished one removes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError, NotProven
from gonogo.build.engine import inputs, make_engine
from gonogo.build.forms import HAILO, QUANTIZED
from gonogo.build.hailo.finish import check_compiler, finish
from gonogo.build.hailo.folder import write_folder
from gonogo.build.packing import pack
from gonogo.build.work import Work

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.engine import Engine, Wanted
    from gonogo.build.goodparts import Progress
    from gonogo.build.hailo.finish import Finished
    from gonogo.build.label import Label
    from gonogo.build.packing import Packed
    from gonogo.engines.bundles.keys import PrivateKey

ENDING = ".gng"


class Built(NamedTuple):
    """What a build made; `resumed`: an earlier one of the same inputs had begun it.

    `finished`: the form that a compiler makes, where one was asked for.
    """

    engine: Engine
    packed: Packed
    resumed: bool
    finished: Finished | None = None


def work_folder(out: Path) -> Path:
    """Where finished steps are kept."""
    return out.with_name(f"{out.name}.work")


def check(label: Label, out: Path) -> None:
    """What would otherwise only be found at the end; BuildError names the option."""
    if out.suffix != ENDING or out.is_dir():
        raise BuildError(f"--out {out}: expected the name of a file that ends in {ENDING}")
    label.check()


def _check_forms(wanted: Wanted) -> None:
    """That what is required can be had at all; BuildError names the option."""
    asked = {*wanted.forms, *wanted.require}
    if not asked & {form.name for form in QUANTIZED}:
        names = " or ".join(form.name for form in QUANTIZED)
        raise BuildError(f"--forms {','.join(wanted.forms)}: expected {names} among them")
    if HAILO.name in asked and not wanted.target:
        raise BuildError(f"--forms {HAILO.name}: say for which chip: --target hailo8")
    if wanted.target:
        check_compiler(required=HAILO.name in wanted.require)


def build(
    wanted: Wanted, label: Label, out: Path, *, key: PrivateKey | None, progress: Progress
) -> Built:
    """Write the bundle; any of our errors leaves what is finished in the work folder."""
    check(label, out)
    _check_forms(wanted)
    # the digest decides whether what is kept in the work folder may be used
    files, digest = inputs(wanted)
    work = Work(work_folder(out), digest)
    try:
        engine = make_engine(wanted, files, work, progress)
        if engine.held and wanted.target:
            raise BuildError(
                f"--target {wanted.target}: the model is in INT8 already, and Hailo's compiler "
                "quantizes by its own means: give the FP32 model, or leave --target out"
            )
        packed = pack(engine, label, out, key=key, progress=progress)
        if wanted.target:  # here: what it is made from goes with the work folder
            write_folder(engine, out, wanted.target)
    finally:
        # the lock, not the folder: the same command goes on from what is finished there
        work.close()
    # only here: whatever failed above may be mended, and the same command goes on
    work.remove()
    built = Built(engine, packed, work.resumed)
    if not wanted.target:
        return built
    finished = finish(label, out, wanted.target, key=key, progress=progress)
    if finished.unproven and HAILO.name in wanted.require:
        out.unlink()  # a bundle without what was required is not to be taken for one with it
        raise NotProven(f"--require {HAILO.name}: {finished.unproven}")
    return built._replace(finished=finished)
