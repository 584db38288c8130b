"""The finder: what is changed, and what is left alone."""

from __future__ import annotations

import pytest

from gonogo.tests.mutate.finder import edits
from gonogo.tests.mutate.mutants import mutants_of, sample

CASES = {
    "return a < b": {"return a <= b", "return a >= b"},
    "return a == b": {"return a != b"},
    "return a is b": {"return a is not b"},
    "return a in b": {"return a not in b"},
    "return not a": {"return (a)"},
    "return a and b": {
        "return a or b",
        "return True and b",
        "return a and True",
        "return not (a and b)",
    },
    "x = a + 2": {"x = a - 2", "x = a + 3", "x = a + 1"},
    "a = b": {"pass"},
    "x = b": set(),
    "a.b = c": {"pass"},
    "a += b": {"pass", "a -= b"},
    "a(b)": {"pass"},
    "x = min(a)": {"x = max(a)"},
    "x = any(a)": {"x = all(a)"},
    "x = True": {"x = False"},
    "raise a(f'text {b + 1}')": {"pass"},
    "x = f'{a + b}'": set(),
    "del a[b]": {"pass"},
    "x = b if a else c": {"x = b if (not (a)) else c"},
    "x = [b for b in c if b]": {"x = [b for b in c if (not (b))]"},
    "x: Annotated[int, 5] = a": set(),
    "'1 + 1'": set(),
    "return None": set(),
    "x = (a  # + or -\n         + b)": set(),
}


@pytest.mark.parametrize("line", CASES)
def test_finder_changes_each_operator(line: str) -> None:
    """One statement at a time: exactly these changes, each of which is Python."""
    source = f"def f(a, b, c) -> bool:\n    {line}\n    return None\n".encode()
    mutated = {mutant.apply(source).decode() for mutant in mutants_of("m.py", source)}
    for text in mutated:
        compile(text, "m.py", "exec")
    assert {
        text.split("\n", 1)[1].strip().removesuffix("\n    return None") for text in mutated
    } == (CASES[line])


def test_finder_changes_what_is_returned_by_its_annotation() -> None:
    """A number is off by one; anything else is nothing."""
    number = b"def f(a) -> int:\n    return a\n"
    thing = b"def f(a) -> Thing:\n    return a\n"
    assert [each.new for each in edits(number)] == ["return (a) + 1"]
    assert [each.new for each in edits(thing)] == ["return None"]


def test_finder_turns_loops_round() -> None:
    """Their condition, and how they are left."""
    source = b"def f(a):\n    while a:\n        if a < 0:\n            break\n        continue\n"
    assert {"(not (a))", "continue", "break", "<=", ">="} <= {each.new for each in edits(source)}


def test_finder_changes_defaults_and_constants_of_classes() -> None:
    """Those of arguments, and of fields; each is named by the function it is in."""
    source = b"class A:\n    x: int = 4\n    def f(self, n=7, *, m=True): ...\n"
    found = {(each.where, each.new) for each in edits(source)}
    assert found == {("A", "5"), ("A", "3"), ("A.f", "8"), ("A.f", "6"), ("A.f", "False")}


def test_finder_leaves_what_is_for_the_type_checker() -> None:
    """Annotations, decorators and the imports of TYPE_CHECKING do nothing."""
    source = b"if TYPE_CHECKING:\n    x = 1\n@d(1)\ndef f(a: T[1]) -> T[2]:\n    '''1'''\n"
    assert edits(source) == []


def test_finder_counts_bytes_where_the_text_has_other_letters() -> None:
    """Columns of Python's parser are bytes of UTF-8."""
    source = "x = 'ä' * 3  # ö\n".encode()
    mutated = {mutant.apply(source).decode() for mutant in mutants_of("m.py", source)}
    assert mutated == {"x = 'ä' / 3  # ö\n", "x = 'ä' * 4  # ö\n", "x = 'ä' * 2  # ö\n"}


SOURCE = b"\n".join(b"x%d = %d" % (k, k) for k in range(50)) + b"\n"


def test_sample_is_the_same_for_the_same_seed() -> None:
    """So that a result can be had again; another seed draws others."""
    everything = mutants_of("m.py", SOURCE)
    assert len(everything) == 100
    assert sample(everything, 1, 20) == sample(everything, 1, 20)
    assert sample(everything, 1, 20) != sample(everything, 2, 20)
    assert len(sample(everything, 1, 20)) == 20


@pytest.mark.parametrize("count", [None, 1000])
def test_sample_of_more_than_there_is_is_all(count: int | None) -> None:
    """All of them, in order."""
    everything = mutants_of("m.py", SOURCE)
    assert sample(everything, 1, count) == everything


def test_mutant_is_found_again_where_lines_have_moved() -> None:
    """Its key has no line number; the number is that of the changed text."""
    (first, *_), (later, *_) = mutants_of("m.py", b"x = 1"), mutants_of("m.py", b"\n\nx =  1")
    assert (first.line, later.line) == (1, 3)
    assert first.key == later.key
