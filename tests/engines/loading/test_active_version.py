"""The folder of installed engines comes to call active what judges, whatever is in the way."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.loading.active_version import AGAIN_S, ActiveVersionWriter
from gonogo.ipc.audit.files import in_engines, rows_backwards
from gonogo.tests.engines.loading.stage import VERSIONS, WAIT_S, install, section_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.engines.installed.registry import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Three versions of bolt, the first of them active."""
    return install(tmp_path, section_of(tmp_path), *VERSIONS)


@pytest.fixture
def writer(registry: Registry, tmp_path: Path) -> ActiveVersionWriter:
    """Of that folder."""
    assert registry.root.is_dir()
    return ActiveVersionWriter(section_of(tmp_path))


def until(writer: ActiveVersionWriter, now_s: float, done: Callable[[], bool]) -> None:
    """Ticks at one moment until it is so: the thread may need some."""
    end_s = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end_s
        writer.tick(now_s)
        time.sleep(0.001)


def obstruct(registry: Registry) -> Path:
    """Nobody, root neither, can write a file where a folder is."""
    obstacle = registry.root / "bolt" / "selected.new"
    obstacle.mkdir()
    return obstacle


def test_writer_writes_nothing_before_somebody_says_what_judges(
    writer: ActiveVersionWriter, registry: Registry
) -> None:
    """A station that begins with the version before leaves the selection alone."""
    writer.tick(0.0)
    assert not writer.busy
    assert not writer.behind
    assert registry.selection("bolt") == ("1.0.0", None)


def test_writer_makes_active_what_judges(writer: ActiveVersionWriter, registry: Registry) -> None:
    """Behind until it is on the disk."""
    writer.want({"bolt": "1.1.0"})
    assert writer.behind
    until(writer, 0.0, lambda: not writer.behind)
    assert registry.selection("bolt") == ("1.1.0", "1.0.0")
    assert (writer.busy, writer.problem) == (False, "")
    # the audit trail has it, also where the line went back by itself
    (row,) = rows_backwards(in_engines(registry.root))
    assert (row.what, row.state) == ("engine judges", "done")
    assert (row.old["version"], row.new["version"]) == ("1.0.0", "1.1.0")


def test_writer_tells_a_problem_once_and_tries_again_after_a_while(
    writer: ActiveVersionWriter, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    """By the clock of whoever ticks; what is wrong is told until it is over."""
    obstacle = obstruct(registry)
    began = []
    with caplog.at_level(logging.ERROR):
        writer.want({"bolt": "1.1.0"})
        until(writer, 0.0, lambda: writer.problem != "")
        problem = writer.problem
        for now_s in (AGAIN_S - 0.1, AGAIN_S):
            writer.tick(now_s)
            began.append(writer.busy)
        until(writer, AGAIN_S, lambda: not writer.busy)
        obstacle.rmdir()
        until(writer, 2 * AGAIN_S, lambda: not writer.behind)
    assert "GN340" in problem
    assert began == [False, True]
    assert caplog.messages == [f"{problem}; tried again every 10 s"]
    assert writer.problem == ""
    assert registry.selection("bolt").active == "1.1.0"


def test_writer_writes_what_was_wanted_last(
    writer: ActiveVersionWriter, registry: Registry
) -> None:
    """A swap and the way back, while the first is still being written."""
    writer.want({"bolt": "1.1.0"})
    writer.tick(0.0)
    assert writer.busy
    writer.want({"bolt": "1.2.0"})
    until(writer, 0.0, lambda: not writer.behind)
    assert registry.selection("bolt") == ("1.2.0", "1.1.0")


def test_writer_tries_at_once_when_something_else_is_wanted(
    writer: ActiveVersionWriter, registry: Registry
) -> None:
    """It may be possible where the last one was not."""
    obstacle = obstruct(registry)
    writer.want({"bolt": "1.1.0"})
    until(writer, 0.0, lambda: writer.problem != "")
    obstacle.rmdir()
    writer.want({"bolt": "1.2.0"})
    until(writer, 0.1, lambda: not writer.behind)
    assert registry.selection("bolt").active == "1.2.0"


def test_writer_mends_what_somebody_changed_by_hand(
    writer: ActiveVersionWriter, registry: Registry, tmp_path: Path
) -> None:
    """The same versions wanted once more are looked up once more."""
    writer.want({"bolt": "1.1.0"})
    until(writer, 0.0, lambda: not writer.behind)
    registry.activate("bolt", "1.0.0", policy_of(section_of(tmp_path)))
    assert registry.selection("bolt").active == "1.0.0"
    writer.want({"bolt": "1.1.0"})
    until(writer, 0.0, lambda: not writer.behind)
    assert registry.selection("bolt").active == "1.1.0"
