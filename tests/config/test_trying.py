"""A station file on trial: old or new at every moment, whoever is killed and whatever fails."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ChangeNotWritten, ChangeTakenBack
from gonogo.config.trying import keep, put, sweep
from gonogo.ipc.last_good_file import digest
from gonogo.tests.config import killed_trials
from gonogo.tests.config.killed_trials import NEW, OLD
from gonogo.tests.console.access.disks import Failing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """The old one."""
    path = tmp_path / "cell.toml"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def names(folder: Path) -> list[str]:
    """What lies there."""
    return sorted(each.name for each in folder.iterdir())


def test_put_and_keep_make_it_the_station_file(station: Path) -> None:
    """With its rights; nothing else is left."""
    fresh = put(station, NEW)
    assert station.read_bytes() == OLD
    keep(station, fresh, digest(OLD))
    assert station.read_bytes() == NEW
    assert station.stat().st_mode & 0o777 == 0o640
    assert names(station.parent) == ["cell.toml"]


def test_keep_comes_too_late_for_what_was_taken_back(station: Path) -> None:
    """The old file stays."""
    fresh = put(station, NEW)
    fresh.unlink()
    with pytest.raises(ChangeTakenBack, match="old values"):
        keep(station, fresh, digest(OLD))
    assert station.read_bytes() == OLD


def test_keep_leaves_a_file_that_was_edited_meanwhile(station: Path) -> None:
    """What somebody has typed is not lost."""
    fresh = put(station, NEW)
    station.write_bytes(b"by hand = 3\n")
    with pytest.raises(ChangeNotWritten, match="edited meanwhile"):
        keep(station, fresh, digest(OLD))
    assert station.read_bytes() == b"by hand = 3\n"


def test_sweep_removes_what_was_on_trial_and_nothing_else(station: Path) -> None:
    """Also of a name with letters of a pattern; another station's is not ours."""
    odd = station.with_name("c[1].toml")
    odd.write_bytes(OLD)
    fresh, other, strange = put(station, NEW), put(station, NEW), put(odd, NEW)
    assert sweep(station) == sorted([fresh, other])
    assert names(station.parent) == sorted(["cell.toml", "c[1].toml", strange.name])
    assert sweep(odd) == [strange]
    assert sweep(odd) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("at", range(6))
def test_put_that_fails_leaves_the_old_file_alone(station: Path, at: int, code: int) -> None:
    """Whichever call it is; nothing lies beside it."""
    with pytest.raises(ChangeNotWritten, match="as it was"):
        put(station, NEW, Failing(at, code))
    assert (station.read_bytes(), names(station.parent)) == (OLD, ["cell.toml"])


def test_keep_that_fails_leaves_the_old_file_or_the_new_one(station: Path) -> None:
    """Before the rename what is on trial may still be taken back, and after it it is kept."""
    fresh = put(station, NEW)
    with pytest.raises(ChangeNotWritten, match="as it was"):
        keep(station, fresh, digest(OLD), Failing(0, errno.EROFS))
    assert (station.read_bytes(), fresh.read_bytes()) == (OLD, NEW)
    keep(station, fresh, digest(OLD), Failing(1, errno.EIO))
    assert (station.read_bytes(), names(station.parent)) == (NEW, ["cell.toml"])


def test_trial_killed_at_every_write_leaves_old_or_new(station: Path) -> None:
    """Never half of either; the next start of the station finds the old values, or the new ones."""
    words = [sys.executable, "-I", "-m", killed_trials.__name__, str(station)]
    found = subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=60)
    codes, seen = json.loads(found.stdout)
    assert codes[:-1] == [-signal.SIGKILL] * (len(codes) - 1)
    assert codes[-1] == killed_trials.DONE
    assert len(codes) > 8
    # once new, always new: there is one moment
    assert seen == sorted(seen, key=["old", "new"].index)
    assert (seen[0], seen[-1]) == ("old", "new")
