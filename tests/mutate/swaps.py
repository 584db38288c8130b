"""What an operator is turned into: boundaries, opposites, the neighbour in arithmetic."""

from __future__ import annotations

import ast

# an ordering has two: its boundary moved, and its opposite
COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
BOOLEAN: dict[type[ast.boolop], tuple[str, str, str]] = {  # itself, the other, what drops a part
    ast.And: ("and", "or", "True"),
    ast.Or: ("or", "and", "False"),
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


def numbers(value: float) -> tuple[str, ...]:
    """The neighbours of a number; of 1.5 they are 0.5 and 2.5."""
    return (repr(value + 1), repr(value - 1))
