"""The house keeps rid of large classes, wide functions, and modules without tests."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.house import (
    LINES,
    ROOT,
    file_of_tests,
    large_classes,
    modules,
    public_names,
    read,
    wide_functions,
)

if TYPE_CHECKING:
    from pathlib import Path

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

LARGE = {  # the reason stands in the docstring of each
    "drivers/camera_section.py: CameraSection",
    "watchdog/place.py: Place",
    *(f"testing/{name}.py: {name.capitalize().removesuffix('s')}Contract"
      for name in ("backends", "cameras", "rules", "transports", "triggers")),
}  # fmt: skip
WIDE = {
    "build/teach.py: teach",  # each with a default, and all of them by name
    "commands/engine_files.py: install",  # what click hands over: an option each
    "commands/running.py: campaign",
    "ipc/journal_line.py: append",
    "plc/transports/modbus_served.py: _serve",
    "testing/tiny_models.py: save",
}
LONG = {"base/errors.py"}  # one tree of errors, so that no number is given twice
FOUND = modules()


def test_class_has_few_methods_or_a_reason() -> None:
    """More than a dozen are two roles, or one that says why."""
    assert set(large_classes(FOUND)) == LARGE


def test_function_has_few_parameters_or_a_reason() -> None:
    """What belongs together is a record."""
    assert set(wide_functions(FOUND)) == WIDE


def test_file_fits_on_a_few_screens() -> None:
    """A longer one wants to be split."""
    assert {each.path for each in FOUND if each.lines > LINES} == LONG


def covered() -> dict[str, str]:
    """Modules that are tested in a file of another name."""
    return table_of("file")


def table_of(name: str) -> dict[str, str]:
    """A table of tests/covered.toml."""
    tables: dict[str, dict[str, str]] = toml.loads((ROOT / "tests" / "covered.toml").read_text())
    return tables[name]


def test_every_module_has_its_tests_or_says_where_they_are() -> None:
    """In both directions: an entry that is not needed any more goes."""
    without = {
        each.path
        for each in FOUND
        if not each.path.endswith("__init__.py") and not (ROOT / file_of_tests(each.path)).exists()
    }
    assert without == set(covered())


@pytest.mark.parametrize("module", sorted(covered()))
def test_module_is_exercised_where_the_table_says(module: str) -> None:
    """The file is there, and names by whole words the module, or what stands in it."""
    text = (ROOT / covered()[module]).read_text()
    package, _, name = ("gonogo." + module.removesuffix(".py").replace("/", ".")).rpartition(".")
    words = set(re.findall(r"[\w.]+", text))
    named = f"{package}.{name}" in words or f"from {package} import {name}" in text
    named = named or bool(words & set(public_names(ROOT / module)))
    through = table_of("through").get(module)
    assert through in words if through else named
    assert not (through and named), "an entry of [through] that is not needed any more goes"


@pytest.mark.parametrize(
    ("text", "comments", "methods", "parameters"),
    [
        ("# why\nx = 1  # unit: mm\n# -- a heading ---\n# noqa: E501\n", 2, {}, []),
        (
            "class A:\n    def f(self, a, *, b): ...\n    async def g(self): ...\n",
            0,
            {"A": 2},
            [2, 0],
        ),
        ('"""# no comment"""\ndef f(*args, a=1): ...\n', 0, {}, [1]),
    ],
)
def test_read_counts_what_is_there(
    tmp_path: Path, text: str, comments: int, methods: dict[str, int], parameters: list[int]
) -> None:
    """Comments that say something, methods, parameters without self."""
    path = tmp_path / "it.py"
    path.write_text(text)
    found = read(path, tmp_path)
    assert found.path == "it.py"
    assert (found.comments, found.classes) == (comments, methods)
    assert [each.parameters for each in found.functions] == parameters


def test_code_is_what_is_neither_blank_nor_said(tmp_path: Path) -> None:
    """A comment beside code leaves it code; a text that is used is no docstring."""
    path = tmp_path / "it.py"
    path.write_text('"""One.\n\nTwo."""\n\n# why\nx = 1  # mm\ny = """a\nb"""\n')
    assert (read(path, tmp_path).lines, read(path, tmp_path).code) == (8, 3)
