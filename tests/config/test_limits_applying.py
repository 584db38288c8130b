"""Limits into a station file, and out of it again."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import Files
from gonogo.base.errors import LimitsNotApplied, NothingToUndo, StationFileError
from gonogo.base.scores import ScoreLimits
from gonogo.config.limits_applying import (
    Change,
    apply,
    last,
    planned,
    planned_rules,
    undo,
    undo_path,
)
from gonogo.config.limits_in_file import Place
from gonogo.config.station import load_station
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

TOP = Place("top")
NONE = {"recheck_above": None, "reject_above": None}
LIMITS = ScoreLimits(1.25, 2.5)
ENGINE = '[view.engine]\nmodel = "m.onnx"  # of May\n[[view.rule]]'


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file with an engine whose limits are its card's."""
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE.replace("[[view.rule]]", ENGINE))
    return path


def change_of(station: Path, limits: ScoreLimits = LIMITS) -> Change:
    """As it is asked for."""
    return planned(station, TOP, limits, dict(NONE))


def limits_of(station: Path) -> tuple[float | None, float | None]:
    """As the station would read them."""
    engine = load_station(station).view[0].engine
    assert engine is not None
    return engine.recheck_above, engine.reject_above


def left(folder: Path) -> set[str]:
    """Names of the files there."""
    return {each.name for each in folder.iterdir()}


def test_apply_then_undo_leaves_the_file_as_it_was(station: Path) -> None:
    """To the byte and the rights; nothing stays beside it."""
    before = station.read_bytes()
    station.chmod(0o640)
    apply(change_of(station), load_station)
    assert limits_of(station) == LIMITS[:2]
    assert left(station.parent) == {station.name, undo_path(station).name}
    assert undo_path(station).stat().st_mode & 0o077 == 0
    back = last(station)
    assert (back.place, back.new) == (TOP, NONE)
    assert back.old == {"recheck_above": 1.25, "reject_above": 2.5}
    undo(back, load_station)
    assert station.read_bytes() == before
    assert station.stat().st_mode & 0o777 == 0o640
    assert left(station.parent) == {station.name}
    with pytest.raises(NothingToUndo, match="no limits were applied"):
        last(station)


def test_apply_through_a_link_leaves_the_link(station: Path, tmp_path: Path) -> None:
    """What it leads to has the limits."""
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "station.toml"
    link.symlink_to(station)
    apply(change_of(link), load_station)
    assert link.is_symlink()
    assert limits_of(station) == LIMITS[:2]
    undo(last(link), load_station)
    assert limits_of(station) == (None, None)


def test_undo_refuses_a_file_that_was_edited_since(station: Path) -> None:
    """What was edited stays; the former limits are said, to be typed in."""
    apply(change_of(station), load_station)
    station.write_text(station.read_text() + "# a word more\n")
    edited = station.read_bytes()
    with pytest.raises(NothingToUndo, match=r"edited since .* recheck_above left out"):
        last(station)
    assert station.read_bytes() == edited


def test_undo_reaches_back_one_step(station: Path) -> None:
    """To the limits before the last ones."""
    apply(change_of(station), load_station)
    second = planned(
        station, TOP, ScoreLimits(3.0, 4.0), {"recheck_above": 1.25, "reject_above": 2.5}
    )
    apply(second, load_station)
    undo(last(station), load_station)
    assert limits_of(station) == LIMITS[:2]


@pytest.mark.parametrize("text", ["", "{}", '{"view": "top", "recipe": 1, "old": 3}', "\x00"])
def test_undo_says_of_a_damaged_note_that_it_is_none(station: Path, text: str) -> None:
    """And where the former limits are known."""
    undo_path(station).write_text(text)
    with pytest.raises(NothingToUndo, match="gonogo audit"):
        last(station)


def test_apply_refuses_what_does_not_load(station: Path) -> None:
    """The file is as it was, and no copy stays."""
    before = station.read_bytes()

    def refuse(path: Path) -> None:
        raise StationFileError(f"{path}: no")

    with pytest.raises(StationFileError):
        apply(change_of(station), refuse)
    assert station.read_bytes() == before
    assert left(station.parent) == {station.name}


def test_apply_gives_way_to_an_editor(station: Path) -> None:
    """Who saved it meanwhile loses nothing."""
    change = change_of(station)
    station.write_text(station.read_text() + "# saved meanwhile\n")
    edited = station.read_bytes()
    with pytest.raises(LimitsNotApplied, match="just edited"):
        apply(change, load_station)
    assert station.read_bytes() == edited


class Failing(Files):
    """A disk on which one of the calls fails, by its number from 1 on."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.calls = 0

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(self, fd: int, data: bytes) -> int:
        """As it is, or full."""
        self._count()
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        """As it is, or full."""
        self._count()
        super().fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        """As it is, or full."""
        self._count()
        super().rename(old, new)


def test_apply_on_a_disk_that_fails_anywhere_leaves_one_of_the_two(station: Path) -> None:
    """At each call: the file as it was, or whole with the new limits; never a copy."""
    before = station.read_bytes()
    after = change_of(station).after
    at, failed = 0, True
    while failed:
        at += 1
        files = Failing(at)
        try:
            apply(change_of(station), load_station, files)
        except LimitsNotApplied:
            assert station.read_bytes() in {before, after}
        failed = files.calls >= at
        assert not station.with_name(".cell.proposed.toml").exists()
        station.write_bytes(before)
    assert at > 6


def test_limits_of_rules_are_taken_back_as_those_of_an_engine(station: Path) -> None:
    """The same file beside it, which says that it is of rules."""
    before = station.read_bytes()
    old = {"width": {"low": 1.0, "high": 50.0}}
    apply(planned_rules(station, "top", {"width": {"low": 2.5, "high": None}}, old), load_station)
    (rule,) = load_station(station).view[0].rule
    assert (rule.low, rule.high) == (2.5, None)
    back = last(station)
    assert str(back.place) == "the rules of view 'top'"
    assert (back.old, back.new) == (
        {"width.low": 2.5, "width.high": None}, {"width.low": 1.0, "width.high": 50.0},
    )  # fmt: skip
    undo(back, load_station)
    assert station.read_bytes() == before
