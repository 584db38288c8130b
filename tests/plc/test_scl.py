"""The SCL sources against Siemens' published rules, as far as they go without TIA Portal."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lark import Lark, Tree
from lark.exceptions import UnexpectedInput

from gonogo.tests.plc.scl import BLOCKS

if TYPE_CHECKING:
    from lark import Token

RULES = Path(__file__).parents[1] / "st" / "scl.lark"


@cache
def rules() -> Lark:
    """The parser of tests/st/scl.lark."""
    return Lark(RULES.read_text(encoding="utf-8"), parser="lalr", maybe_placeholders=False)


def blocks(name: str) -> list[Tree[Token]]:
    """What a source declares, from top to bottom."""
    return [block for block in rules().parse(source(name)).children if isinstance(block, Tree)]


def source(name: str) -> str:
    """A source as it ships."""
    return (BLOCKS / name).read_text(encoding="utf-8")


def name_of(block: Tree[Token]) -> str:
    """What a block is called, without quotes."""
    return str(block.children[0]).strip('"')


def declared(block: Tree[Token]) -> dict[str, str]:
    """The tags of a block, and the section each stands in; its own name is a function's result."""
    found = {name_of(block): "result"} if block.data == "function" else {}
    for section in block.find_data("section"):
        for each in section.find_data("declaration"):
            assert str(each.children[0]) not in found, each
            found[str(each.children[0])] = " ".join(
                str(part) for part in section.children if not hasattr(part, "data")
            )
    return found


def tags(tree: Tree[Token]) -> set[str]:
    """The local tags that are named in it."""
    return {
        str(token)[1:]
        for token in tree.scan_values(lambda value: str(getattr(value, "type", "")) == "LOCAL")
    }


@pytest.mark.parametrize("name", ["FB_GoNoGo.scl", "DB_GoNoGo.scl"])
def test_source_follows_the_published_rules(name: str) -> None:
    """It parses; each tag that it names is declared, and each that is declared is named."""
    for block in blocks(name):
        known = declared(block)
        used = tags(block)
        assert used <= set(known), used - set(known)
        unused = {tag for tag in set(known) - used if "INPUT" not in known[tag]}
        assert not unused or name.startswith("DB")


def test_calls_name_the_parameters_of_functions_that_stand_before_them() -> None:
    """An external source is generated from top to bottom, and calls with named parameters."""
    known: dict[str, set[str]] = {}
    calls = 0
    for block in blocks("FB_GoNoGo.scl"):
        for call in block.find_data("call"):
            given = {str(each.children[0]) for each in call.children[1:] if isinstance(each, Tree)}
            assert given == known[name_of(call)]
            calls += 1
        inputs = {k for k, v in declared(block).items() if v == "VAR_INPUT"}
        known[name_of(block)] = inputs
    assert calls > 30


def test_inputs_and_constants_are_never_written() -> None:
    """TIA Portal refuses the one and the other."""
    for block in blocks("FB_GoNoGo.scl"):
        known = declared(block)
        for statement in block.find_data("statement"):
            first = statement.children[0]
            if isinstance(first, Tree) and first.data == "variable":
                target = str(first.children[0])[1:]
                assert known[target] not in {"VAR_INPUT", "VAR CONSTANT"}, target


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("END_IF;", "END_IF"),
        ("#uiAck := #uiSeq;", "uiAck := #uiSeq;"),
        ('"GN_Next"(uiOld := #uiAck)', "GN_Next(uiOld := #uiAck)"),
        ("Array[0..95] of UInt", "ARRAY[0..95] OF UINT"),
        ("VERSION : 0.1", "VERSION 0.1"),
        ("BEGIN\n", ""),
        ("ELSIF", "ELSEIF"),
        ("UINT#65535", "UINT#16#FFFF#"),
        (" : Bool;", " : BOOLEAN;"),
        ("FOR #iPart := 0 TO", "FOR #iPart = 0 TO"),
        ("{ S7_Optimized_Access := 'TRUE' }", "{ S7_Optimized_Access = TRUE }"),
    ],
)
def test_rules_refuse_what_is_no_scl(old: str, new: str) -> None:
    """The rules are no formality."""
    text = source("FB_GoNoGo.scl")
    assert old in text
    with pytest.raises(UnexpectedInput):
        rules().parse(text.replace(old, new, 1))
