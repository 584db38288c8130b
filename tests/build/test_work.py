"""The work folder: finished results stay for the same inputs, and only for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BuildError
from gonogo.build.agreement import Scores
from gonogo.build.work import Work

if TYPE_CHECKING:
    from pathlib import Path


def _scores(value: float) -> Scores:
    good, variants, defaced, bad = (np.full(3, value + k) for k in range(4))
    return Scores(good, variants, defaced, bad, np.full((12, 4), value))


def test_work_keeps_results_of_the_same_inputs(tmp_path: Path) -> None:
    """JSON values and scores come back as they were, and are not computed again."""
    with_first = Work(tmp_path / "w", "one")
    assert not with_first.resumed
    with_first.keep("ranges", {"a": [0.5, 1.0]})
    first = with_first.scores("fp32", lambda: _scores(1))
    with_first.close()
    again = Work(tmp_path / "w", "one")
    assert again.resumed
    assert again.recall("ranges") == {"a": [0.5, 1.0]}
    kept = again.scores("fp32", lambda: _scores(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, kept, strict=True))
    again.close()


def test_work_finds_anew_what_was_changed(tmp_path: Path) -> None:
    """A bit in a kept result: limits would follow from it."""
    work = Work(tmp_path / "w", "one")
    work.keep("ranges", {"a": [0.5, 1.0]})
    work.scores("fp32", lambda: _scores(1))
    for name in ("ranges.json", "fp32.npz"):
        path = work.path(name)
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 3] ^= 1
        path.write_bytes(raw)
    assert work.recall("ranges") is None
    assert work.scores("fp32", lambda: _scores(2)).good[0] == 2
    assert work.scores("fp32", lambda: _scores(3)).good[0] == 2
    work.close()


def test_work_forgets_results_of_other_inputs(tmp_path: Path) -> None:
    """Another digest starts from nothing."""
    work = Work(tmp_path / "w", "one")
    work.keep("ranges", 1)
    work.close()
    other = Work(tmp_path / "w", "two")
    assert not other.resumed
    assert other.recall("ranges") is None
    other.close()


def test_work_is_had_by_one_build_at_a_time(tmp_path: Path) -> None:
    """The second is told so; after the first has ended it may have it."""
    first = Work(tmp_path / "w", "one")
    with pytest.raises(BuildError, match="another build writes the same --out now"):
        Work(tmp_path / "w", "one")
    first.close()
    first.close()
    Work(tmp_path / "w", "one").close()


def test_work_is_gone_when_removed(tmp_path: Path) -> None:
    """Nothing is left of a build that came to its end."""
    work = Work(tmp_path / "w", "one")
    work.keep("ranges", 1)
    work.remove()
    assert not (tmp_path / "w").exists()


def test_work_key_differs_by_each_part(tmp_path: Path) -> None:
    """Form, bounds and layers each give another name."""
    work = Work(tmp_path / "w", "one")
    keys = {work.key("tried", *rest) for rest in (("cpu", "a"), ("cpu", "b"), ("tensorrt", "a"))}
    assert len(keys) == 3
    work.close()


class Killed(BaseException):
    """The build ends here: no handler of ours sees it."""


@pytest.mark.parametrize("removed", range(4))
def test_work_that_was_killed_while_it_was_emptied_is_emptied_by_the_next(
    tmp_path: Path, removed: int
) -> None:
    """After whichever file: it is still known for a build's."""
    first = Work(tmp_path / "w", "one")
    for name in "abcd":
        first.keep(name, 1)
    first.close()
    gone: list[Path] = []

    def remove(path: Path) -> None:
        if len(gone) == removed:
            raise Killed
        gone.append(path)
        path.unlink()

    with pytest.raises(Killed):
        Work(tmp_path / "w", "two", remove)
    third = Work(tmp_path / "w", "three")
    assert not third.resumed
    assert [third.recall(name) for name in "abcd"] == [None] * 4
    third.close()


def test_work_that_was_killed_at_its_first_write_is_taken(tmp_path: Path) -> None:
    """Half of the digest is all that there is, and no stranger's file."""
    folder = tmp_path / "w"
    folder.mkdir()
    half = folder / ".digest.4711.new"
    half.write_text("on")
    work = Work(folder, "one")
    assert not half.exists()
    work.close()
    assert Work(folder, "one").resumed


def test_work_does_not_empty_a_folder_of_somebody_else(tmp_path: Path) -> None:
    """Files that no build left there stay."""
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "thesis.txt").write_text("months of work", encoding="utf-8")
    with pytest.raises(BuildError, match="holds files that no build left there"):
        Work(folder, "one")
    assert (folder / "thesis.txt").is_file()
