"""Packages: what is installed against what is allowed, without importing any of it."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet

from gonogo.commands.board.asking import Package
from gonogo.commands.doctor.finding import Fine, Ill
from gonogo.commands.doctor.versions import Wanted, against, imported, packages, twice, wanted_here
from gonogo.tests.commands.board import boxes

if TYPE_CHECKING:
    from pathlib import Path

PIP = "/opt/.venv/bin/python -m pip install"
NUMPY, ARROW = Wanted("numpy", ">=1.26,<3"), Wanted("pyarrow", ">=17,<27", "parquet")
CV2 = Wanted("opencv-python-headless", ">=4.10,<6")


@pytest.mark.parametrize(
    "bounds", ["<3,>=1.26", ">=1.20.1,<2", "==0.1.0", ">2", "<=2.5", "!=2.0,>=1", ""]
)
def test_bounds_are_held_as_pip_holds_them(bounds: str) -> None:
    """By somebody else's code: the packaging library, of releases."""
    wanted = Wanted("x", bounds)
    for version in ("0.1.0", "1.26", "1.20.1", "1.20", "2", "2.0.0", "2.0.1", "2.5", "3.0", "10.1"):
        assert wanted.allows(version) == SpecifierSet(bounds).contains(version), version


def test_markers_leave_out_what_does_not_count_here() -> None:
    """Another Python, tools, and an extra that bounds what all have."""
    told = (
        "numpy<3,>=1.26",
        "tomli<3,>=2.0.1; python_version < '3.11'",
        "pyarrow<27,>=17; extra == 'parquet'",
        "numpy<2; extra == 'hailo'",
        "pytest<10,>=8; extra == 'dev'",
        "import-linter<3,>=2.17; (python_version >= '3.11') and extra == 'dev'",
    )
    assert [each.name for each in wanted_here(told, "3.10.12")] == ["numpy", "tomli", "pyarrow"]
    assert [each.name for each in wanted_here(told, "3.13.1")] == ["numpy", "pyarrow"]


def test_missing_package_stops_and_another_version_does_not() -> None:
    """Each with the command that brings it; an extra that nobody installed is no fault."""
    missing, *more = against([NUMPY, ARROW], lambda _: None, PIP)
    assert isinstance(missing, Ill)
    assert missing.stops
    assert missing.commands == (f"{PIP} 'numpy>=1.26,<3'",)
    assert more == []
    (old,) = against([NUMPY], lambda _: "1.21.0", PIP)
    assert isinstance(old, Ill)
    assert (old.stops, old.what) == (False, "numpy 1.21.0, expected >=1.26,<3")
    assert list(against([NUMPY], lambda _: "2.2.6", PIP)) == [Fine("versions", "numpy 2.2.6")]


def test_broken_package_is_installed_again() -> None:
    """Of gonogo itself it stops every station; of an extra what needs it."""
    brought = {"numpy": ["numpy"], "pyarrow": ["pyarrow"]}
    asked = {
        "numpy": Package(error="ImportError: libx.so: cannot open"),
        "pyarrow": Package(error="it crashes the process that uses it (SIGSEGV)"),
    }
    numpy, arrow = imported([NUMPY, ARROW], brought, asked.__getitem__, PIP)
    assert isinstance(numpy, Ill)
    assert isinstance(arrow, Ill)
    assert (numpy.stops, arrow.stops) == (True, False)
    assert "libx.so" in numpy.what
    assert arrow.means == "what needs [parquet] does not work"
    assert numpy.commands == (f"{PIP} --force-reinstall --no-deps 'numpy>=1.26,<3'",)
    assert list(imported([NUMPY], brought, lambda _: Package("2.2.6"), PIP)) == []


@pytest.mark.parametrize(
    ("ours", "module", "beside"),
    [
        (CV2, "cv2", "opencv-python"),
        (Wanted("pyserial", ">=3.5,<4"), "serial", "serial"),
        (Wanted("onnxruntime", ">=1.20.1,<2"), "onnxruntime", "onnxruntime-gpu"),
    ],
)
def test_two_packages_of_one_module_are_told(ours: Wanted, module: str, beside: str) -> None:
    """The second one has overwritten files of the first."""
    (found,) = twice([ours], {module: [ours.name, beside], "other": ["other"]}, PIP)
    assert isinstance(found, Ill)
    assert found.what.startswith(f"{beside} is installed beside {ours.name}")
    assert found.commands[0].endswith(f"pip uninstall -y {beside}")
    assert list(twice([ours], {module: [ours.name]}, PIP)) == []


def test_program_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run from its files: nobody knows what it needs."""

    def absent(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", absent)
    (found,) = packages(boxes.pc(tmp_path))
    assert isinstance(found, Ill)
    assert found.what.startswith("gonogo itself is not installed")
    assert not found.stops
