"""Real time: each thing that makes parts late, on boxes of files."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from gonogo.base.realtime import RealtimeSection
from gonogo.commands.board.found import Needs, find
from gonogo.commands.doctor import timing
from gonogo.commands.doctor.finding import Ill, Scene
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.commands.board.box import Box

NOTHING = Needs()


def ills(box: Box, scene: Scene | None = None, area: str = timing.AREA) -> list[Ill]:
    """What is wrong with its time; the memory of this process may be locked."""
    scene = scene or Scene(box, holds=lambda _: True)
    found = timing.look(scene, find(box, NOTHING))
    return [each for each in found if isinstance(each, Ill) and each.area == area]


def test_box_that_keeps_time_has_no_finding(tmp_path: Path) -> None:
    """A PC with all that may be asked for."""
    trees.write(
        tmp_path,
        {
            "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never",
            "proc/sys/kernel/sched_rt_runtime_us": "950000",
            "proc/sys/kernel/sched_rt_period_us": "1000000",
            "proc/sys/kernel/sched_autogroup_enabled": "1",
        },
    )
    assert ills(boxes.pc(tmp_path)) == []


@pytest.mark.parametrize(
    ("files", "says", "does"),
    [
        (
            {"sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never"},
            "huge pages are [always]",
            "echo madvise",
        ),
        (
            {
                "proc/sys/kernel/sched_rt_runtime_us": "100000",
                "proc/sys/kernel/sched_rt_period_us": "1000000",
            },
            "sched_rt_runtime_us is 100000 of 1000000 us, expected at least 900000",
            "sysctl -w kernel.sched_rt_runtime_us=950000",
        ),
        (
            {
                "proc/sys/kernel/sched_rt_runtime_us": "0",
                "proc/sys/kernel/sched_rt_period_us": "1000000",
            },
            "sched_rt_runtime_us is 0",
            "sysctl",
        ),
    ],
)
def test_setting_of_the_kernel_is_told_with_what_mends_it(
    tmp_path: Path, files: dict[str, str], says: str, does: str
) -> None:
    """One line a thing, none of which stops a station."""
    trees.write(tmp_path, files)
    (found,) = ills(boxes.pc(tmp_path))
    assert says in found.what
    assert does in found.commands[0]
    assert not found.stops


def test_all_that_real_time_threads_may_have_is_no_fault(tmp_path: Path) -> None:
    """-1 is without a limit."""
    trees.write(
        tmp_path,
        {
            "proc/sys/kernel/sched_rt_runtime_us": "-1",
            "proc/sys/kernel/sched_rt_period_us": "1000000",
        },
    )
    assert ills(boxes.pc(tmp_path)) == []


def test_user_without_a_rank_is_told_of_the_login_groups_too(tmp_path: Path) -> None:
    """With a rank they mean nothing."""
    trees.write(tmp_path, {"proc/sys/kernel/sched_autogroup_enabled": "1"})
    rank, group = ills(boxes.pc(tmp_path)._replace(realtime=lambda: False))
    assert "may not schedule in real time" in rank.what
    assert "autogroup" in group.what


def test_memory_that_may_not_be_locked_is_told(tmp_path: Path) -> None:
    """By this process's own limit, unless it has the capability."""
    box = boxes.pc(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 20, before[1]))
    try:
        (found,) = ills(box, Scene(box, holds=lambda _: False))
        assert "locked up to 1024 kB" in found.what
        assert "memlock unlimited" in found.commands[0]
        assert ills(box, Scene(box, holds=lambda _: True)) == []
    finally:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, before)


def test_chip_that_slows_itself_down_is_told(tmp_path: Path) -> None:
    """The box of the test has a processor that does."""
    (found,) = ills(boxes.pc(tmp_path), area="heat")
    assert found.what == "the chip slows itself down now (Processor)"


def test_one_core_and_a_core_that_is_not_there_are_told(tmp_path: Path) -> None:
    """The core of the station file is counted against the box."""
    (one,) = ills(boxes.pc(tmp_path / "one")._replace(cores=1))
    assert one.what.startswith("one core")
    section = RealtimeSection(line_core=64)
    station = small_station(tmp_path).model_copy(update={"realtime": section})
    box = boxes.pc(tmp_path / "two")
    (core,) = ills(box, Scene(box, station, holds=lambda _: True))
    assert core.what.startswith("[realtime] line_core = 64, expected 0 to 4")


def test_clocks_that_follow_the_load_are_told(tmp_path: Path) -> None:
    """As `gonogo board` says it."""
    box = boxes.pc(tmp_path)
    trees.write(
        tmp_path,
        {
            "sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "powersave",
            "sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq": "800000",
            "sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq": "800000",
            "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq": "4100000",
            "sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq": "4100000",
        },
    )
    (found,) = ills(box)
    assert "governor powersave" in found.what
    assert "echo performance" in found.commands[0]
