"""What is asked of the package index for a lock file: on made-up lines and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.wheels import Box, floor, locked, main, missing, offered

if TYPE_CHECKING:
    from pathlib import Path

JETPACK = Box("3.10", "aarch64", 35)
HASHES = {name: f"{number:064x}" for number, name in enumerate(("x86", "arm", "pure"), start=1)}
LOCK = f"""\
# made by nobody
fast-sum==1.2 ; platform_machine == 'aarch64' or python_full_version < '3.11' \\
    --hash=sha256:{HASHES["x86"]} \\
    --hash=sha256:{HASHES["arm"]}
    # via somebody
Pure==0.1 \\
    --hash=sha256:{HASHES["pure"]}
"""


def listed(name: str, version: str, *files: tuple[str, str]) -> str:
    """A package of the index's list; each file with the name of its hash."""
    wheels = ", ".join(
        f'{{ url = "x:/{file}", hashes = {{ sha256 = "{HASHES[which]}" }} }}'
        for file, which in files
    )
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [{wheels}]\n'


X86 = ("fast_sum-1.2-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "x86")
ARM = ("fast_sum-1.2-cp310-abi3-manylinux_2_31_aarch64.whl", "arm")
PURE = listed("pure", "0.1", ("pure-0.1-py3-none-any.whl", "pure"))
INDEX = listed("fast-sum", "1.2", X86, ARM) + PURE


def problems(index: str, box: Box = JETPACK, lock: str = LOCK) -> list[str]:
    """What such a box could not install."""
    return missing(locked(lock), offered(index), box)


@pytest.mark.parametrize(
    "box",
    [JETPACK, Box("3.10", "x86_64", 17), Box("3.12", "aarch64", 31), Box("3.13", "x86_64", 41)],
)
def test_missing_is_empty_where_every_wheel_is_there(box: Box) -> None:
    """By stable interface for later Pythons too; what its marker leaves out is not asked for."""
    assert problems(INDEX, box) == []


@pytest.mark.parametrize(
    ("index", "box", "why"),
    [
        (listed("fast-sum", "1.2", X86) + PURE, JETPACK, "no wheel that fits"),  # no aarch64
        (INDEX, JETPACK._replace(glibc=30), "no wheel that fits"),  # too old a glibc
        (listed("fast-sum", "1.3", X86, ARM) + PURE, JETPACK, "no wheel that fits"),  # withdrawn
        (PURE, JETPACK, "no wheel that fits"),
        (listed("fast-sum", "1.2", X86, (ARM[0], "pure")) + PURE, JETPACK, "hash is not in"),
    ],
)
def test_missing_names_what_a_box_could_not_install(index: str, box: Box, why: str) -> None:
    """Once, with the reason; a wheel of another processor and a strange hash are none."""
    (problem,) = problems(index, box)
    assert problem.startswith("fast-sum 1.2: ")
    assert why in problem


def test_missing_asks_for_a_wheel_of_that_very_python() -> None:
    """One for CPython 3.10 alone is of no use to 3.12."""
    only = (ARM[0].replace("abi3", "cp310"), "arm")
    index = listed("fast-sum", "1.2", only) + PURE
    assert problems(index) == []
    assert len(problems(index, Box("3.12", "aarch64", 39))) == 1


def test_floor_is_the_lowest_glibc_that_has_everything() -> None:
    """What the docs say of older systems."""
    assert floor(locked(LOCK), offered(INDEX), JETPACK) == 31
    assert floor(locked(LOCK), offered(INDEX), Box("3.10", "x86_64", 35)) == 17


def test_main_says_each_box_and_fails_for_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exit code for CI, a line for each."""
    lock, pylock = tmp_path / "some.txt", tmp_path / "pylock.toml"
    lock.write_text(LOCK)
    pylock.write_text(INDEX)
    assert main(lock, pylock, ["3.10", "3.12"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 4
    assert said[1] == (
        "some.txt: Python 3.10, aarch64, glibc 2.35: 2 wheels, each by its hash"
        " (from glibc 2.31, without openvino 2.31)"
    )
    pylock.write_text(PURE)
    assert main(lock, pylock, ["3.12"]) == 1
