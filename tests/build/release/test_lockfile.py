"""What is pinned for a kind of box: the project's own lock files, and wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.release.lockfile import read_lock
from gonogo.build.release.targets import TARGETS, target_of

ROOT = Path(__file__).parents[3]
HASH = "a" * 64
DEBIAN = target_of("x86_64-debian12")


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_own_lock_file_is_read_for_every_box(target: object) -> None:
    """One version of each package, by the markers of that box."""
    assert target in TARGETS.values()
    lock = read_lock(ROOT / "requirements" / "newest.txt", target)  # type: ignore[arg-type]
    python = next(each.python for each in TARGETS.values() if each is target)
    assert ("tomli" in lock.pins) is (python == "3.10")
    assert "colorama" not in lock.pins  # for Windows
    assert lock.pin("pydantic-core", "pydantic").hashes
    assert len(lock.sha256) == 64


def test_markers_choose_and_names_are_canonical(tmp_path: Path) -> None:
    """Two lines of one package, of which one is for this box."""
    path = tmp_path / "lock.txt"
    path.write_text(
        "# a comment\n"
        f"Some_Thing==1.0 ; python_full_version < '3.11' \\\n    --hash=sha256:{HASH}\n"
        f"some.thing==2.0 ; python_full_version >= '3.11' --hash=sha256:{HASH}\n    # via other\n"
    )
    assert read_lock(path, DEBIAN).pins["some-thing"].version == "2.0"
    jetson = read_lock(path, target_of("aarch64-jetpack6"))
    assert jetson.pins["some-thing"].line == f"some-thing==1.0 --hash=sha256:{HASH}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"some>=1 --hash=sha256:{HASH}", r"lock.txt:2: expected name==version with --hash"),
        ("some==1", r"lock.txt:2: expected name==version with --hash"),
        ("-e .", r"lock.txt:2: expected a requirement"),
    ],
)
def test_what_is_not_locked_is_refused(tmp_path: Path, line: str, said: str) -> None:
    """With the line that it stands in."""
    path = tmp_path / "lock.txt"
    path.write_text(f"\n{line}\n")
    with pytest.raises(ReleaseNotBuilt, match=said):
        read_lock(path, DEBIAN)


def test_no_file_and_no_text_are_said(tmp_path: Path) -> None:
    """And a package that the file lacks, with who needs it."""
    with pytest.raises(ReleaseNotBuilt, match="No such file"):
        read_lock(tmp_path / "gone.txt", DEBIAN)
    path = tmp_path / "lock.txt"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ReleaseNotBuilt, match="got: no text"):
        read_lock(path, DEBIAN)
    path.write_text("")
    with pytest.raises(ReleaseNotBuilt, match="lacks some, which gonogo needs on this target"):
        read_lock(path, DEBIAN).pin("some", "gonogo")
