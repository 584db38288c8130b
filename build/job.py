"""`gonogo build`: checks everything that can be checked first, builds, packs, cleans up.

The work folder lies beside the bundle, NAME.gng.work. An interrupted build leaves it, and
the same command goes on from there; a finished one removes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError
from gonogo.build.engine import inputs, make_engine
from gonogo.build.packing import pack
from gonogo.build.work import Work
from gonogo.engines.bundles.version import is_version
from gonogo.engines.section import NAME

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gonogo.build.engine import Engine, Wanted
    from gonogo.build.goodparts import Progress
    from gonogo.build.packing import Label, Packed
    from gonogo.engines.bundles.keys import PrivateKey

ENDING = ".gng"
VERSION = "1.0.0"
NOTE_MAX = 1000


class Built(NamedTuple):
    """What a build made; `resumed`: an earlier one of the same inputs had begun it."""

    engine: Engine
    packed: Packed
    resumed: bool


def name_and_version(out: Path) -> tuple[str, str]:
    """Of bolt-1.2.0.gng: bolt and 1.2.0; of a name without a version: VERSION."""
    name, _, last = out.stem.partition("-")
    while last:
        if is_version(last):
            return name, last
        more, _, last = last.partition("-")
        name = f"{name}-{more}"
    return out.stem, VERSION


def work_folder(out: Path) -> Path:
    """Where finished steps are kept."""
    return out.with_name(f"{out.name}.work")


def check(label: Label, out: Path, created: datetime) -> None:
    """What would otherwise only be found at the end; BuildError names the option."""
    if out.suffix != ENDING or out.is_dir():
        raise BuildError(f"--out {out}: expected the name of a file that ends in {ENDING}")
    if not re.fullmatch(NAME, label.name):
        raise BuildError(
            f"--name {label.name!r}: expected 1 to 40 letters, digits and _ . - that begin with a "
            "letter or digit; without --name it is that of --out"
        )
    if not is_version(label.version):
        raise BuildError(f"--version {label.version!r}: expected one as 1.2.0 or 1.2.0-rc.1")
    if label.expires is not None and label.expires <= created:
        raise BuildError(f"--expires {label.expires:%Y-%m-%d}: expected a day to come")
    if len(label.note) > NOTE_MAX or not label.note.isprintable():
        raise BuildError(f"--note: expected one line of at most {NOTE_MAX} characters")


def build(
    wanted: Wanted,
    label: Label,
    out: Path,
    *,
    created: datetime,
    key: PrivateKey | None,
    progress: Progress,
) -> Built:
    """Write the bundle; any of our errors leaves what is finished in the work folder."""
    check(label, out, created)
    files, digest = inputs(wanted)
    work = Work(work_folder(out), digest)
    try:
        engine = make_engine(wanted, files, work, progress)
        packed = pack(engine, label, out, created=created, key=key, progress=progress)
    finally:
        work.close()
    work.remove()
    return Built(engine, packed, work.resumed)
