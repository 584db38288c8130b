"""Proof that a suite notices: drivers that are wrong on purpose must fail it, where they are.

A module of wrong drivers holds classes that inherit a suite: `Right...` passes all of it, and each
`Wrong...` says in `fails` which tests it is made to fail. Import as `gonogo.tests.testing.proof`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


class Outcomes(NamedTuple):
    """Tests by class: what failed in the test itself, and what did not."""

    failed: dict[str, set[str]]
    passed: dict[str, set[str]]


class _Recorder:
    """A plugin of pytest: of a wrong driver it runs only what is to fail."""

    def __init__(self) -> None:
        self.outcomes = Outcomes({}, {})
        self._names: dict[str, tuple[str, str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what a wrong driver is not made for."""
        kept = []
        for item in items:
            assert isinstance(item, pytest.Function)
            assert item.cls is not None
            fails = getattr(item.cls, "fails", None)
            if fails is None or item.originalname in fails:
                kept.append(item)
                self._names[item.nodeid] = (item.cls.__name__, item.originalname)
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what became of a test; one that could not even begin is neither."""
        suite, test = self._names[report.nodeid]
        if report.when == "call" and not report.skipped:
            kind = self.outcomes.failed if report.failed else self.outcomes.passed
            kind.setdefault(suite, set()).add(test)


def outcomes_of(module: ModuleType, folder: Path) -> Outcomes:
    """Run the suites of a module, in this process and in an empty folder."""
    file = folder / f"test_{module.__name__.rpartition('.')[2]}.py"  # one name, one module, here
    file.write_text(f"from {module.__name__} import *\n", encoding="utf-8")
    recorder = _Recorder()
    words = [
        "-q",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--rootdir",
        str(folder),
    ]
    classes = ["-o", "python_classes=Right Wrong", "-W", "error"]
    config = folder / "pytest.ini"
    config.write_text("[pytest]\n", encoding="utf-8")
    pytest.main([*words, *classes, "-c", str(config), str(file)], plugins=[recorder])
    return recorder.outcomes


def promises_of(suite: type[Any]) -> set[str]:
    """The tests that a suite has."""
    return {name for name in dir(suite) if name.startswith("test_")}


def prove(module: ModuleType, suite: type[Any], folder: Path, beside: frozenset[str]) -> None:
    """Right ones pass; wrong ones fail where they say; every test of the suite has a wrong one.

    `beside`: tests for which there is no wrong driver here, and the caller says why.
    """
    outcomes = outcomes_of(module, folder)
    wrong = {
        name: set(made.fails) for name, made in vars(module).items() if name.startswith("Wrong")
    }
    right = {name for name in vars(module) if name.startswith("Right")}
    assert {name: outcomes.failed.get(name, set()) for name in wrong} == wrong
    assert {name: outcomes.failed[name] for name in right & outcomes.failed.keys()} == {}
    seen = set().union(*wrong.values())
    assert seen == promises_of(suite) - beside
    assert seen <= set().union(*(outcomes.passed[name] for name in right))
