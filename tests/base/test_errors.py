"""Every error has a number of its own, under which it stands in the tree."""

from __future__ import annotations

import re

from gonogo.base import errors
from gonogo.base.errors import GonogoError


def all_errors(kind: type[GonogoError] = GonogoError) -> list[type[GonogoError]]:
    """The class and what derives from it in this module."""
    below = [each for sub in kind.__subclasses__() for each in all_errors(sub)]
    return [kind, *below] if kind.__module__ == errors.__name__ else below


def test_errors_have_numbers_of_their_own() -> None:
    """Looked up on a box without a network: one number, one page."""
    codes = [each.code for each in all_errors()]
    assert len(codes) == len(set(codes)) > 40


def test_errors_stand_in_the_tree_with_their_numbers_and_parents() -> None:
    """The docstring of the module is the tree, and says all of it."""
    tree = re.findall(r"^( *)(\w+) (\d{3})\b", errors.__doc__ or "", re.MULTILINE)
    assert {name: int(code) for _, name, code in tree} == {
        each.__name__: each.code for each in all_errors()
    }
    above: dict[int, str] = {}
    for indent, name, _ in tree:
        parent = above.get(len(indent) - 2)
        above[len(indent)] = name
        if parent is not None:
            assert issubclass(getattr(errors, name), getattr(errors, parent)), name


def test_errors_say_their_number_and_refine_a_builtin() -> None:
    """Whoever catches an OSError catches memory that cannot be mapped."""
    assert str(errors.SegmentError("no room")) == "GN500: no room"
    assert issubclass(errors.SegmentError, OSError)
    # a flash has exit codes of its own, which people know (docs/flashing.md)
    own = {1, 2, 3, 4, 5, 6, 7, 8, 130}
    for each in all_errors():
        assert each.exit_code in (own if issubclass(each, errors.FlashError) else {1, 2})
