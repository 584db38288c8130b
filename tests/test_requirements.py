"""The lock files: what they cover, and that this environment is the one that they describe."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
ROOT = Path(__file__).parents[1]
LOCKS = ("newest", "oldest")
EXTRAS = ("dev", "gpio", "openvino")  # what make installs
PYTHONS = {"newest": ("3.10", "3.11", "3.12", "3.13"), "oldest": ("3.10",)}
MACHINES = ("x86_64", "aarch64")
STAMP = Path(sys.prefix) / ".installed"


def locked(name: str) -> list[Requirement]:
    """What a lock file asks for, each line."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line.rstrip("\\ ") for line in text.splitlines() if line[:1].isalnum())
    return [Requirement(line) for line in lines]


def direct() -> list[Requirement]:
    """What pyproject.toml asks for, as far as make installs it."""
    project = _toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in EXTRAS:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def box(python: str, machine: str) -> dict[str, Any]:
    """Such a machine, for markers."""
    names = {"python_version": python, "python_full_version": f"{python}.1"}
    return {**default_environment(), **names, "platform_machine": machine}


def taken(name: str, environment: dict[str, Any]) -> dict[str, list[str]]:
    """The versions that a lock file has for such a machine, by package."""
    found: dict[str, list[str]] = {}
    for each in locked(name):
        if each.marker is None or each.marker.evaluate(environment):
            (pin,) = each.specifier
            found.setdefault(canonicalize_name(each.name), []).append(pin.version)
    return found


CASES = [
    (name, python, machine) for name in LOCKS for python in PYTHONS[name] for machine in MACHINES
]


@pytest.mark.parametrize(("name", "python", "machine"), CASES)
def test_lock_has_one_version_of_everything_within_its_bounds(
    name: str, python: str, machine: str
) -> None:
    """For every Python and processor that is promised; each package once."""
    environment = box(python, machine)
    found = taken(name, environment)
    assert {package: pins for package, pins in found.items() if len(pins) != 1} == {}
    for each in direct():
        if each.marker is None or each.marker.evaluate(environment):
            (pin,) = found[canonicalize_name(each.name)]
            assert pin in each.specifier, f"{each}: locked {pin}; run make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_good_on_every_machine(name: str) -> None:
    """Exact versions, each with its hashes, and no word of where they come from."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^-|--index|--find-links|--trusted", text, re.MULTILINE)
    parts = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(parts) == len(locked(name))
    for part in parts:
        assert "==" in part.partition("\n")[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", part), part


def test_oldest_versions_are_the_lower_bounds() -> None:
    """What pyproject.toml promises is what is tested: a bound that is raised is locked anew."""
    environment = box("3.10", "x86_64")
    found = taken("oldest", environment)
    for each in direct():
        if each.marker is not None and not each.marker.evaluate(environment):
            continue
        (low,) = (Version(spec.version) for spec in each.specifier if spec.operator == ">=")
        (pin,) = found[canonicalize_name(each.name)]
        assert Version(pin).release[: len(low.release)] == low.release, f"{each}: locked {pin}"


def test_every_dependency_has_an_upper_bound() -> None:
    """Behind it lies what nobody has tried."""
    open_ended = [
        str(each)
        for each in direct()
        if not any(spec.operator in {"<", "=="} for spec in each.specifier)
    ]
    assert open_ended == []


def test_this_environment_is_the_locked_one() -> None:
    """What make has installed is what the file says, to the version."""
    if not STAMP.is_file():
        pytest.skip("this environment was not made by make")
    name = STAMP.read_text(encoding="ascii").strip()
    wanted = taken(name, {**default_environment()})
    installed = {package: [importlib.metadata.version(package)] for package in wanted}
    assert installed == wanted
