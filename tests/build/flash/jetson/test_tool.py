"""NVIDIA's tool as a process; the stand-in by itself too: what it refuses, how it fails."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BoardAbsent, BspToolFailed, BspToolSilent
from gonogo.build.flash.jetson import bsp as bsps
from gonogo.build.flash.jetson import tool
from gonogo.build.flash.jetson.boards import in_recovery, only_one
from gonogo.build.flash.jetson.bsp import bsp_of, words
from gonogo.tests.build.flash.jetson.stand_in import is_alive, plug

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.flash.jetson.stand_in import Bench

KIT = "jetson-orin-nano-devkit"
FINE = ("--external-device", "nvme0n1p1", "-c", bsps.LAYOUT, "--network", "usb0", KIT, "internal")


def call(bench: Bench, *given: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The stand-in as somebody would type it."""
    return subprocess.run(
        [bench.bsp / bsps.TOOL, *given], check=False, capture_output=True, text=True,
        cwd=folder or bench.bsp,
    )  # fmt: skip


def run(bench: Bench, silence_s: float = 60.0) -> list[str]:
    """As a flash runs it; what it said."""
    heard: list[str] = []
    called = words(bsp_of(bench.bsp), only_one(in_recovery(bench.usb)), KIT)
    try:
        tool.run(called, bench.bsp, heard.append, silence_s)
    finally:
        (bench.folder / "heard").write_text("\n".join(heard))
    return heard


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((KIT, "internal", *FINE[:-2]), "behind the options"),
        ((*FINE[:-2], KIT), "behind the options"),
        (("--no-such", *FINE), "unknown option --no-such"),
        (("--no-flash", "--flash-only", *FINE), "takes those that were made"),
        (("-c", bsps.LAYOUT, KIT, "internal"), "must be specified together"),
        ((*FINE[:-2], "carrier-7", "internal"), "carrier-7.conf"),
        (("--external-device", "nvme0n1p1", "-c", "no.xml", KIT, "internal"), "no.xml"),
    ],
)
def test_the_stand_in_wants_the_options_that_are_documented(
    bench: Bench, given: tuple[str, ...], says: str
) -> None:
    """In their order: else a test against it would prove nothing."""
    done = call(bench, *given)
    assert done.returncode in {1, 2}
    assert says in done.stdout
    assert bench.called == []


def test_the_stand_in_wants_its_folder_root_and_a_board(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NVIDIA's README says; with all of it, it does well."""
    assert "run it in Linux_for_Tegra" in call(bench, *FINE, folder=bench.folder).stdout
    if os.geteuid() != 0:
        monkeypatch.delenv("STAND_IN_ANYBODY")
        assert "requires root" in call(bench, *FINE).stdout
        monkeypatch.setenv("STAND_IN_ANYBODY", "1")
    assert call(bench, *FINE).returncode == 0
    assert "No devices to flash" in call(bench, *FINE).stdout  # it was reset by the first


def test_it_is_heard_line_by_line_to_its_end(bench: Bench) -> None:
    """In its own folder, with nobody at its standard input."""
    heard = run(bench)
    assert len(heard) > 200
    assert heard[-1].startswith("Log is saved to")
    assert bench.called[0]["cwd"] == str(bench.bsp)
    assert bench.called[0]["stdin"] == "/dev/null"
    assert in_recovery(bench.usb) == []


def test_a_child_that_holds_its_output_is_not_waited_for(bench: Bench) -> None:
    """The tool itself has ended well; the child would be silent for ten minutes."""
    bench.behaves("leaves a child")
    try:
        assert "Successfully" in run(bench, silence_s=3.0)[-2]
    finally:
        os.kill(int((bench.bsp / "child").read_text()), signal.SIGKILL)


def test_its_error_is_ours_with_its_telling_line(bench: Bench) -> None:
    """Not with its last one, which is of its cleaning up."""
    bench.behaves("fails")
    with pytest.raises(BspToolFailed, match=r"ended with 1; it said: Error: Device ping") as caught:
        run(bench)
    assert caught.value.exit_code == 5


def test_a_tool_that_is_killed_half_way_is_said_so(bench: Bench) -> None:
    """By the signal's name."""
    bench.behaves("dies")
    with pytest.raises(BspToolFailed, match="was ended by SIGKILL"):
        run(bench)


def test_a_tool_that_hangs_is_ended_with_all_that_it_began(bench: Bench) -> None:
    """Asked first, so that it cleans up; its child is gone."""
    bench.behaves("hangs")
    with pytest.raises(BspToolSilent, match="said nothing for 2 s"):
        run(bench, silence_s=2.0)
    child = (bench.bsp / "child").read_text()
    assert not is_alive(int(child))
    assert not is_alive(int(str(bench.called[0]["pid"])))


def test_no_board_and_two_boards_by_the_tools_own_word(bench: Bench) -> None:
    """One that went after the table was looked at, and one that came."""
    called = words(bsp_of(bench.bsp), only_one(in_recovery(bench.usb)), KIT)
    plug(bench.usb, port="1-4")
    with pytest.raises(BoardAbsent, match="too many devices in RCM mode"):
        tool.run(called, bench.bsp, lambda _: None, 60.0)
    for port in ("1-3", "1-4"):
        (bench.usb / port / "idVendor").unlink()
    with pytest.raises(BoardAbsent, match="No devices to flash"):
        tool.run(called, bench.bsp, lambda _: None, 60.0)
