"""Plans as files: taken only whole, ours and of this box; what cannot be kept costs time alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import Files
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.tensorrt.plan_cache import KEPT, MAX_BYTES, PlanCache, plans_folder
from gonogo.engines.backends.tensorrt.plan_key import key_of
from gonogo.engines.serving.bounds import bounded
from gonogo.tests.engines.backends.tensorrt.test_plan_key import BOX

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = key_of(b"model", BOX)
PLAN = b"a plan" * 100


@pytest.fixture
def cache(tmp_path: Path) -> PlanCache:
    """With one plan in it."""
    made = PlanCache(tmp_path / "plans")
    made.keep_plan(KEY, PLAN)
    return made


def test_cache_gives_a_plan_as_it_was_kept(cache: PlanCache) -> None:
    """And none of another key; a later process finds it, too."""
    assert PlanCache(cache.folder).plan(KEY) == PLAN
    assert cache.plan(key_of(b"other", BOX)) is None
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert (cache.folder / KEY.name).stat().st_mode & 0o777 == 0o600


def flipped(path: Path) -> None:
    """A bit in the middle."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def cut(path: Path) -> None:
    """The end is missing."""
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    """Nothing is left."""
    path.write_bytes(b"")


def of_another_model(path: Path) -> None:
    """Whole, and renamed."""
    other = key_of(b"another", BOX)
    PlanCache(path.parent).keep_plan(other, b"another plan")
    (path.parent / other.name).replace(path)


def of_another_box(path: Path) -> None:
    """Whole, and copied from another TensorRT."""
    other = key_of(b"model", BOX._replace(tensorrt="10.2.0"))
    PlanCache(path.parent).keep_plan(other, b"another plan")
    (path.parent / other.name).replace(path)


def for_others_to_write(path: Path) -> None:
    """Its mode lets somebody else write it."""
    path.chmod(0o666)


def in_a_folder_of_others(path: Path) -> None:
    """Somebody else could have exchanged it."""
    path.parent.chmod(0o777)


def a_link(path: Path) -> None:
    """To the same bytes."""
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))


def too_large(path: Path) -> None:
    """Of more bytes than any plan, most of them on no disk."""
    os.truncate(path, MAX_BYTES + 1)


def a_folder(path: Path) -> None:
    """No file at all."""
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    """Whoever opens it to read waits for ever."""
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil",
    [
        flipped, cut, emptied, of_another_model, of_another_box, for_others_to_write,
        in_a_folder_of_others, a_link, a_folder, a_pipe, too_large,
    ],
)  # fmt: skip
def test_cache_hands_out_nothing_that_is_not_its_own(
    cache: PlanCache, spoil: Callable[[Path], None]
) -> None:
    """It says why, and the plan is built anew."""
    spoil(cache.folder / KEY.name)
    said: list[str] = []
    with told_to(said.append):
        assert cache.plan(KEY) is None
    assert len(said) == 1
    assert "made anew" in said[0]
    (cache.folder).chmod(0o700)


def test_cache_takes_no_more_memory_than_a_file_has(cache: PlanCache) -> None:
    """The engine process that loads may take so much, and no more."""
    with bounded(20, BACKENDS):
        assert cache.plan(KEY) == PLAN


def test_cache_without_a_plan_says_nothing(tmp_path: Path) -> None:
    """The first start is no fault."""
    said: list[str] = []
    with told_to(said.append):
        assert PlanCache(tmp_path / "none").plan(KEY) is None
    assert said == []


class FullDisk(Files):
    """No byte more."""

    def write(self, fd: int, data: bytes) -> int:  # noqa: ARG002 - of the base
        """It is full."""
        raise OSError(28, "No space left on device")


def test_cache_on_a_full_disk_keeps_the_plan_for_this_process(tmp_path: Path) -> None:
    """What is chosen is opened again a second later: it is not built twice; nothing is left."""
    cache = PlanCache(tmp_path / "plans", FullDisk())
    said: list[str] = []
    key = key_of(str(tmp_path).encode(), BOX)
    with told_to(said.append):
        cache.keep_plan(key, PLAN)
    assert "No space left" in said[0]
    assert "each start" in said[0]
    assert cache.plan(key) == PLAN
    assert list(cache.folder.iterdir()) == []
    cache.forget_plan(key)
    assert cache.plan(key) is None


def test_cache_of_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Its name is taken by a file: said, and no more."""
    (tmp_path / "plans").write_text("a file")
    cache = PlanCache(tmp_path / "plans")
    said: list[str] = []
    with told_to(said.append):
        cache.keep_timing(BOX, b"measured")
        assert cache.timing(BOX) == b""
    assert said


def test_cache_keeps_the_newest_plans(cache: PlanCache) -> None:
    """A bounded number; one that is in use counts as new."""
    keys = [key_of(f"model {k}".encode(), BOX) for k in range(KEPT)]
    for age, key in enumerate(keys[:-1]):
        cache.keep_plan(key, PLAN)
        os.utime(cache.folder / key.name, (1000 + age, 1000 + age))
    os.utime(cache.folder / KEY.name, (1, 1))
    assert cache.plan(KEY) == PLAN  # read: the oldest was in use just now
    cache.keep_plan(keys[-1], PLAN)
    left = {path.name for path in cache.folder.glob("*.plan")}
    assert len(left) == KEPT
    assert KEY.name in left
    assert keys[0].name not in left


def test_cache_removes_what_a_write_has_left_that_was_killed(cache: PlanCache) -> None:
    """The process of that number is gone; one that lives may be writing."""
    gone = cache.folder / f".{KEY.name}.{2**22 + 1}.new"
    lives = cache.folder / f".{KEY.name}.1.new"
    for path in (gone, lives):
        path.write_bytes(b"half")
    cache.keep_plan(KEY, PLAN)
    assert (gone.exists(), lives.exists()) == (False, True)


def test_cache_keeps_timings_of_a_box(cache: PlanCache) -> None:
    """They are of that box alone; a damaged file is none."""
    assert cache.timing(BOX) == b""
    cache.keep_timing(BOX, b"measured")
    assert cache.timing(BOX) == b"measured"
    assert cache.timing(BOX._replace(power_mode="0000")) == b""
    flipped(cache.folder / f"{BOX.key}.timing")
    assert cache.timing(BOX) == b""


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"GONOGO_PLANS": "/a", "STATE_DIRECTORY": "/b"}, "/a"),
        ({"STATE_DIRECTORY": "/b:/c", "XDG_CACHE_HOME": "/d"}, "/b/plans"),
        ({"XDG_CACHE_HOME": "/d"}, "/d/gonogo/plans"),
        ({}, str(Path.home() / ".cache" / "gonogo" / "plans")),
    ],
)
def test_plans_folder_is_the_first_that_is_named(environment: dict[str, str], folder: str) -> None:
    """By hand, by the service, by the user's cache."""
    assert plans_folder(environment) == Path(folder)
