"""The Structured Text machine: what it computes, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.tests.st.machine import Block, StError
from gonogo.tests.st.text import load

_BLOCK = """
FUNCTION Twice : UINT
VAR_INPUT
    uiOf : UINT;
END_VAR
Twice := uiOf * 2;
END_FUNCTION

FUNCTION_BLOCK T
VAR_INPUT
    a : UINT;
    b : UINT;
END_VAR
VAR_OUTPUT
    o : UINT;
    x : BOOL;
END_VAR
VAR CONSTANT
    TOP : INT := 3;
END_VAR
VAR
    u : UINT := 5;
    i : INT;
    w : UDINT;
    t : STRING;
    m : ARRAY[1..4] OF UINT;
END_VAR
{}
END_FUNCTION_BLOCK
"""


def run(body: str, **inputs: int) -> Block:
    """The block after one scan of `body`."""
    block = Block(load(_BLOCK.replace("{}", body))["t"])
    block.scan(**inputs)
    return block


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("o := 2 + a * 3;", 32),
        ("o := (2 + a) * 3;", 36),
        ("o := a - b - 1;", 6),
        ("o := a / b * b + a MOD b;", 10),
        ("O := Twice(uiOf := A);", 20),
        ("IF a < b THEN o := 1; ELSIF a = 10 THEN o := 2; ELSE o := 3; END_IF;", 2),
        ("IF a < b THEN o := 1; ELSIF a = b THEN o := 2; ELSE o := 3; END_IF;", 3),
        ("CASE b OF 2: o := 20; 3: o := 30; o := o + 1; END_CASE;", 31),
        ("CASE a OF 2: o := 20; END_CASE;", 0),
        ("FOR i := 1 TO TOP DO o := o + a; END_FOR;", 30),
        ("FOR i := 2 TO 1 DO o := 1; END_FOR;", 0),
        ("WHILE o < a DO o := o + b; END_WHILE;", 12),
        ("m[4] := 7; FOR i := 1 TO 4 DO o := o + m[i]; END_FOR;", 7),
        ("IF NOT (a = b) AND b > 1 OR FALSE THEN o := UINT#9; END_IF;", 9),
        ("i := -1; i := i + UINT_TO_INT(a); o := INT_TO_UINT(i) + u;", 14),
        ("(* o := 1; *) o := 2;", 2),
    ],
)
def test_text_computes(body: str, expected: int) -> None:
    """Operators by their rank, statements, calls, arrays, first values."""
    assert run(body, a=10, b=3)["o"] == expected


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("o := a - 11;", "outside UINT"),
        ("o := 65530 + a;", "outside UINT"),
        ("o := a / (b - 3);", "10 / 0"),
        ("o := m[0];", "index outside"),
        ("m[UINT_TO_INT(a)] := 1;", "index outside"),
        ("i := UINT_TO_INT(a * 6000);", "outside INT"),
        ("WHILE a > 1 DO o := 1; END_WHILE;", "endless"),
        ("o := i;", "expected UINT, got INT"),
        ("o := a + w;", "expected UINT, got UDINT"),
        ("o := -1;", "expected UINT"),
        ("o := 70000;", "expected UINT"),
        ("x := a;", "expected BOOL"),
        ("IF a THEN o := 1; END_IF;", "expected BOOL"),
        ("x := x = TRUE;", "cannot be compared"),
        ("a := 1;", "constant or an input"),
        ("TOP := 1;", "constant or an input"),
        ("o := z;", "not declared"),
        ("o := m;", "an array needs one"),
        ("o := Thrice(uiOf := a);", "no function"),
        ("o := Twice(a := a);", "by name"),
        ("o := 1", "no Structured Text"),
        ("o = 1;", "no Structured Text"),
        ("IF x THEN END_IF;", "no Structured Text"),
    ],
)
def test_text_refuses(body: str, what: str) -> None:
    """Whatever PLCs would treat each in its own way is an error here."""
    with pytest.raises(StError, match=what):
        run(body, a=10, b=3)


@given(st.integers(0, 65535), st.integers(0, 65535))
def test_text_adds_like_arithmetic_or_not_at_all(a: int, b: int) -> None:
    """A sum is either right or an error, never wrapped."""
    if a + b <= 65535:
        assert run("o := a + b;", a=a, b=b)["o"] == a + b
    else:
        with pytest.raises(StError, match="outside UINT"):
            run("o := a + b;", a=a, b=b)


@pytest.mark.parametrize("inputs", [{"a": 65536}, {"a": True}, {"q": 1}, {"a": -1}])
def test_block_takes_inputs_of_their_type_only(inputs: dict[str, int]) -> None:
    """A value that the PLC could not hold does not get in."""
    with pytest.raises(StError):
        run("o := 1;", **inputs)


_INTERFACE = """
TYPE
    Words : ARRAY[0..2] OF UINT;
    Other : ARRAY[0..2] OF UINT;
END_TYPE
FUNCTION_BLOCK Inner
VAR_INPUT
    w : Words;
END_VAR
VAR_OUTPUT
    o : UINT;
END_VAR
o := w[2];
END_FUNCTION_BLOCK
FUNCTION_BLOCK Outer
VAR_OUTPUT
    sum : UINT;
END_VAR
VAR
    mine : Words;
    f : Inner;
END_VAR
mine[2] := 7;
f(w := mine);
sum := f.o;
END_FUNCTION_BLOCK
"""


def test_array_of_a_named_type_crosses_an_interface() -> None:
    """As a copy, by that very name."""
    block = Block(load(_INTERFACE)["outer"])
    block.scan()
    assert block["sum"] == 7


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("    w : Words;", "    w : ARRAY[0..2] OF UINT;", "needs a named type"),
        ("    o : UINT;", "    o : ARRAY[0..2] OF UINT;", "needs a named type"),
        ("    mine : Words;", "    mine : ARRAY[0..2] OF UINT;", "takes a whole array like"),
        ("    mine : Words;", "    mine : Other;", "takes a whole array like"),
        ("    o : UINT;", "    o : UINT; s : STRING[60];", "no Structured Text"),
        ("    mine : Words;", "    mine : Strange;", "type Strange is not known"),
        ("sum := f.o;", "(* sum (* twice *) sum := f.o;", "a comment in a comment"),
        ("    sum : UINT;", "    sum : UINT; timer : UINT;", "timer is a word of the language"),
        ("    sum : UINT;", "    sum : UINT; Ref_To : UINT;", "Ref_To is a word"),
        ("FUNCTION_BLOCK Outer", "FUNCTION_BLOCK Union", "Union is a word"),
        ("    Other :", "    Counter :", "Counter is a word"),
    ],
)
def test_text_that_some_compiler_refuses_is_refused(old: str, new: str, what: str) -> None:
    """Whatever one of them does not take: an engineer would find it in the control room."""
    assert old in _INTERFACE
    with pytest.raises(StError, match=what):
        load(_INTERFACE.replace(old, new, 1))
