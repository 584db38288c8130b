"""The private directory: found where it should be, and never somebody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RuntimeDirError
from gonogo.base.runtime_dir import Roots, elsewhere, in_memory, opened, runtime_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

SHM = Path("/dev/shm")  # noqa: S108 - in memory, and checked by what is tested here
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root to make directories of another user"
)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """All the places it is looked for, in memory, under one directory of this test's own."""
    root = SHM / f"rundir-test-{os.getpid()}"
    root.mkdir(mode=0o755)
    for name in ("run", "login", "shm"):
        (root / name).mkdir(mode=0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(root / "login"))
    for name in ("GONOGO_RUNTIME_DIR", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    yield root
    for path in sorted(root.rglob("*"), reverse=True):
        path.unlink() if path.is_symlink() or path.is_file() else path.rmdir()
    root.rmdir()
    assert tmp_path.exists()


def roots(places: Path) -> Roots:
    """Where it is looked for, under that directory."""
    return Roots(places / "run" / "gonogo", places / "shm")


def test_rundir_is_made_private_where_this_user_may(places: Path) -> None:
    """The system's place first, for nobody but its owner."""
    found = runtime_dir(roots(places))
    assert found == places / "run" / "gonogo"
    assert stat.S_IMODE(found.stat().st_mode) == 0o700
    assert runtime_dir(roots(places)) == found


def test_rundir_of_a_login_is_next(places: Path) -> None:
    """Where the system's place cannot be made safely: anybody might write there."""
    (places / "run").chmod(0o777)
    assert runtime_dir(roots(places)) == places / "login" / "gonogo"


def test_rundir_is_last_where_everybody_may_write(places: Path) -> None:
    """Under a name of this user's."""
    (places / "run").chmod(0o777)
    (places / "login").chmod(0o777)
    assert runtime_dir(roots(places)) == places / "shm" / f"gonogo-{os.geteuid()}"


@pytest.mark.parametrize("name", ["GONOGO_RUNTIME_DIR", "RUNTIME_DIRECTORY"])
def test_rundir_that_is_named_is_the_one(
    places: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """By whoever starts the station, or by systemd, which may name several."""
    named = places / "named"
    monkeypatch.setenv(name, f"{named}:{places}/other")
    assert runtime_dir(roots(places)) == named
    named.chmod(0o750)
    with pytest.raises(RuntimeDirError, match="mode 0750"):  # and no other is taken instead
        runtime_dir(roots(places))


def test_rundir_on_a_disk_is_refused(
    tmp_path: Path, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writes would hold the line up."""
    if in_memory(tmp_path):
        pytest.skip("temporary files are in memory on this machine")
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", str(tmp_path / "x"))
    with pytest.raises(RuntimeDirError, match=r"expected a file system in memory.*tmpfs"):
        runtime_dir(roots(places))
    assert places.exists()


def test_rundir_that_cannot_be_made_says_so(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where, why, for whom."""
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", str(places / "no" / "x"))
    want = r"GN502: .*no/x \(\$GONOGO_RUNTIME_DIR\): No such file.*user \w+"
    with pytest.raises(RuntimeDirError, match=want):
        runtime_dir(roots(places))


def test_rundir_that_is_a_link_is_refused(places: Path) -> None:
    """Whoever made the link could lead it elsewhere."""
    (places / "run").chmod(0o777)
    (places / "login").chmod(0o777)
    mine = places / "mine"
    mine.mkdir(mode=0o700)
    (places / "shm" / f"gonogo-{os.geteuid()}").symlink_to(mine)
    with pytest.raises(RuntimeDirError, match=r"Not a directory.*no link.*rm -r"):
        runtime_dir(roots(places))
    with pytest.raises(RuntimeDirError), opened(places / "shm" / f"gonogo-{os.geteuid()}"):
        pass


@needs_root
def test_rundir_that_another_user_made_is_refused_with_the_remedy(places: Path) -> None:
    """Planted before the station's first start: a number, whose it is, and what to do."""
    (places / "run").chmod(0o777)
    (places / "login").chmod(0o777)
    planted = places / "shm" / f"gonogo-{os.geteuid()}"
    planted.mkdir(mode=0o700)
    os.chown(planted, 12345, -1)
    want = rf"GN502: .*belongs to user 12345, expected root.*rm -r {planted}"
    with pytest.raises(RuntimeDirError, match=want) as refused:
        runtime_dir(roots(places))
    assert refused.value.exit_code == 2, "a service is to be started again once it is removed"


@needs_root
def test_rundir_of_the_systems_user_is_not_taken_by_another(places: Path) -> None:
    """Root, looking on its own account, has a place of its own; and is told of the other."""
    systems = places / "run" / "gonogo"
    systems.mkdir(mode=0o700)
    os.chown(systems, 12345, -1)
    assert runtime_dir(roots(places)) == places / "login" / "gonogo"
    assert elsewhere(roots(places)) == "12345"
    os.chown(systems, 0, -1)
    assert runtime_dir(roots(places)) == systems
    assert elsewhere(roots(places)) == ""


@needs_root
def test_rundir_of_another_users_login_is_not_used(places: Path) -> None:
    """Root by sudo may still bear the login of whoever called it."""
    (places / "run").chmod(0o777)
    os.chown(places / "login", 12345, -1)
    assert runtime_dir(roots(places)).parent == places / "shm"
