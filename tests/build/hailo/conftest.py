"""One engine that was built for a chip as well, and the folder for the compiler."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.build.engine import Wanted
from gonogo.build.exports.options import Options
from gonogo.build.hailo.folder import compile_here, folder_of
from gonogo.build.images import Folders
from gonogo.build.job import build
from gonogo.build.label import Label
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import quiet, save_parts
from gonogo.tests.vendors.hailo_fake.compiler import compiler

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
TARGET = "hailo8"


class Made(NamedTuple):
    """The bundle, and its folder as the compiler has left it."""

    bundle: Path
    folder: Path


@pytest.fixture(scope="session")
def made_for_hailo(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Built once; whoever changes the folder copies it first."""
    folder = tmp_path_factory.mktemp("hailo")
    good, bad = save_parts(folder)
    out = folder / "bolt-1.2.0.gng"
    wanted = Wanted(
        made.ultralytics(folder / "best.onnx"), Folders(good, (bad,), None), Options(), 0.05, TARGET
    )
    build(wanted, Label("bolt", "1.2.0", NOW), out, key=None, progress=quiet)
    found = Made(out, folder_of(out, TARGET))
    with compiler():
        compile_here(found.folder)
    return found
