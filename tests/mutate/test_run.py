"""The runner on a tiny checkout: what tests notice, what they do not, and what stays untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.mutate import table
from gonogo.tests.mutate.__main__ import ROOT
from gonogo.tests.mutate.run import NotGreen, job_of, run
from gonogo.tests.mutate.shadow import Order, Shadow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.mutate.judged import Judged

MODULE = "runtime/small.py"
SOURCE = (
    "def double(n: int) -> int:\n    n = 2 * n\n    log(n)\n    return n\n\n\ndef log(_n): ...\n"
)
TEST = (
    "from gonogo.runtime.small import double\n\n\ndef test_double():\n    assert double(4) == {}\n"
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One module and its test, laid out as everything here is."""
    root = tmp_path / "checkout"
    for folder in ("runtime", "tests", ".dev"):
        (root / folder).mkdir(parents=True)
    (root / ".dev/gonogo").symlink_to("..")
    (root / MODULE).write_text(SOURCE)
    (root / "tests/test_small.py").write_text(TEST.format(8))
    (root / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n'
    )
    monkeypatch.setitem(table.MODULES, MODULE, ("tests/test_small*.py",))
    return root


@pytest.fixture
def shadow(checkout: Path, tmp_path: Path) -> Iterator[Shadow]:
    """A worker on a copy of it."""
    with Shadow(checkout, tmp_path / "shadow") as made:
        yield made


def judge(shadow: Shadow, source: str, cpu_s: float = 30.0) -> str:
    """How the tests end on another version of the module."""
    return shadow.run(Order(MODULE, source, ["tests/test_small.py"], 1, 60.0, cpu_s)).status


def test_shadow_runs_each_version_for_itself(shadow: Shadow) -> None:
    """Of the same length and within one second, too; an endless loop ends by its CPU time."""
    assert judge(shadow, SOURCE) == "passed"
    assert judge(shadow, SOURCE.replace("2 * n", "3 * n")) == "failed"
    assert judge(shadow, "(") == "failed"
    assert judge(shadow, "while True: pass", cpu_s=0) == "time"
    assert judge(shadow, SOURCE) == "passed"


def test_run_finds_what_no_test_notices(checkout: Path) -> None:
    """The log that nobody looks at; the sources stay as they are."""
    job = job_of(checkout, MODULE, seed=1, count=None)
    told: list[Judged] = []
    judged = run(checkout, [job], 1, 1, told.append)
    assert [one.mutant for one in judged] == job.there
    assert [one.mutant.before for one in judged if not one.noticed] == ["log(n)"]
    assert told == judged
    assert (checkout / MODULE).read_text() == SOURCE
    assert not list(checkout.rglob("__pycache__"))


def test_run_refuses_tests_that_fail_anyway(checkout: Path) -> None:
    """They would notice everything; what they said is told."""
    (checkout / "tests/test_small.py").write_text(TEST.format(9))
    with pytest.raises(NotGreen, match=r"without any mutation: failed(.|\n)*assert 8 == 9"):
        run(checkout, [job_of(checkout, MODULE, 1, 1)], 1, 1, lambda _: None)


@pytest.mark.parametrize("module", table.MODULES)
def test_table_names_modules_and_tests_that_are_there(module: str) -> None:
    """A module that moves takes its line along."""
    assert job_of(ROOT, module, 1, 1).tried


def test_table_says_when_a_module_has_no_test(checkout: Path) -> None:
    """Nothing would notice anything."""
    (checkout / "tests/test_small.py").unlink()
    with pytest.raises(LookupError, match=r"none of tests/test_small\*\.py is there"):
        job_of(checkout, MODULE, 1, None)
