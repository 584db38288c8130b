"""The image runs: with the system's Python, its own packages and no others."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.build.release.launcher import lay_out
from gonogo.build.release.read import Release
from gonogo.build.release.trust import INSPECTION
from gonogo.build.release.unpacking import unpack
from gonogo.tests.build.release.parcels import HERE, VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.manifest import Manifest
    from gonogo.build.release.targets import Target


@pytest.fixture(scope="module")
def unpacked(
    small_release: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The image as a folder that nothing can be written into."""
    folder = tmp_path_factory.mktemp("box") / "gonogo"
    with Release(small_release[0], INSPECTION) as release:
        unpack(release, folder)
    return folder


def said(folder: Path, *words: str, **env: str) -> str:
    """What it prints; nothing of this environment is seen but what is given."""
    command = [str(folder / "bin" / "gonogo"), *words]
    done = subprocess.run(
        command, cwd="/", env={"PATH": os.defpath, **env}, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    return done.stdout


def test_launcher_sees_the_packages_of_the_image_alone(unpacked: Path, tmp_path: Path) -> None:
    """Whatever PYTHONPATH says, and whichever folder it is called in."""
    (tmp_path / "small.py").write_text("raise SystemExit('a stranger')\n")
    site = f"{unpacked}/lib/python{VERSION}/site-packages"
    found: dict[str, Any] = json.loads(said(unpacked, "a b", "c", PYTHONPATH=str(tmp_path)))
    assert found["args"] == [f"{unpacked}/bin/gonogo", "a b", "c"]
    assert found["small"] == f"{site}/small/__init__.py"
    assert found["there"]
    assert [path for path in found["path"] if path.endswith("-packages")] == [site]
    assert said(unpacked, "--version") == "gonogo, version 1.2.3\n"


def test_a_process_that_it_starts_sees_the_same(unpacked: Path) -> None:
    """By the very interpreter of the first, as a station starts its processes."""
    place = f"{unpacked}/lib/python{VERSION}/site-packages/small/__init__.py\n"
    assert said(unpacked, "child") == place


def test_launcher_is_found_through_a_link(unpacked: Path, tmp_path: Path) -> None:
    """As /usr/bin/gonogo is one."""
    link = tmp_path / "gonogo"
    link.symlink_to(unpacked / "bin" / "gonogo")
    done = subprocess.run([link, "--version"], check=True, capture_output=True, text=True)
    assert done.stdout == "gonogo, version 1.2.3\n"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (HERE._replace(machine="riscv"), "made for riscv, and this box is"),
        (HERE._replace(home="/nowhere"), f"made for /nowhere/python{VERSION}, which is not there"),
    ],
)
def test_another_box_is_said_before_anything_breaks(
    tmp_path: Path,
    target: Target,
    expected: str,
) -> None:
    """One sentence, with its number, and exit code 1."""
    lay_out(tmp_path, target)
    done = subprocess.run(
        [tmp_path / "bin" / "gonogo"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("GN687: this gonogo is ")
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_jetson_sees_the_packages_of_its_system_behind_its_own(tmp_path: Path) -> None:
    """TensorRT is one of them; a box without need sees none."""
    for name, seen in (("a", "true"), ("b", "false")):
        (tmp_path / name).mkdir()
        lay_out(tmp_path / name, HERE._replace(sees_system=seen == "true"))
        text = (tmp_path / name / "pyvenv.cfg").read_text()
        assert f"include-system-site-packages = {seen}\n" in text
    assert platform.machine() in (tmp_path / "a" / "bin" / "gonogo").read_text()
