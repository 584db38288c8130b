"""Expressions of Structured Text as closures over a frame, with their types checked."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lark import Token, Tree

from gonogo.tests.st.machine import RANGES, Kind, StError

if TYPE_CHECKING:
    from gonogo.tests.st.machine import Frame, Load, Unit

    Node: TypeAlias = Tree[Token | None]

ANY_INT = "ANY_INT"  # a literal without a type takes the type of its neighbour
_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.floordiv,
    "MOD": operator.mod,
}


class Term(NamedTuple):
    """A compiled expression: its type, and how its value is found in a frame."""

    type: str
    load: Load


def tree(node: Node | Token | None) -> Node:
    """`node`, which must be a phrase."""
    if not isinstance(node, Tree):
        raise StError(f"expected a phrase, got {node!r}")
    return node


def trees(node: Node) -> list[Node]:
    """The phrases that `node` is made of."""
    return [child for child in node.children if isinstance(child, Tree)]


class Expressions:
    """Compiles the expressions of one unit; `units` are the functions it may call."""

    def __init__(self, unit: Unit, units: dict[str, Unit]) -> None:
        self._unit, self._units = unit, units

    def expression(self, node: Node) -> Term:
        """Any expression."""
        term: Term = getattr(self, f"_{node.data.rstrip('_')}")(node)
        return term

    def truth(self, node: Node) -> Load:
        """An expression that must be a BOOL."""
        return self.fit(self.expression(node), "BOOL", node).load

    def fit(self, term: Term, kind: str, node: Node) -> Term:
        """`term`, which must have the type `kind` or be a literal that lies in it."""
        if term.type == kind:
            return term
        if term.type == ANY_INT and kind in RANGES:
            low, high = RANGES[kind]
            if low <= term.load([]) <= high:
                return Term(kind, term.load)
        raise self.error(node, f"expected {kind}, got {term.type}")

    def error(self, node: Node, what: str) -> StError:
        """What is wrong, and where."""
        return StError(f"{self._unit.name}, line {node.meta.line}: {what}")

    def slot(self, name: str, node: Node) -> tuple[int, Kind]:
        """Where a variable lies, and its type."""
        key = name.lower()
        if key not in self._unit.slots:
            raise self.error(node, f"{name} is not declared")
        return self._unit.slots[key], self._unit.kinds[key]

    def writable(self, name: str, node: Node) -> tuple[int, Kind]:
        """The same of a variable that may be assigned to: no constant, no input."""
        if name.lower() in {*self._unit.constants, *self._unit.inputs}:
            raise self.error(node, f"{name} is a constant or an input")
        return self.slot(name, node)

    def index(self, node: Node, kind: Kind) -> Load:
        """The index of an element, counted from 0; an array has one, and only it."""
        if not kind.size or node.children[1] is None:
            raise self.error(node, "an index belongs to an array, and an array needs one")
        at = self.expression(tree(node.children[1]))
        if at.type not in {*RANGES, ANY_INT}:
            raise self.error(node, f"an index is an integer, not {at.type}")
        low, size, load = kind.low, kind.size, at.load
        where = f"{self._unit.name}, line {node.meta.line}: index outside {kind}: "

        def find(frame: Frame) -> int:
            position: int = load(frame) - low
            if not 0 <= position < size:
                raise StError(f"{where}{position + low}")
            return position

        return find

    def instance(self, name: str, node: Node) -> tuple[int, Unit]:
        """Where an instance of a function block lies, and which block it is."""
        slot, _ = self.slot(name, node)
        if name.lower() not in self._unit.instances:
            raise self.error(node, f"{name} is no function block")
        return slot, self._unit.instances[name.lower()]

    # -- phrases -----------------------------------------------------------------------

    def _variable(self, node: Node) -> Term:
        slot, kind = self.slot(str(node.children[0]), node)
        if not kind.size and node.children[1] is None:
            return Term(kind.name, lambda frame: frame[slot])
        at = self.index(node, kind)
        return Term(kind.name, lambda frame: frame[slot][at(frame)])

    def _member(self, node: Node) -> Term:
        """A variable of an instance, read from outside."""
        slot, inner = self.instance(str(node.children[0]), node)
        name, at = str(node.children[1]).lower(), node.children[2]
        if name not in inner.slots:
            raise self.error(node, f"{inner.name} has no {name}")
        place, kind = inner.slots[name], inner.kinds[name]
        if not kind.size and at is None:
            return Term(kind.name, lambda frame: frame[slot][place])
        index = self.index(Tree("variable", [Token("NAME", name), at], node.meta), kind)
        return Term(kind.name, lambda frame: frame[slot][place][index(frame)])

    def _literal(self, node: Node) -> Term:
        token = node.children[0]
        text, kind = str(token), token.type if isinstance(token, Token) else ""
        if kind == "TYPED":
            name, text = text.split("#")
            return self.fit(_constant(ANY_INT, int(text)), name, node)
        if kind == "NUMBER":
            return _constant(ANY_INT, int(text))
        if kind == "TEXT":
            return _constant("STRING", text[1:-1])
        return _constant("BOOL", kind == "TRUE")

    def _negative(self, node: Node) -> Term:
        return _constant(ANY_INT, -int(str(node.children[0])))

    def _not(self, node: Node) -> Term:
        load = self.truth(tree(node.children[0]))
        return Term("BOOL", lambda frame: not load(frame))

    def _and(self, node: Node) -> Term:
        left, right = (self.truth(each) for each in trees(node))
        return Term("BOOL", lambda frame: left(frame) & right(frame))

    def _or(self, node: Node) -> Term:
        left, right = (self.truth(each) for each in trees(node))
        return Term("BOOL", lambda frame: left(frame) | right(frame))

    def _compare(self, node: Node) -> Term:
        left, right, compare = *self._pair(node), _COMPARE[str(node.children[1])]
        if left.type not in RANGES:
            raise self.error(node, f"{left.type} cannot be compared here")
        one, other = left.load, right.load
        return Term("BOOL", lambda frame: compare(one(frame), other(frame)))

    def _arithmetic(self, node: Node) -> Term:
        """Results stay in the type; / and MOD are asked of operands >= 0 only, right > 0."""
        sign = str(node.children[1])
        left, right, compute = *self._pair(node), _ARITHMETIC[sign]
        if left.type not in RANGES:
            raise self.error(node, f"{sign} needs integers, got {left.type}")
        (low, high), one, other = RANGES[left.type], left.load, right.load
        divides = sign in {"/", "MOD"}
        where = f"{self._unit.name}, line {node.meta.line}: "

        def calculate(frame: Frame) -> int:
            a, b = one(frame), other(frame)
            if divides and (a < 0 or b <= 0):
                raise StError(f"{where}{a} {sign} {b}")
            value: int = compute(a, b)
            if not low <= value <= high:
                raise StError(f"{where}{a} {sign} {b} is outside {left.type}")
            return value

        return Term(left.type, calculate)

    def _pair(self, node: Node) -> tuple[Term, Term]:
        left, right = (self.expression(each) for each in trees(node))
        if left.type == ANY_INT and right.type == ANY_INT:
            left = self.fit(left, "INT", node)
        if left.type == ANY_INT:
            return self.fit(left, right.type, node), right
        return left, self.fit(right, left.type, node)

    def _call(self, node: Node) -> Term:
        name, *arguments = node.children
        if "_to_" in str(name).lower():
            return self._convert(str(name), node)
        unit = self._units.get(str(name).lower())
        if unit is None or not unit.result:
            raise self.error(node, f"{name} is no function above")
        given = {str(tree(each).children[0]).lower(): each for each in arguments}
        if sorted(given) != sorted(unit.inputs):
            raise self.error(node, f"{name} takes {unit.inputs} by name, got {list(given)}")
        loads = tuple(
            (unit.slots[key], self._argument(tree(each), unit.kinds[key].name))
            for key, each in given.items()
        )

        def call(frame: Frame) -> object:
            inner = unit.frame()
            for slot, load in loads:
                inner[slot] = load(frame)
            unit.run(inner)
            return inner[0]

        return Term(unit.result, call)

    def _argument(self, node: Node, kind: str) -> Load:
        return self.fit(self.expression(tree(node.children[1])), kind, node).load

    def _convert(self, name: str, node: Node) -> Term:
        """UINT_TO_INT and its like: the value must exist in the new type."""
        source, target = name.upper().split("_TO_")
        if not {source, target} <= set(RANGES):
            raise self.error(node, f"{name} is not known")
        load = self._argument(tree(node.children[1]), source)
        low, high = RANGES[target]
        where = f"{self._unit.name}, line {node.meta.line}: {name}"

        def convert(frame: Frame) -> int:
            value: int = load(frame)
            if not low <= value <= high:
                raise StError(f"{where}({value}) is outside {target}")
            return value

        return Term(target, convert)


def _constant(kind: str, value: object) -> Term:
    return Term(kind, lambda _frame: value)
