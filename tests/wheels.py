"""Whether the wheels that the lock files name are there for every box that is promised.

    python tests/wheels.py LOCK PYLOCK PYTHON...    (requirements/wheels.sh)

LOCK is a file of requirements/, PYLOCK what the package index has of the same versions: every
wheel with its name and hash, as `uv pip compile --format pylock.toml` writes it. Nothing is
downloaded. It runs on a bare interpreter with `packaging`: nothing of gonogo is imported.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable

_toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
MACHINES = ("x86_64", "aarch64")
OLDEST_GLIBC = 17  # 2.17: manylinux2014, below which no wheel of today goes


class Box(NamedTuple):
    """A kind of machine: its Python, its processor, and the minor number of its glibc 2."""

    python: str
    machine: str
    glibc: int

    def __str__(self) -> str:
        return f"Python {self.python}, {self.machine}, glibc 2.{self.glibc}"


# the systems that bring these Pythons: Ubuntu 22.04 (JetPack 6), Debian 12, Ubuntu 24.04
# (JetPack 7.2), Debian 13
GLIBC = {"3.10": 35, "3.11": 36, "3.12": 39, "3.13": 41}


class Locked(NamedTuple):
    """A line of a lock file: what, for which machines, and the hashes that pip accepts."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        """As the index writes it."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The one that is locked."""
        (pin,) = self.requirement.specifier
        return pin.version

    def wanted_on(self, box: Box) -> bool:
        """Whether its marker, if it has one, holds on such a machine."""
        here: dict[str, Any] = {**default_environment(), "platform_machine": box.machine}
        here |= {"python_version": box.python, "python_full_version": f"{box.python}.1"}
        marker = self.requirement.marker
        return marker is None or marker.evaluate(here)


class Wheel(NamedTuple):
    """A file of the index: which machines it fits, and its hash."""

    tags: frozenset[Tag]
    sha256: str


Index = dict[tuple[str, str], list[Wheel]]  # by name and version


def locked(text: str) -> list[Locked]:
    """What a lock file asks for, each line with its hashes."""
    parts = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    return [
        Locked(
            Requirement(part.partition("\n")[0].rstrip("\\ ")),
            frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", part)),
        )
        for part in parts
    ]


def offered(pylock: str) -> Index:
    """What the index has, by the names of the files."""
    found: Index = {}
    for package in _toml.loads(pylock)["packages"]:
        wheels = found.setdefault((canonicalize_name(package["name"]), package["version"]), [])
        for each in package.get("wheels", ()):
            name = each.get("name") or (each.get("url") or each["path"]).rpartition("/")[2]
            wheels.append(Wheel(parse_wheel_filename(name)[3], each["hashes"]["sha256"]))
    return found


def fitting(box: Box) -> frozenset[Tag]:
    """The tags of wheels that such a machine's pip takes."""
    version = tuple(map(int, box.python.split(".")))
    short = "cp" + box.python.replace(".", "")
    platforms = [
        f"manylinux_2_{minor}_{box.machine}" for minor in range(OLDEST_GLIBC, box.glibc + 1)
    ]
    platforms += [f"manylinux2014_{box.machine}", f"linux_{box.machine}"]
    return frozenset(cpython_tags(version, [short], platforms)) | frozenset(
        compatible_tags(version, short, platforms)
    )


def missing(wanted: Iterable[Locked], index: Index, box: Box) -> list[str]:
    """What such a machine could not install, and why."""
    tags = fitting(box)
    problems = []
    for each in wanted:
        if not each.wanted_on(box):
            continue
        there = [wheel for wheel in index.get((each.name, each.version), ()) if wheel.tags & tags]
        if not there:
            problems.append(f"{each.name} {each.version}: the index has no wheel that fits")
        elif not any(wheel.sha256 in each.hashes for wheel in there):
            problems.append(f"{each.name} {each.version}: its wheel's hash is not in the lock file")
    return problems


def floor(wanted: Iterable[Locked], index: Index, box: Box) -> int:
    """The lowest minor number of glibc 2 with which such a machine has all of it."""
    wanted = list(wanted)
    return next(
        (
            minor
            for minor in range(OLDEST_GLIBC, box.glibc)
            if not missing(wanted, index, box._replace(glibc=minor))
        ),
        box.glibc,
    )


def main(lock: Path, pylock: Path, pythons: list[str]) -> int:
    """Say for each Python and processor whether all is there; 1 if something is not."""
    wanted, index = locked(lock.read_text("utf-8")), offered(pylock.read_text("utf-8"))
    failed = False
    for box in (Box(python, machine, GLIBC[python]) for python in pythons for machine in MACHINES):
        problems = missing(wanted, index, box)
        failed |= bool(problems)
        sys.stdout.write(f"{lock.name}: {box}: {_found(wanted, index, box, problems)}\n")
    return int(failed)


def _found(wanted: list[Locked], index: Index, box: Box, problems: list[str]) -> str:
    if problems:
        return "; ".join(problems)
    count = sum(each.wanted_on(box) for each in wanted)
    core = [each for each in wanted if not each.name.startswith("openvino")]
    low, low_core = (floor(some, index, box) for some in (wanted, core))
    return f"{count} wheels, each by its hash (from glibc 2.{low}, without openvino 2.{low_core})"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
