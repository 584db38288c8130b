"""A whole station with its ejector at a chip in a file, killed while the output is on.

The chip is a driver of another package, which a Python of its own knows (tests/plc/filechip.py).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WAIT_S = 400
KILLS = 2

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has what this one has, and `[plc] driver = "gpio-file"`."""
    venv = tmp_path_factory.mktemp("file-chip") / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=WAIT_S
    )
    (site,) = (venv / "lib").glob("python*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    package = site / "file_chip-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: file-chip\nVersion: 1\n")
    entry = "gpio-file = gonogo.tests.plc.filechip:ENTRY"
    (package / "entry_points.txt").write_text(f"[gonogo.transports]\n{entry}\n")
    return venv / "bin" / "python"


@pytest.mark.parametrize("kind", ["drops", "keeps"])
def test_station_that_is_killed_with_the_ejector_on_lets_no_bad_part_pass(
    python: Path, tmp_path: Path, kind: str
) -> None:
    """Whatever the chip does with an output whose process has died; off after the stop as well."""
    program = [str(python), "-I", "-m", "gonogo.tests.plc.killed_station"]
    program += [str(tmp_path), kind, str(KILLS)]
    done = subprocess.run(program, check=False, capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    log.info("%s: %s", kind, said)
    assert said["parts"]["bad on"] == said["parts"]["no verdict on"] == 0
    assert min(said["parts"]["good on"], said["parts"]["bad off"]) > 0, "all parts were alike"
    assert len(said["off_after_ms"]) == KILLS
    assert not said["left on"]
