"""Good parts that are left out by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import BuildError
from gonogo.build.drop import without

GOOD = [Path("good/a.png"), Path("good/sub/a.png"), Path("good/b.png")]
HELD = [Path("held/c.png")]


def test_without_takes_a_path_or_a_name() -> None:
    """A path is one file, a name every file that is called so, in whichever set."""
    assert without([Path("good/a.png")], GOOD, HELD) == [GOOD[1:], HELD]
    assert without([Path("a.png")], GOOD, HELD) == [GOOD[2:], HELD]
    assert without([Path("c.png"), Path("b.png")], GOOD, HELD) == [GOOD[:2], []]
    assert without([], GOOD) == [GOOD]


def test_without_knows_a_path_however_it_is_written() -> None:
    """Absolute, or by way of another folder."""
    assert without([Path("good/b.png").absolute(), Path("good/sub/../a.png")], GOOD) == [GOOD[1:2]]


@pytest.mark.parametrize(("drop", "near"), [("bb.png", "as b.png"), ("other/x.tif", "its name")])
def test_without_refuses_what_is_not_there(drop: str, near: str) -> None:
    """What was to be left out would be learnt from."""
    with pytest.raises(BuildError, match=rf"--drop .*{near}"):
        without([Path(drop)], GOOD, HELD)
