"""A Jetson flashed as somebody types it, against a stand-in for NVIDIA's BSP."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.build.flash.heard import Health
from gonogo.build.flash.means import Means
from gonogo.tests.build.flash.boxes import needs_tools
from gonogo.tests.build.flash.jetson import stand_in
from gonogo.tests.build.flash.jetson.stand_in import Bench, is_alive, tree_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_tools
WORDS = [
    "--external-device", "nvme0n1p1", "-c", "tools/kernel_flash/flash_l4t_t234_nvme.xml",
    "-p", "-c bootloader/generic/cfg/flash_t234_qspi.xml", "--network", "usb0",
]  # fmt: skip


class Heard:
    """A station that says one thing."""

    def __init__(self, says: Health) -> None:
        self._says = says

    def health(self) -> Health:
        """That."""
        return self._says

    def close(self) -> None:
        """Nothing."""


class Clock:
    """Time that goes when it is slept."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def sleep(self, seconds: float) -> None:
        """It goes."""
        self.now_s += seconds

    @property
    def pair(self) -> tuple[object, object]:
        """As the means have it."""
        return lambda: self.now_s, self.sleep


def without(found: dict[str, str]) -> dict[str, str]:
    """A BSP but for what the stand-in itself writes down."""
    return {name: said for name, said in found.items() if name not in {"called.json", "child"}}


def test_a_board_is_written_by_nvidias_tool_and_the_bsp_is_as_before(
    bench: Bench, image: Path
) -> None:
    """Once, with the program in the root file system; step by step on the screen."""
    before = tree_of(bench.bsp)
    code, said = bench.flashed(image)
    assert code == 0, said
    (call,) = bench.called
    assert call["words"] == [*WORDS, "jetson-orin-nano-devkit", "internal"]
    assert (call["cwd"], call["has_program"]) == (str(bench.bsp), True)
    assert without(tree_of(bench.bsp)) == before
    steps = [line for line in said.splitlines() if line.startswith("[")]
    assert [line.partition("  ")[0] for line in steps] == [
        "[1/5] put the program into the BSP's root file system",
        "[2/5] NVIDIA's tool makes and writes its images",
        "[3/5] take the program out of the BSP",
        "[4/5] look for the board",
        "[5/5] health",
    ]
    assert "by the word of NVIDIA's tool. The station judges itself" in said


def test_the_tools_own_words_are_in_the_log_and_not_on_the_screen(
    bench: Bench, image: Path
) -> None:
    """Hundreds of lines."""
    _, said = bench.flashed(image)
    log = (bench.folder / "flash.log").read_text()
    assert log.count("| [ ") == 200
    assert f"in {bench.bsp}: {bench.bsp}/tools/kernel_flash/l4t_initrd_flash.sh --ext" in log
    assert "tegrasign" not in said


def test_another_carrier_board_is_named(bench: Bench, image: Path) -> None:
    """By its configuration in the BSP."""
    assert bench.flashed(image, board="jetson-orin-nano-devkit-super")[0] == 0
    assert bench.called[0]["words"][-2:] == ["jetson-orin-nano-devkit-super", "internal"]  # type: ignore[index]


@pytest.mark.parametrize("mode", ["check", "dry-run", "list"])
def test_what_only_looks_changes_nothing(bench: Bench, image: Path, mode: str) -> None:
    """No tool is called, and nothing in the BSP changes."""
    before = tree_of(bench.bsp)
    code, said = bench.flashed(image, mode=mode)
    assert code == 0, said
    assert (tree_of(bench.bsp), bench.called) == (before, [])
    if mode == "dry-run":
        assert f"would do (in {bench.bsp}) {bench.bsp}/tools" in said
    if mode == "list":
        assert "1-3          ok       Jetson Orin NX 16GB (0955:7323)" in said


def test_what_was_typed_decides(bench: Bench, image: Path) -> None:
    """The last four of the name, as there is no serial number; anything else calls no tool."""
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "vkit" if len(asked) > 1 else "y"

    code, said = bench.flashed_with(Means(ask=answer), image=image, yes=False)
    assert (code, bench.called) == (2, []), said
    assert bench.flashed_with(Means(ask=answer), image=image, yes=False)[0] == 0
    assert "at USB 1-3: ALL of it is erased, 0.2.0 comes" in asked[0]


@pytest.mark.parametrize(
    ("how", "code", "says"),
    [("fails", 5, "GN717: NVIDIA's tool ended with 1"), ("dies", 5, "was ended by SIGKILL"),
     ("hangs", 5, "GN718: NVIDIA's tool said nothing"),
     ("stays", 5, "GN719: the board at USB 1-3 is in recovery mode after 60 s")],
)  # fmt: skip
def test_a_tool_that_fails_is_told_with_what_is_on_the_board(
    bench: Bench, image: Path, how: str, code: int, says: str
) -> None:
    """It may be half written; the BSP is as it was, and the same again does well."""
    before = without(tree_of(bench.bsp))
    bench.behaves(how)
    means = Means(silence_s=2.0, clock=Clock().pair)  # type: ignore[arg-type]
    found, said = bench.flashed_with(means, image=image)
    assert found == code, said
    assert says in said
    assert "the board may be half written, and does not start" in said
    bench.behaves("well")
    (bench.bsp / "child").unlink(missing_ok=True)
    assert bench.flashed(image)[0] == 0
    assert {**without(tree_of(bench.bsp)), "behaviour": ""} == {**before, "behaviour": ""}


@pytest.mark.parametrize(
    ("says", "code", "words"),
    [(Health("judging", "all is well", "0.2.0+program"), 0, "done: the station inspects with"),
     (Health("rules-only", "GN310: no engine", "0.2.0+program"), 7, "rules-only: GN310"),
     (Health("judging", "all is well", "0.1.0"), 7, "it runs 0.1.0, and 0.2.0+program was"),
     (Health(None, "the console does not answer"), 8, "no answer within 600 s")],
)  # fmt: skip
def test_the_station_has_the_last_word(
    bench: Bench, image: Path, says: Health, code: int, words: str
) -> None:
    """At its console, as with a disk; the version is that of the program."""
    means = Means(station=lambda _: Heard(says), clock=Clock().pair)  # type: ignore[arg-type]
    found, said = bench.flashed_with(means, image=image, no_reboot=False, station="tcp:x:1")
    assert found == code, said
    assert words in said


def test_a_board_that_goes_before_the_tool_looks_is_not_half_written(
    bench: Bench, image: Path
) -> None:
    """The tool itself says that there is none."""

    def answer(_: str) -> str:
        (bench.usb / "1-3" / "idVendor").write_text("1d6b\n")
        return "vkit"

    code, said = bench.flashed_with(Means(ask=answer), image=image, yes=False)
    assert code == 4
    assert "GN716: NVIDIA's tool: No devices to flash" in said
    assert "nothing was written" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_flash_that_is_stopped_ends_the_tool_and_leaves_the_bsp_as_it_was(
    bench: Bench, image: Path, number: int
) -> None:
    """Exit code 130, nothing of the tool goes on, and the message says what is on the board."""
    before = without(tree_of(bench.bsp))
    bench.behaves("hangs")
    flash = subprocess.Popen(
        [sys.executable, "-I", "-m", stand_in.__name__, bench.folder, image],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    child = bench.bsp / "child"
    for _ in range(600):
        if child.exists() and child.read_text():
            break
        time.sleep(0.1)
    pids = [int(child.read_text()), int(str(bench.called[0]["pid"]))]
    flash.send_signal(number)
    said, _ = flash.communicate()
    assert flash.returncode == 130, said
    assert "GN712: stopped; the board may be half written" in said
    assert "put the board into recovery mode again" in said
    for pid in pids:
        assert not is_alive(pid)
    assert {**without(tree_of(bench.bsp)), "behaviour": ""} == {**before, "behaviour": ""}
