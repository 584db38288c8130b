"""The loops of the litmus run: what they are to a disassembler, and what they do."""

from __future__ import annotations

import ctypes
import platform
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.fence import _CODE
from gonogo.proving.litmus_code import Kind, code_of, loop

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = platform.machine()
WORDS = 8  # of a cache line
ORDERED = {  # the accesses and the fence, as a disassembler writes them, in their order
    ("aarch64", Kind.STORE): "str:x2,[x0],#64 dmb:ish str:x2,[x1],#64",
    ("aarch64", Kind.LOAD): "ldr:x4,[x1],#64 dmb:ish ldr:x5,[x0],#64",
    ("aarch64", Kind.STORE_LOAD): "str:x2,[x0],#64 dmb:ish ldr:x5,[x1],#64 str:x5,[x4],#8",
    ("x86_64", Kind.STORE): "mov:%rdx,(%rdi) mfence: mov:%rdx,(%rsi)",
    ("x86_64", Kind.LOAD): "mov:(%rsi),%r9 mfence: mov:(%rdi),%r10",
    ("x86_64", Kind.STORE_LOAD): "mov:%rdx,(%rdi) mfence: mov:(%rsi),%rax mov:%rax,(%r8)",
}


def disassembled(machine: str, code: bytes, tmp_path: Path) -> list[tuple[str, str]]:
    """Instruction and operands, by binutils."""
    name, architecture = {
        "aarch64": ("aarch64-linux-gnu-objdump", "aarch64"),
        "x86_64": ("x86_64-linux-gnu-objdump", "i386:x86-64"),
    }[machine]
    tool = shutil.which(name) or (shutil.which("objdump") if machine == MACHINE else None)
    if tool is None:
        pytest.skip(
            f"{name} is not installed (Debian: binutils-{machine.replace('_', '-')}-linux-gnu)"
        )
    path = tmp_path / "code"
    path.write_bytes(code)
    command = [tool, "-D", "-b", "binary", "-m", architecture, str(path)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^ +[0-9a-f]+:\t[0-9a-f ]+\t(\S+)(.*)$", text, re.MULTILINE)
    return [(name, re.sub(r"\s|//.*", "", rest)) for name, rest in found]


@pytest.mark.parametrize(("machine", "kind"), sorted(ORDERED, key=str))
def test_loop_accesses_memory_around_a_full_fence(machine: str, kind: Kind, tmp_path: Path) -> None:
    """Nothing else touches memory, and without the fence a nop stands there."""
    memory = {"str", "ldr", "dmb", "mfence"} | ({"mov"} if machine == "x86_64" else set())
    code = code_of(machine, kind, fenced=True)
    found = disassembled(machine, code, tmp_path)
    assert not [each for each in found if "bad" in each[0] or "undefined" in each[0]]
    assert found[-1][0].startswith("ret")
    accesses = [f"{name}:{rest}" for name, rest in found if name in memory]
    assert " ".join(accesses) == ORDERED[machine, kind]
    bare = disassembled(machine, code_of(machine, kind, fenced=False), tmp_path)
    assert [each for each in bare if not each[0].startswith("nop")] == [
        each for each in found if each[0] not in {"dmb", "mfence"}
    ]


@pytest.mark.parametrize(
    ("machine", "said"), [("aarch64", [("dmb", "ish")]), ("x86_64", [("mfence", "")])]
)
def test_fence_of_machine_code_is_the_instruction_and_a_return(
    machine: str, said: list[tuple[str, str]], tmp_path: Path
) -> None:
    """Of gonogo.base.fence."""
    *first, (last, _) = disassembled(machine, _CODE[machine], tmp_path)
    assert first == said
    assert last.startswith("ret")


@pytest.fixture
def memory() -> memoryview[int]:
    """Three pairs of words, a line apart, and what was seen."""
    return memoryview(bytearray(8 * (6 * WORDS + 3))).cast("q")


def address(memory: memoryview[int]) -> int:
    """Where it begins."""
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


@pytest.mark.skipif(MACHINE not in _CODE, reason=f"no machine code for {MACHINE}")
@pytest.mark.parametrize("fenced", [False, True])
def test_loops_do_on_this_box_what_they_say(memory: memoryview[int], *, fenced: bool) -> None:
    """Store both; find one datum older than its flag; store here and see what is there."""
    first = address(memory)
    here, there, seen = first, first + 8 * 3 * WORDS, first + 8 * 6 * WORDS
    loop(MACHINE, Kind.STORE, fenced=fenced)(here, there, 5, 3, seen)
    cells = [memory[k * WORDS] for k in range(6)]
    assert cells == [5] * 6
    assert sum(map(bool, memory)) == 6
    memory[WORDS] = 4
    assert loop(MACHINE, Kind.LOAD, fenced=fenced)(here, there, 0, 3, seen) == 1
    memory[5 * WORDS] = 7
    loop(MACHINE, Kind.STORE_LOAD, fenced=fenced)(here, there, 6, 3, seen)
    assert [memory[k * WORDS] for k in range(3)] == [6, 6, 6]
    assert memory[6 * WORDS :].tolist() == [5, 5, 7]


def test_loop_of_another_processor_is_refused() -> None:
    """None is known: the run says so."""
    with pytest.raises(OSError, match="no machine code is known for riscv64"):
        loop("riscv64", Kind.STORE, fenced=True)
