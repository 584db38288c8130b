"""A small project that is released as gonogo is: wheels made here, a lock file, a checkout.

Import as `gonogo.tests.build.release.parcels`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.build.release.building import Order
from gonogo.build.release.checkout import checkout
from gonogo.build.release.targets import Target
from gonogo.engines.bundles.keys import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Mapping

MAKER, STRANGER = PrivateKey.new(), PrivateKey.new()
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
BASE = Path(sys._base_executable)  # type: ignore[attr-defined]  # of the environment that we are in
# this very machine as a box, with a Python that is surely there
HERE = Target(
    "here", platform.machine(), VERSION, platform.python_version(), 17,
    extras=("more", "unknown"), home=str(BASE.parent),
)  # fmt: skip
CLI = """\
import json, os, subprocess, sys
import small, more
from importlib.metadata import version

def main():
    if sys.argv[1:] == ["child"]:
        words = [sys.executable, "-I", "-c", "import small; print(small.__file__)"]
        print(subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip())
        return
    if sys.argv[1:] == ["--version"]:
        print("gonogo, version", version("gonogo"))
        return
    print(json.dumps({"args": sys.argv, "path": sys.path, "small": small.__file__,
                      "cached": small.__cached__, "there": os.path.exists(small.__cached__)}))
"""
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "gonogo"
version = "1.2.3"
license = "Apache-2.0"
license-files = ["LICENSE"]
requires-python = ">=3.10"
dependencies = ["small>=1", "absent; python_version < '3'"]
[project.optional-dependencies]
more = ["more"]
[project.scripts]
gonogo = "gonogo.commands.cli:main"
[tool.hatch.build.targets.wheel]
packages = ["gonogo"]
[tool.hatch.build.targets.wheel.shared-data]
"gonogo.1" = "share/man/man1/gonogo.1"
"""
SMALL = {
    "small/__init__.py": "NAME = 'small'\nKINDS = {'a', 'b', 'c', 'd'}\n"
    "def known(kind):\n    return kind in {'x', 'y', 'z', 'w'}\n",
    "small/tests/__init__.py": "",
    "small/tests/test_small.py": "assert True\n",
    "small/template.py": "{{ this is no Python }}\n",
    "small-1.0.dist-info/licenses/LICENSE.txt": "Do as you like.\n",
}
MORE = {"more.py": "NAME = 'more'\n"}


def needs() -> None:
    """Skip without what builds a release."""
    for tool in ("mksquashfs", "unsquashfs", "git"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (tests/peers/install.sh)")


def make_wheel(folder: Path, name: str, files: Mapping[str, str], said: str = "") -> Path:
    """A pure wheel, version 1.0; `said` are further lines of its metadata."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    every = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{said}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{each},,\n" for each in [*every, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in {**every, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(each, (2026, 1, 1, 0, 0, 0)), text)
    return path


class Parcel(NamedTuple):
    """A checkout, its wheels and its lock file."""

    source: Path
    wheels: Path
    lock: Path

    def order(self, out: Path, key: PrivateKey | None = MAKER, target: Target = HERE) -> Order:
        """That it be built."""
        out.mkdir(exist_ok=True)
        return Order(
            source=checkout(self.source), target=target, out=out, key=key, lock=self.lock,
            wheels=self.wheels,
        )  # fmt: skip


def parcel(folder: Path) -> Parcel:
    """A project of two packages, committed."""
    source, wheels = folder / "source", folder / "wheels"
    (source / "gonogo" / "commands").mkdir(parents=True)
    wheels.mkdir()
    (source / "pyproject.toml").write_text(PROJECT)
    (source / "LICENSE").write_text("Apache-2.0\n")
    (source / "gonogo.1").write_text(".TH gonogo 1\n")
    for path in ("gonogo/__init__.py", "gonogo/commands/__init__.py"):
        (source / path).write_text("")
    (source / "gonogo" / "commands" / "cli.py").write_text(CLI)
    made = [
        make_wheel(wheels, "small", SMALL, "License: Public Domain\nRequires-Dist: more"),
        make_wheel(wheels, "more", MORE, "Classifier: License :: OSI Approved :: MIT License"),
    ]
    lock = folder / "lock.txt"
    lock.write_text(
        "# made by a test\n"
        + "".join(f"{p.name.split('-')[0]}==1.0 \\\n    --hash=sha256:{digest(p)}\n" for p in made)
    )
    commit(source)
    return Parcel(source, wheels, lock)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def commit(source: Path) -> None:
    """All of it, by nobody, at a certain time."""
    when = "2026-03-01T12:00:00+00:00"
    env = {
        "PATH": os.environ["PATH"], "HOME": str(source), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when,
    }  # fmt: skip
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all of it"]):
        subprocess.run(["git", *who, *words], cwd=source, env=env, check=True, capture_output=True)


def quiet(_: str) -> None:
    """What is done meanwhile is of no interest."""
