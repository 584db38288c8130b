"""Finds every place of a module where one small thing can be changed.

    comparison (boundary, opposite)   arithmetic   and/or, and each operand of them dropped
    not   conditions turned round   numbers +-1   True/False   min/max, any/all
    a call, assignment, raise or del left out   what is returned   continue/break

Left alone: docstrings, annotations, decorators, what is under TYPE_CHECKING, and text
for people (strings, and whatever is in an f-string or behind `raise`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from gonogo.tests.mutate.swaps import ARITHMETIC, BOOLEAN, CALLS, COMPARISONS, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator


class Edit(NamedTuple):
    """Bytes `start` to `end` of a source become `new`; `where` is the function it is in."""

    start: int
    end: int
    new: str
    where: str


def edits(source: bytes) -> list[Edit]:
    """All edits of a module's source, in the order of the text."""
    finder = Finder(source)
    finder.visit(ast.parse(source))
    return sorted(set(finder.found))


class Finder(ast.NodeVisitor):
    """Walks a module and collects its edits."""

    def __init__(self, source: bytes) -> None:
        self.found: list[Edit] = []
        self._source = source
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._where: list[str] = []
        self._returns = ""
        self._bound: set[str] = set()  # names that the function has bound so far

    # -- places in the text ------------------------------------------------------------

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return (
            self._lines[node.lineno - 1] + node.col_offset,
            self._lines[end_line - 1] + end_column,
        )

    def _text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()

    def _put(self, start: int, end: int, new: str) -> None:
        self.found.append(Edit(start, end, new, ".".join(self._where) or "module"))

    def _replace(self, node: ast.expr | ast.stmt, new: str) -> None:
        self._put(*self._span(node), new)

    def _between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        """An operator between two operands; brackets, blanks and comments may be there, too."""
        start, end = self._span(left)[1], self._span(right)[0]
        gap = self._source[start:end].split(b"#")[0]
        at = gap.find(old.encode())
        if at >= 0:
            self._put(start + at, start + at + len(old), new)

    # -- what is walked through, and what is not ---------------------------------------

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Its body alone."""
        self._where.append(node.name)
        self._walk(_without_docstring(node.body))
        self._where.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Its defaults and its body, without annotations and decorators."""
        self._where.append(node.name)
        outer = self._returns, self._bound
        self._returns = "" if node.returns is None else ast.unparse(node.returns)
        arguments = node.args
        everything = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        self._bound = {each.arg for each in everything}
        self._walk([*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)])
        self._walk(_without_docstring(node.body))
        self._returns, self._bound = outer
        self._where.pop()

    def _walk(self, nodes: list[ast.stmt] | list[ast.expr]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Text for people."""

    def visit_If(self, node: ast.If) -> None:
        """What is for the type checker alone does nothing."""
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self._condition(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Its condition, and what is in it."""
        self._condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Its condition, and what is in it."""
        self._condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Its conditions, and what is in it."""
        for test in node.ifs:
            self._condition(test)
        self.generic_visit(node)

    def _condition(self, test: ast.expr) -> None:
        """Turned round, unless it has an operator of its own that is."""
        inside = test.value if isinstance(test, ast.NamedExpr) else test
        own = isinstance(inside, ast.UnaryOp) and isinstance(inside.op, ast.Not)
        if not own and not isinstance(inside, (ast.Compare, ast.BoolOp, ast.Constant)):
            self._replace(test, f"(not ({self._text(test)}))")

    # -- expressions -------------------------------------------------------------------

    def visit_Compare(self, node: ast.Compare) -> None:
        """Boundaries and opposites."""
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            old, others = COMPARISONS[type(op)]
            for new in others:
                self._between(left, right, old, new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """`and` for `or`, and each operand as if it were not there."""
        old, new, neutral = BOOLEAN[type(node.op)]
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._between(left, right, old, new)
        for value in node.values:
            self._replace(value, neutral)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Without its `not`, its minus."""
        if isinstance(node.op, (ast.Not, ast.USub)):
            self._replace(node, f"({self._text(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """The other arithmetic."""
        if type(node.op) in ARITHMETIC:
            self._between(node.left, node.right, *ARITHMETIC[type(node.op)])
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A number's neighbours; the other truth."""
        if isinstance(node.value, bool):
            self._replace(node, repr(not node.value))
        elif isinstance(node.value, (int, float)):
            for new in numbers(node.value):
                self._replace(node, new)

    def visit_Call(self, node: ast.Call) -> None:
        """A min for a max, an any for an all."""
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            self._replace(node.func, CALLS[node.func.id])
        self.generic_visit(node)

    # -- statements --------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call that is not made; a text that stands alone is a docstring of a kind."""
        if isinstance(node.value, ast.Call):
            self._replace(node, "pass")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Left out, where the name is there without it: else everything would notice."""
        names = {n.id for t in node.targets for n in _targets(t) if isinstance(n, ast.Name)}
        if self._where and names <= self._bound:
            self._replace(node, "pass")
        self._bound |= names
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Its value; the annotation is for the type checker."""
        if node.value is not None:
            if isinstance(node.target, ast.Attribute):
                self._replace(node, "pass")
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Left out; the other arithmetic."""
        self._replace(node, "pass")
        if type(node.op) in ARITHMETIC:
            self._between(node.target, node.value, *ARITHMETIC[type(node.op)])
        self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Not raised; what it would have said is text for people."""
        self._replace(node, "pass")

    def visit_Delete(self, node: ast.Delete) -> None:
        """Not deleted."""
        self._replace(node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        """On with the loop."""
        self._replace(node, "continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        """Out of the loop."""
        self._replace(node, "break")

    def visit_Return(self, node: ast.Return) -> None:
        """Another value, by what the function says that it returns."""
        if node.value is None:
            return
        text = self._text(node.value)
        other = {"bool": f"not ({text})", "int": f"({text}) + 1", "float": f"({text}) + 1"}
        if not _changed_anyway(node.value):
            self._replace(node, f"return {other.get(self._returns, 'None')}")
        self.visit(node.value)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if text else body


def _changed_anyway(value: ast.expr) -> bool:
    """Whether its own edits hold what `return` could change: a constant, a comparison, a not."""
    turned = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    return turned or isinstance(value, (ast.Constant, ast.Compare))


def _targets(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from _targets(each)
    else:
        yield target
