"""Runs IEC 61131-3 Structured Text as it stands: parsed, checked and executed, scan by scan.

It is stricter than a PLC, so that what runs here runs the same everywhere:

- both sides of an operation and of an assignment have the same type; integers are
  converted by name (UINT_TO_INT) or not at all;
- a result outside its type, an index outside its array, and a division by zero are errors,
  where PLCs wrap, clip, or stop, each in its own way;
- AND and OR evaluate both sides, as the standard says;
- an array that crosses an interface has a type with a name, and is given one of that very name;
- no name is a word of the standard, of CODESYS, TwinCAT or an S7; comments do not nest.

The grammar is grammar.lark beside it. Nothing in this folder knows anything of gonogo.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lark import Lark, Token
from lark.exceptions import LarkError

from gonogo.tests.st.expressions import Expressions, tree, trees
from gonogo.tests.st.machine import NAMES, RANGES, Kind, StError, Unit
from gonogo.tests.st.words import RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.tests.st.expressions import Node
    from gonogo.tests.st.machine import Frame, Load, Run

_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
TURNS_MAX = 10_000  # of a WHILE; a PLC's watchdog would have stopped it
_PARSER = Lark(
    Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
    parser="lalr",
    propagate_positions=True,
)


def load(text: str) -> dict[str, Unit]:
    """Every function and function block of `text` by name; StError says what is wrong where."""
    _comments(text)
    try:
        whole = cast("Node", _PARSER.parse(text))
    except LarkError as error:
        raise StError(f"no Structured Text: {error}") from error
    units: dict[str, Unit] = {}
    types: dict[str, Kind] = {}
    for node in trees(whole):
        if node.data == "types":
            _name_types(node, types)
            continue
        name, *rest = node.children
        _free(str(name), node)
        result = ""
        if node.data == "function":
            result, rest = _kind(tree(rest[0]), {}).name, rest[1:]
        unit = Unit(str(name), result)
        _Statements(unit, units, types).fill([tree(child) for child in rest])
        units[str(name).lower()] = unit
    return units


def _comments(text: str) -> None:
    """Some compilers end a comment in a comment at the first end, some at the last."""
    for match in _COMMENT.finditer(text):
        if "(*" in match[0][2:]:
            line = text.count("\n", 0, match.start()) + 1
            raise StError(f"line {line}: a comment in a comment")


def _free(name: str, node: Node) -> None:
    if name.upper() in RESERVED:
        raise StError(f"line {node.meta.line}: {name} is a word of the language somewhere")


def _name_types(node: Node, types: dict[str, Kind]) -> None:
    for name, array in zip(node.children[::2], node.children[1::2], strict=True):
        _free(str(name), node)
        types[str(name).lower()] = _kind(tree(array), {})._replace(alias=str(name))


def _kind(node: Node, types: Mapping[str, Kind]) -> Kind:
    if node.data == "array":
        low, high, name = node.children
        return Kind(str(name), int(str(low)), int(str(high)) - int(str(low)) + 1)
    token = str(node.children[0])
    kind = types.get(token.lower(), Kind(token))
    if kind.name not in NAMES:
        raise StError(f"line {node.meta.line}: type {kind.name} is not known")
    return kind


class _Statements(Expressions):
    """Turns the phrases of one unit into closures over a frame."""

    def __init__(self, unit: Unit, units: dict[str, Unit], types: Mapping[str, Kind]) -> None:
        super().__init__(unit, units)
        self._types = types

    def fill(self, nodes: Sequence[Node]) -> None:
        """Declarations first, then statements."""
        for node in nodes:
            if node.data == "vars":
                self._declare(node)
        self._unit.body = self._statements([node for node in nodes if node.data != "vars"])

    def _declare(self, node: Node) -> None:
        constant = any(isinstance(c, Token) and c.type == "CONSTANT" for c in node.children)
        for each in trees(node):
            name, inner = str(each.children[0]), self._instance(each)
            if inner is not None:
                self._unit.declare(name, Kind(inner.name), constant=False)
                self._unit.instances[name.lower()] = inner
                continue
            _free(name, each)
            kind = _kind(tree(each.children[1]), self._types)
            if kind.size and not kind.alias and node.children[0] != "VAR":
                raise self.error(each, f"{name}: an array in an interface needs a named type")
            self._unit.declare(name, kind, constant=constant)
            if node.children[0] == "VAR_INPUT":
                self._unit.inputs.append(name.lower())
            if (value := each.children[2]) is not None:
                first = self.fit(self.expression(tree(value)), kind.name, each).load([])
                self._unit.first[self._unit.slots[name.lower()]] = first

    def _instance(self, node: Node) -> Unit | None:
        """The function block that a declaration makes an instance of, if it does."""
        unit = self._units.get(str(tree(node.children[1]).children[0]).lower())
        return None if unit is None or unit.result else unit

    # -- statements --------------------------------------------------------------------

    def _statements(self, nodes: Sequence[Node]) -> tuple[Run, ...]:
        return tuple(getattr(self, f"_do_{node.data}")(node) for node in nodes)

    def _block(self, node: Node | Token | None) -> Run:
        statements = self._statements(trees(tree(node)))

        def run(frame: Frame) -> None:
            for statement in statements:
                statement(frame)

        return run if len(statements) > 1 else statements[0]

    def _do_assignment(self, node: Node) -> Run:
        target, value = trees(node)
        slot, kind = self.writable(str(target.children[0]), target)
        what = self.fit(self.expression(value), kind.name, node).load
        if target.children[1] is None:
            if kind.size:
                raise self.error(node, "an array cannot be assigned as a whole")
            return lambda frame: frame.__setitem__(slot, what(frame))
        at = self.index(target, kind)
        return lambda frame: frame[slot].__setitem__(at(frame), what(frame))

    def _do_invoke(self, node: Node) -> Run:
        slot, inner = self.instance(str(node.children[0]), node)
        loads = tuple(self._input(inner, each) for each in trees(node))

        def run(frame: Frame) -> None:
            memory = frame[slot]
            for at, load in loads:
                memory[at] = load(frame)
            inner.run(memory)

        return run

    def _input(self, inner: Unit, node: Node) -> tuple[int, Load]:
        """One input of a block: its slot and its value; an array is taken as a copy."""
        key = str(node.children[0]).lower()
        if key not in inner.inputs:
            raise self.error(node, f"{inner.name} has no input {key}")
        kind, value = inner.kinds[key], tree(node.children[1])
        if not kind.size:
            return inner.slots[key], self.fit(self.expression(value), kind.name, node).load
        slot, given = self.slot(str(value.children[0]), value)
        if value.data != "variable" or given != kind:
            raise self.error(node, f"{key} takes a whole array like {kind}")
        return inner.slots[key], lambda frame: frame[slot][:]

    def _do_if(self, node: Node) -> Run:
        condition, block, *rest = trees(node)
        arms = [(self.truth(condition), self._block(block))]
        otherwise: Run | None = None
        for each in rest:
            if each.data == "elsif":
                head, body = trees(each)
                arms.append((self.truth(head), self._block(body)))
            else:
                otherwise = self._block(each.children[0])

        def run(frame: Frame) -> None:
            for holds, body in arms:
                if holds(frame):
                    return body(frame)
            return otherwise(frame) if otherwise else None

        return run

    def _do_case(self, node: Node) -> Run:
        head, *branches = trees(node)
        what = self.expression(head)
        arms: dict[int, Run] = {}
        for branch in branches:
            number = int(str(branch.children[0]))
            if number in arms or what.type not in RANGES:
                raise self.error(branch, f"case {number}: twice, or of {what.type}")
            arms[number] = self._block(branch.children[1])
        nothing: Run = lambda _frame: None  # noqa: E731 - no branch applies
        return lambda frame: arms.get(what.load(frame), nothing)(frame)

    def _do_for(self, node: Node) -> Run:
        slot, kind = self.writable(str(node.children[0]), node)
        low, high, block = trees(node)
        first = self.fit(self.expression(low), kind.name, node).load
        last = self.fit(self.expression(high), kind.name, node).load
        body = self._block(block)

        def run(frame: Frame) -> None:
            for value in range(first(frame), last(frame) + 1):
                frame[slot] = value
                body(frame)

        return run

    def _do_while(self, node: Node) -> Run:
        head, block = trees(node)
        holds, body, error = self.truth(head), self._block(block), self.error(node, "endless")

        def run(frame: Frame) -> None:
            for _ in range(TURNS_MAX):
                if not holds(frame):
                    return
                body(frame)
            raise error

        return run
