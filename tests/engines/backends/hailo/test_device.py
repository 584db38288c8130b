"""The chip of a process: opened once, let go by the last, and by nobody else meanwhile."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import HailoNoChip, HailoTaken
from gonogo.engines.backends.hailo.device import Chip, told

if TYPE_CHECKING:
    from gonogo.tests.vendors.hailo_fake.bench import Bench

HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_chip_is_opened_once_and_let_go_by_the_last(bench: Bench) -> None:
    """Whichever of them that is."""
    one, other = Chip.take(), Chip.take()
    assert one is other
    one.release()
    assert bench.events == ["opened"]
    other.release()
    assert bench.events == ["opened", "released"]
    Chip.take().release()
    assert bench.events.count("opened") == 2


def test_chip_is_taken_by_many_threads_at_once(bench: Bench) -> None:
    """Both places of a station load when it starts; a second device would be a broken rule."""
    taken: list[Chip] = []
    threads = [threading.Thread(target=lambda: taken.append(Chip.take())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, taken))) == 1
    for chip in taken:
        chip.release()
    assert bench.events == ["opened", "released"]


def test_chip_that_is_not_there_is_said_so(bench: Bench) -> None:
    """With the commands that show why; and nothing is left of the attempt."""
    bench.play(chip="")
    with pytest.raises(HailoNoChip, match=r"GN383: .*no Hailo chip is found.*lspci"):
        Chip.take()
    assert Chip.opened() is None


def test_chip_of_another_process_is_said_to_be_taken(bench: Bench) -> None:
    """One process at a time; once that one has ended, it can be had."""
    command = [sys.executable, "-c", HOLDER, str(bench.folder / "chip.lock")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(
            HailoTaken, match=r"GN384: .*another process has the chip 0000:01:00\.0"
        ):
            Chip.take()
        holder.stdin.close()
        holder.wait(20)
    Chip.take().release()


def broken() -> None:
    """As a runtime whose device is gone."""
    raise ValueError("gone\nfor good")


def test_told_lets_nothing_out_but_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """A runtime that is broken must not keep a process from coming to its end."""
    with told("it cannot be closed"):
        broken()
    assert caplog.messages == ["hailo: it cannot be closed: gone"]
