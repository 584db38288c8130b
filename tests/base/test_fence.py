"""Fences: which one a processor gets, what is refused, and that each kind can be called."""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base import fence
from gonogo.base.errors import NoFence

if TYPE_CHECKING:
    from collections.abc import Callable

MACHINE = platform.machine()
# PR_SET_MDWE of prctl(2), as systemd's MemoryDenyWriteExecute=: no page is made executable
DENIED = """
import ctypes, platform, sys
from gonogo.base import fence
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit(75)
made = fence.full(platform.machine())
made.call()
print(made.name)
"""
FORKED = """
import os
from gonogo.base import fence
for make in fence.KINDS.values():
    try:
        call = make({machine!r})
    except OSError:
        continue
    pid = os.fork()
    call()
    if not pid:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""


def python(program: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own."""
    return subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )


def test_x86_64_gets_none() -> None:
    """It keeps the order by itself: nothing is paid for in the cycle."""
    assert fence.choose("x86_64", 64) is fence.NONE
    assert "no fence is needed" in fence.NONE.said


@pytest.mark.skipif(MACHINE not in {"x86_64", "aarch64"}, reason=f"no code for {MACHINE}")
@pytest.mark.parametrize("name", sorted(fence.KINDS))
def test_kind_of_fence_can_be_called(name: str) -> None:
    """On this very box, as often as one likes: nothing grows."""
    try:
        call = fence.KINDS[name](MACHINE)
    except OSError as error:
        pytest.skip(f"{name}: {error}")
    call()
    left = []
    for _ in range(5):  # what is there after one of them alone is the interpreter's
        blocks = sys.getallocatedblocks()
        for _ in range(2_000):
            call()
        left.append(sys.getallocatedblocks() - blocks)
    assert min(left) < 100, "each call leaves something behind"


@pytest.mark.skipif(MACHINE not in {"x86_64", "aarch64"}, reason=f"no code for {MACHINE}")
def test_fence_of_machine_code_comes_first() -> None:
    """It is the quickest of those that are sound."""
    made = fence.full(MACHINE)
    assert (made.name, made.said) == ("machine code", f"machine code on {MACHINE}")


def test_machine_code_page_is_never_writable_and_executable() -> None:
    """W^X: written, then made executable and no longer writable."""
    program = (
        "from gonogo.base import fence; import platform\n"
        "old = open('/proc/self/maps').read()\n"
        "fence.machine_code(platform.machine())\n"
        "print(*(x for x in open('/proc/self/maps') if x not in old))"
    )
    done = python(program)
    if "none is known" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    rights = [line.split()[1] for line in done.stdout.splitlines() if line.split()]
    assert "r-xp" in rights
    assert not [each for each in rights if "w" in each and "x" in each]


def test_fence_without_executable_memory_is_another_kind() -> None:
    """Under MemoryDenyWriteExecute the page is refused, and the next kind is taken."""
    done = python(DENIED)
    if done.returncode == 75:
        pytest.skip("this kernel has no PR_SET_MDWE (Linux 6.3)")
    assert done.stdout.strip() in {"libatomic", "membarrier"}, done.stderr


def test_fence_holds_in_a_forked_child() -> None:
    """The page, the library and the system call are the child's as well."""
    done = python(FORKED.format(machine=MACHINE))
    assert (done.returncode, done.stderr) == (0, "")


def refuse(_machine: str) -> Callable[[], None]:
    """Of a box that lacks it."""
    raise OSError("not there")


@pytest.mark.parametrize("machine", ["riscv64", "ppc64le"])
def test_fence_of_another_processor_is_no_code_of_ours(machine: str) -> None:
    """There is none for it: the library or the kernel must do."""
    with pytest.raises(OSError, match=f"none is known for {machine}"):
        fence.machine_code(machine)
    assert fence.full(
        machine, {"machine code": fence.machine_code, "other": lambda _: fence.nothing}
    )


def test_membarrier_of_an_unknown_processor_is_refused() -> None:
    """The number of a system call is not guessed."""
    with pytest.raises(OSError, match="not known for z80"):
        fence.membarrier("z80")


def test_box_without_any_fence_is_refused_with_all_the_reasons() -> None:
    """And with what brings one."""
    with pytest.raises(NoFence) as refused:
        fence.choose("aarch64", 64, {"one": refuse, "two": refuse})
    said = str(refused.value)
    assert said.startswith("GN505: memory order: no fence can be had on aarch64")
    assert "(one: not there; two: not there)" in said
    assert "apt install libatomic1" in said


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_python_of_32_bits_is_refused(machine: str) -> None:
    """A word of eight bytes is two stores there, whatever the processor."""
    with pytest.raises(NoFence, match=f"expected a 64-bit Python, got one of 32 bits on {machine}"):
        fence.choose(machine, 32)


def test_here_is_chosen_once() -> None:
    """A segment that is mapped later has the same."""
    assert fence.here() is fence.here()
    assert (fence.here() is fence.NONE) == (MACHINE == "x86_64")
