"""Fetching wheels: from a folder, and what is said when one is not there, or another one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseToolMissing, WheelMissing
from gonogo.build.release.lockfile import LockFile, read_lock
from gonogo.build.release.wheelhouse import Wheelhouse, missing
from gonogo.tests.build.release.parcels import HERE, MORE, SMALL, digest, make_wheel, quiet

if TYPE_CHECKING:
    from pathlib import Path

SILENT = """\
WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/small/
ERROR: No matching distribution found for small==1.0
"""
OWN = "Requires-Dist: small>=1\nRequires-Dist: extra; extra == 'never'\nProvides-Extra: more"


def gathered(tmp_path: Path, lock: str) -> list[str]:
    """What a project that needs `small` gets, by such a lock file, from tmp_path/wheels."""
    path = tmp_path / "lock.txt"
    path.write_text(lock)
    house = tmp_path / "house"
    house.mkdir()
    own = make_wheel(tmp_path, "gonogo", {}, OWN)
    found = Wheelhouse(HERE, read_lock(path, HERE), house, tmp_path / "wheels")
    return [each.said.name for each in found.gather(own, quiet)]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder of them."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


def test_what_is_needed_by_what_is_needed_is_fetched_too(tmp_path: Path, wheels: Path) -> None:
    """In a circle as well; and nothing else that is locked."""
    small = make_wheel(wheels, "small", SMALL, "Requires-Dist: more")
    more = make_wheel(wheels, "more", MORE, "Requires-Dist: small")
    other = make_wheel(wheels, "other", {})
    lines = [
        f"{path.name.split('-')[0]}==1.0 --hash=sha256:{digest(path)}\n"
        for path in (small, more, other)
    ]
    assert gathered(tmp_path, "".join(lines)) == ["gonogo", "more", "small"]


def test_a_wheel_that_was_exchanged_is_refused(tmp_path: Path, wheels: Path) -> None:
    """By its name, as the one that is locked is another."""
    make_wheel(wheels, "small", SMALL)
    with pytest.raises(WheelMissing, match=r"small.*not the file that is locked"):
        gathered(tmp_path, f"small==1.0 --hash=sha256:{'0' * 64}\n")


def test_a_wheel_that_is_not_there_is_named_with_the_target(tmp_path: Path, wheels: Path) -> None:
    """And what can be done about it."""
    with pytest.raises(WheelMissing, match="expected a folder of wheels"):
        Wheelhouse(HERE, LockFile(tmp_path, "", {}), tmp_path, wheels / "gone")
    with pytest.raises(WheelMissing, match=r"small==1.0: no wheel for here \(Python .*--wheels"):
        gathered(tmp_path, f"small==1.0 --hash=sha256:{'0' * 64}\n")


@pytest.mark.parametrize(
    ("said", "kind", "expected"),
    [
        (
            SILENT,
            WheelMissing,
            "small==1.0: no package index answered",
        ),
        ("/usr/bin/python3: No module named pip", ReleaseToolMissing, "pip: not in this env"),
        ("ERROR: something else", WheelMissing, "pip could not fetch the wheels: ERROR: something"),
    ],
)
def test_what_pip_says_becomes_one_sentence(
    said: str, kind: type[Exception], expected: str
) -> None:
    """An index that does not answer is no missing wheel."""
    error = missing(subprocess.CompletedProcess([], 1, "", said), HERE)
    assert isinstance(error, kind)
    assert expected in str(error)


def test_an_index_that_does_not_answer_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By pip itself: at a port of this machine where nobody listens."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    path = tmp_path / "lock.txt"
    path.write_text(f"small==1.0 --hash=sha256:{'0' * 64}\n")
    own = make_wheel(tmp_path, "gonogo", {}, OWN)
    with pytest.raises(WheelMissing, match=r"small==1.0: no package index answered"):
        Wheelhouse(HERE, read_lock(path, HERE), tmp_path).gather(own, quiet)
