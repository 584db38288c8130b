"""The wheels unpacked into one folder, as pip does it, and what a box never needs taken out again.

Nothing of the wheels is run, so those for another processor are installed here as well.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
from typing import TYPE_CHECKING

from gonogo.build.release.tool import run
from gonogo.build.release.wheelhouse import PIP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.build.release.targets import Target
    from gonogo.build.release.wheelhouse import Wheel

_TESTS = {"test", "tests"}  # folders of packages that are for whoever works on them
_PLACES = ("direct_url.json", "REQUESTED")  # where it came from, and that pip was asked for it


def install(wheels: Sequence[Wheel], target: Target, stage: Path) -> None:
    """Into stage/site; what is for man(1) and shells into stage/share."""
    site = stage / "site"
    words = [*PIP, "install", "--quiet", "--no-deps", "--no-index", "--no-cache-dir"]
    words += ["--no-compile"]  # that is for the Python of the box (gonogo.build.release.bytecode)
    words += [*target.wheels, f"--target={site}", *(str(each.path) for each in wheels)]
    run(words, stage)
    # scripts name the interpreter of whoever installed them; bin/gonogo stands for all of them
    shutil.rmtree(site / "bin", ignore_errors=True)
    if (site / "share").is_dir():
        (site / "share").rename(stage / "share")
    prune(site)


def prune(site: Path) -> None:
    """Take out tests of packages, and what names a place; RECORD lists what is left."""
    for folder in sorted(site.rglob("*")):
        if folder.name in _TESTS and folder.is_dir() and _is_package(folder.parent, site):
            shutil.rmtree(folder)
    for info in sorted(site.glob("*.dist-info")):
        for name in _PLACES:
            (info / name).unlink(missing_ok=True)
        _rewrite(info / "RECORD", site)


def _is_package(folder: Path, site: Path) -> bool:
    """Inside of something: a distribution may be called `test` itself."""
    return folder != site


def _rewrite(record: Path, site: Path) -> None:
    """Only files that are there, each with its digest and size, sorted."""
    if not record.is_file():
        return
    with record.open(newline="", encoding="utf-8") as opened:
        names = sorted({row[0] for row in csv.reader(opened) if row})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name in names:
        path = site / name
        # what was moved to share/, or left out: a line for it would name nothing
        if ".." in path.parts or name.startswith("/") or not path.is_file():
            continue
        writer.writerow([name, *(("", "") if path == record else _digest(path.read_bytes()))])
    record.write_text(text.getvalue(), encoding="utf-8")


def _digest(raw: bytes) -> tuple[str, int]:
    """As the standard of RECORD has it: URL-safe, without the padding."""
    encoded = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
    return f"sha256={encoded}", len(raw)
