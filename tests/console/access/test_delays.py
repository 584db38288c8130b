"""Delays that grow, are told and not waited for, and outlive the process."""

from __future__ import annotations

import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gonogo.console.access.delays import MOST, DelayLimits, Delays, path_of
from gonogo.tests.console.access.people import Clock

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = DelayLimits(free_account=3, free_source=10, longest_s=60.0, forget_s=600.0)


def memory(clock: Clock) -> Delays:
    """Of one process alone."""
    return Delays(None, LIMITS, clock)


def wrong(delays: Delays, clock: Clock, times: int, account: str = "anna") -> list[float]:
    """What the answers are to so many attempts that are wrong, each as soon as it may be."""
    waits = []
    for _ in range(times):
        assert delays.begin(account, "serial") == 0
        waits.append(delays.wait_s(account, "serial"))
        clock.go(waits[-1])
    return waits


def test_begin_lets_a_few_pass_and_then_doubles() -> None:
    """Up to the longest wait; the source has its own count."""
    clock = Clock()
    assert wrong(memory(clock), clock, 11) == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_begin_says_how_long_and_counts_nothing_meanwhile() -> None:
    """Whoever asks again and again waits no longer for it, and no shorter."""
    clock = Clock()
    delays = memory(clock)
    wrong(delays, clock, 5)
    delays.begin("anna", "serial")
    assert [delays.begin("anna", "serial") for _ in range(50)] == [8.0] * 50
    clock.go(7.5)
    assert delays.begin("anna", "serial") == 0.5
    clock.go(0.5)
    assert delays.begin("anna", "serial") == 0


def test_begin_counts_before_it_is_known_whether_it_was_right() -> None:
    """A crowd that comes at once is no way round it."""
    clock = Clock()
    delays = memory(clock)
    assert [delays.begin("anna", "serial") for _ in range(100)].count(0) == 3


def test_begin_counts_a_source_over_all_accounts() -> None:
    """Whoever tries one PIN at each of them waits as well; from elsewhere they do not."""
    clock = Clock()
    delays = memory(clock)
    waits = [delays.begin(f"user {number}", "10.0.0.9") for number in range(30)]
    assert waits.count(0) == 10
    assert delays.begin("user 0", "10.0.0.8") == 0


def test_begin_counts_an_account_over_all_sources() -> None:
    """A hundred boxes that guess one PIN are no hundred times as fast."""
    clock = Clock()
    delays = memory(clock)
    waits = [delays.begin("anna", f"10.0.0.{number}") for number in range(100)]
    assert waits.count(0) == 3


def test_right_forgives_the_account_and_not_the_source() -> None:
    """An account of one's own buys no attempts at others."""
    clock = Clock()
    delays = memory(clock)
    free = 0
    for number in range(40):
        free += delays.begin(f"user {number}", "10.0.0.9") == 0
        if delays.begin("mine", "10.0.0.9") == 0:
            delays.right("mine", "10.0.0.9")
    assert free < 12
    assert delays.begin("mine", "serial") == 0


def test_right_lets_a_shift_share_a_screen() -> None:
    """A slip each ten minutes, all day, and nobody ever waits."""
    clock = Clock()
    delays = memory(clock)
    for number in range(144):
        for _ in range(2):
            assert delays.begin(f"user {number % 20}", "this box") == 0
        delays.right(f"user {number % 20}", "this box")
        clock.go(600)


def test_unlock_ends_the_wait_of_an_account() -> None:
    """That of its source goes on."""
    clock = Clock()
    delays = memory(clock)
    wrong(delays, clock, 6)
    delays.begin("anna", "serial")
    assert delays.wait_s("anna", "elsewhere") > 0
    delays.unlock("anna")
    assert delays.wait_s("anna", "elsewhere") == 0


def test_delays_are_forgotten_one_by_one() -> None:
    """One in ten minutes; after a quiet hour and a half the next slip is the first one again."""
    clock = Clock()
    delays = memory(clock)
    wrong(delays, clock, 9)
    clock.go(600)
    assert wrong(delays, clock, 1) == [60]
    clock.go(8 * 600)
    assert wrong(delays, clock, 2) == [0, 1]
    clock.go(9 * 600)
    assert wrong(delays, clock, 4) == [0, 0, 1, 2]


@pytest.mark.parametrize("step_s", [-86_400.0, 86_400.0])
def test_delays_hold_no_longer_than_the_longest_wait(step_s: float) -> None:
    """Whatever a table says: one of another clock shuts nobody out for years."""
    clock = Clock()
    delays = memory(clock)
    wrong(delays, clock, 9)
    delays.begin("anna", "serial")
    clock.go(step_s)
    assert delays.wait_s("anna", "serial") <= 60


def test_delays_take_bounded_memory_and_forget_the_worst_last() -> None:
    """A flood of names that nobody has does not make room for the one that is guessed at."""
    clock = Clock()
    delays = memory(clock)
    wrong(delays, clock, 8)
    for number in range(3 * MOST):
        delays.begin(f"flood {number}", f"10.{number // 256}.{number % 256}.1")
    assert delays.wait_s("anna", "elsewhere") == 0
    assert delays.begin("anna", "elsewhere") == 0
    assert delays.wait_s("anna", "elsewhere") == 60


def test_delays_outlive_the_process(station: str) -> None:
    """And screen and console count together."""
    clock = Clock()
    path = path_of(station)
    delays = Delays(path, LIMITS, clock)
    wrong(delays, clock, 7)
    delays.begin("anna", "serial")
    assert Delays(path, LIMITS, clock).wait_s("anna", "10.0.0.1") == 32
    Delays(path, LIMITS, clock).unlock("anna")
    assert delays.wait_s("anna", "10.0.0.1") == 0


@pytest.mark.parametrize(
    "left",
    [b"", b"{", b"[]", b'{"a": 1}', b"\xff" * 100, b"[" * 100_000, b" " * 300_000,
     b'{"k": [1, 2]}', b'{"k": [true, 1, 1]}', b'{"k": [1e999, 1, 1]}'],
)  # fmt: skip
def test_delays_go_on_by_what_they_saw_where_the_table_is_torn(station: str, left: bytes) -> None:
    """A process that was killed while it wrote gives nobody free attempts at the others."""
    clock = Clock()
    path = path_of(station)
    delays = Delays(path, LIMITS, clock)
    wrong(delays, clock, 6)
    path.write_bytes(left)
    delays.begin("anna", "serial")
    again = Delays(path, LIMITS, clock)
    assert again.wait_s("anna", "elsewhere") <= 60
    again.begin("berta", "serial")


def test_delays_hold_where_the_table_cannot_be_written(tmp_path: Path) -> None:
    """In the memory of this process: a folder that is not private takes no table."""
    tmp_path.chmod(0o755)
    clock = Clock()
    delays = Delays(tmp_path / "sign-in", LIMITS, clock)
    assert [delays.begin("anna", "serial") for _ in range(100)].count(0) == 3
    assert [*tmp_path.iterdir()] == []


def test_delays_count_once_where_memory_is_full(station: str) -> None:
    """The table is not written, and this process has counted all the same."""
    delays = Delays(path_of(station), LIMITS, Clock())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        waits = [delays.begin("anna", "serial") for _ in range(20)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert waits.count(0) == 3
    assert path_of(station).read_bytes() == b""


def test_delays_keep_no_name(station: str) -> None:
    """Somebody types a PIN where the name belongs."""
    Delays(path_of(station), LIMITS, Clock()).begin("408162", "10.0.0.9")
    raw = path_of(station).read_bytes()
    assert b"408162" not in raw
    assert b"10.0.0.9" not in raw


COUNTING = """
import sys
from gonogo.console.access.delays import DelayLimits, Delays, path_of
limits = DelayLimits(free_account=41, free_source=1000)
delays = Delays(path_of(sys.argv[1]), limits, lambda: 10**12)
print(flush=True)
sys.stdin.readline()
print(sum(delays.begin("anna", sys.argv[2]) == 0 for _ in range(40)))
"""


def test_two_processes_count_every_attempt(station: str) -> None:
    """Together they let pass what one may."""
    both = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", COUNTING, station, source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for source in ("screen", "console")
    ]
    for each in both:
        assert each.stdout is not None
        each.stdout.readline()
    with ThreadPoolExecutor() as pool:
        said = pool.map(lambda each: each.communicate("go\n", timeout=120)[0], both)
    assert sum(map(int, said)) == 41
