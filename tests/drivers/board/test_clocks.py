"""Clocks in hertz, whatever unit the kernel has them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.board.clocks import CPUFREQ, DEVFREQ, clocks
from gonogo.drivers.board.sysfs import Tree
from gonogo.tests.drivers.board.trees import orin, write

if TYPE_CHECKING:
    from pathlib import Path


def test_clocks_name_the_gpu_first(tmp_path: Path) -> None:
    """It is what an engine lives on."""
    found = clocks(Tree(orin(tmp_path)))
    assert [(clock.name, clock.kind) for clock in found] == [
        ("17000000.gpu", "gpu"),
        ("15340000.vic", "other"),
        ("policy0", "cpu"),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("17000000.ga10b", "gpu"),
        ("17000000.gpu", "gpu"),
        ("gpu-gpc-0", "gpu"),
        ("1002000000.v3d", "gpu"),
        ("fb000000.gpu-mali", "gpu"),
        ("15340000.vic", "other"),
        ("dmc", "other"),
    ],
)
def test_clock_of_a_device_is_known_by_its_name(tmp_path: Path, name: str, kind: str) -> None:
    """On the boards that we know of."""
    (found,) = clocks(Tree(write(tmp_path, {f"{DEVFREQ}/{name}/cur_freq": 1000})))
    assert (found.kind, found.now_hz) == (kind, 1000.0)


def test_clock_that_says_one_thing_alone_has_no_other(tmp_path: Path) -> None:
    """What is away is unknown; a step that is no number is none."""
    write(tmp_path, {f"{CPUFREQ}/policy4/scaling_cur_freq": 1500})
    write(tmp_path, {f"{DEVFREQ}/a.gpu/available_frequencies": "x 5 7"})
    gpu, cpu = clocks(Tree(tmp_path))
    assert gpu == ("a.gpu", "gpu", None, None, None, 7.0, None)
    assert cpu == ("policy4", "cpu", 1_500_000.0, None, None, None, None)
