"""One change at a time, and failures of the system in our own words."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_folder import FOLDERS
from gonogo.base.errors import EngineInUse, RegistryError
from gonogo.engines.installed.guards import locked, told
from gonogo.engines.installed.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path


def test_lock_lets_in_one_at_a_time(tmp_path: Path) -> None:
    """A second one is told at once; after the first it may, and the file of the lock stays."""
    at = Layout(tmp_path)
    with locked(at, FOLDERS):
        with pytest.raises(RegistryError, match="another program changes it now"):  # noqa: SIM117 - the outer one is held
            with locked(at, FOLDERS):
                pass
        with at.lock.open() as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with locked(at, FOLDERS):
        pass
    assert at.lock.is_file()


def test_lock_is_let_go_when_a_change_fails(tmp_path: Path) -> None:
    """Its error is what is told."""
    at = Layout(tmp_path)
    with pytest.raises(EngineInUse, match="no"), locked(at, FOLDERS):
        raise EngineInUse("no")
    with locked(at, FOLDERS):
        pass


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (PermissionError(13, "Permission denied", "/a/b"), "/a/b: Permission denied; check the"),
        (OSError(28, "No space left on device"), "/root: No space left on device; check the"),
    ],
)
def test_failed_call_is_told_with_its_path(tmp_path: Path, error: OSError, names: str) -> None:
    """That of the call where the system names it, else the folder; and what to look at."""
    root = tmp_path / "root"
    with pytest.raises(RegistryError) as caught, told(root):
        raise error
    assert names in str(caught.value)
    assert f"check the folder {root}, its owner and its disk" in str(caught.value)
    assert caught.value.__cause__ is error


def test_our_own_errors_go_through_as_they_are(tmp_path: Path) -> None:
    """Some of them are OSErrors, too: they have said already what is wrong."""
    own = RegistryError("as it is")
    assert isinstance(own, OSError)
    with pytest.raises(RegistryError) as caught, told(tmp_path):
        raise own
    assert caught.value is own
