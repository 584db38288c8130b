"""The house in figures: `make house` prints them, tests/test_house.py holds what must not grow.

Counted over the product's own folders, without tests and examples. A comment is a line of its own
or the end of one; headings (`# -- `), `noqa`, `type: ignore` and `fmt:` say nothing and are none.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
FOLDERS = (
    "commands", "proving", "launch", "runtime", "build", "console", "config", "rules", "drivers",
    "plc", "engines", "records", "watchdog", "ipc", "base", "testing",
)  # fmt: skip
PROCESSES = {
    "supervisor": "gonogo.watchdog.supervisor",
    "line": "gonogo.runtime.line",
    "engine host": "gonogo.engines.serving.host",
    "engine hosts in one": "gonogo.engines.serving.shared_host",
    "camera": "gonogo.drivers.cameras.process",
    "loader": "gonogo.engines.loading.process",
    "records": "gonogo.records.process",
    "log": "gonogo.records.log.process",
    "pictures": "gonogo.records.pictures.process",
    "optics": "gonogo.rules.image_trust.process",
    "board": "gonogo.drivers.board.process",
    "drift": "gonogo.records.drift.process",
    "metrics": "gonogo.records.metrics.process",
    "console": "gonogo.console.serial.process",
    "screen": "gonogo.console.screen.process",
}
METHODS, PARAMETERS, LINES = 12, 5, 300
_SAYS_NOTHING = ("# -- ", "# noqa", "# type: ignore", "# fmt:")


class Function(NamedTuple):
    """A function or method: where it stands, its parameters without self, its lines."""

    where: str
    parameters: int
    lines: int


class Module(NamedTuple):
    """One file: its lines, its comments, and what it defines; classes with their methods.

    `code`: lines that are neither blank, nor a comment alone, nor of a docstring.
    """

    path: str
    lines: int
    code: int
    comments: int
    classes: dict[str, int]
    functions: tuple[Function, ...]


def public_names(path: Path) -> list[str]:
    """Classes and functions at the top of a module, without those for itself alone."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    top = ast.parse(path.read_text(encoding="utf-8")).body
    return [each.name for each in top if isinstance(each, kinds) and each.name[0] != "_"]


def modules() -> list[Module]:
    """Every module of the product, by its path from the root."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [read(path) for path in found]


def read(path: Path, root: Path = ROOT) -> Module:
    """One module, named by its path from the root."""
    text = path.read_text()
    name = str(path.relative_to(root))
    tree = list(ast.walk(ast.parse(text)))
    classes = {node.name: _methods(node) for node in tree if isinstance(node, ast.ClassDef)}
    functions = tuple(
        Function(f"{name}: {node.name}", _parameters(node), _lines(node))
        for node in tree
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    lines = text.splitlines()
    code = len(lines) - len(_docstrings(tree) | _without_code(lines))
    return Module(name, len(lines), code, _comments(text), classes, functions)


def _docstrings(tree: list[ast.AST]) -> set[int]:
    """Numbers of the lines of texts that stand alone."""
    texts = [
        node
        for node in tree
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return {k for node in texts for k in range(node.lineno, (node.end_lineno or 0) + 1)}


def _without_code(lines: list[str]) -> set[int]:
    """Blank ones, and comments alone."""
    return {k for k, line in enumerate(lines, start=1) if line.strip()[:1] in {"", "#"}}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _comments(text: str) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(
        token.type == tokenize.COMMENT and not token.string.startswith(_SAYS_NOTHING)
        for token in tokens
    )


def _methods(node: ast.ClassDef) -> int:
    return sum(isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) for each in node.body)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    its = node.args
    every = (*its.posonlyargs, *its.args, *its.kwonlyargs)
    return sum(each.arg not in {"self", "cls"} for each in every)


def large_classes(found: list[Module]) -> dict[str, int]:
    """Those with more than METHODS methods, properties among them, as path: class."""
    return {
        f"{module.path}: {name}": methods
        for module in found
        for name, methods in module.classes.items()
        if methods > METHODS
    }


def wide_functions(found: list[Module]) -> dict[str, int]:
    """Those with more than PARAMETERS parameters."""
    every = [function for module in found for function in module.functions]
    return {each.where: each.parameters for each in every if each.parameters > PARAMETERS}


def loaded_by(module: str) -> set[str]:
    """Modules of ours that importing one loads, in a fresh interpreter."""
    code = f"import sys, {module}; print(*(m for m in sys.modules if m.startswith('gonogo.')))"
    command = [sys.executable, "-I", "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(found.stdout.split())


def file_of_tests(module: str) -> str:
    """Where the tests of a module are expected."""
    folder, _, name = module.rpartition("/")
    return f"tests/{folder}/test_{name}"


def in_words(found: list[Module]) -> list[str]:
    """A line a figure."""
    lines, comments = sum(each.lines for each in found), sum(each.comments for each in found)
    code = sum(each.code for each in found)
    lengths = sorted(each.lines for module in found for each in module.functions)
    tests = sum(len(path.read_text().splitlines()) for path in (ROOT / "tests").rglob("*.py"))
    large, wide = large_classes(found), wide_functions(found)
    long = [each.path for each in found if each.lines > LINES]
    return [
        f"modules              {len(found)}, {lines} lines, {code} of code; tests {tests}",
        f"files over {LINES} lines  {len(long)}  {' '.join(long)}".rstrip(),
        f"functions            {len(lengths)}; their lines: {_spread(lengths)}",
        f"comments             {comments}, {comments / code:.3f} a line of code",
        *_shares(found),
        f"classes over {METHODS} methods      {len(large)}",
        *(f"    {methods:3}  {where}" for where, methods in sorted(large.items())),
        f"functions over {PARAMETERS} parameters  {len(wide)}",
        *(f"    {parameters:3}  {where}" for where, parameters in sorted(wide.items())),
    ]


def _spread(ordered: list[int]) -> str:
    """Median, 95th percentile and largest."""
    median, p95 = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
    return f"median {median}, p95 {p95}, longest {ordered[-1]}"


def _shares(found: list[Module]) -> list[str]:
    """Comments a line of code, a folder each."""
    said = []
    for folder in FOLDERS:
        its = [each for each in found if each.path.startswith(f"{folder}/")]
        code, comments = sum(each.code for each in its), sum(each.comments for each in its)
        said.append(f"    {folder:9} {comments:5} in {code:6} lines of code, {comments / code:.3f}")
    return said


def _loaded() -> list[str]:
    """What each process loads before it is told anything."""
    return [f"    {name:12} {len(loaded_by(module))}" for name, module in PROCESSES.items()]


if __name__ == "__main__":
    lines = [*in_words(modules()), "modules that a process loads", *_loaded()]
    print("\n".join(lines))  # noqa: T201 - this is its output
