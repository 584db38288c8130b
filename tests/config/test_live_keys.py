"""Which keys change while parts pass, and what the processes are told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ChangeNotLive
from gonogo.config.candidate import Candidate
from gonogo.config.live_keys import retold, without_live
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.live_keys import Step

MORE = """
[console]
device = "/dev/ttyS1"
[screen]
"""


def told(folder: Path, *typed: tuple[str, str], more: str = MORE) -> dict[str, list[Step]]:
    """By row, of a file to which that is typed."""
    path = folder / "cell.toml"
    path.write_text(PLAIN_FILE + more, encoding="utf-8")
    candidate = Candidate(path)
    for key, value in typed:
        candidate.set(key, value)
    return retold(candidate.old, candidate.station(), candidate.changes())


def test_retold_is_what_differs_and_no_more(tmp_path: Path) -> None:
    """A value by its path; what was edited by hand elsewhere is not carried along."""
    found = told(tmp_path, ("console.baud", "9600"), ("access.operator_idle_s", "60"))
    assert found == {
        "console": [(["console", "baud"], 9600), (["access", "operator_idle_s"], 60.0)],
        "screen": [(["access", "operator_idle_s"], 60.0)],
    }


def test_retold_goes_to_rows_that_are_there(tmp_path: Path) -> None:
    """Accounts of a station without a console are nobody's to be told."""
    assert told(tmp_path, ("access.operator_idle_s", "60"), more="") == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [("station.budget_ms", "120"), ("view[0].rule[0].high", "3.5"), ("records.poll_ms", "20"),
     ("plc.port", "1503"), ("log.level", "debug")],
)  # fmt: skip
def test_retold_refuses_what_is_read_at_the_start(tmp_path: Path, key: str, value: str) -> None:
    """Named, with what to do; also beside keys that could be."""
    with pytest.raises(ChangeNotLive, match="commit at-next-start") as refused:
        told(tmp_path, ("console.baud", "9600"), (key, value))
    assert str(refused.value).startswith(f"GN655: {key}: ")


def test_retold_refuses_a_process_more(tmp_path: Path) -> None:
    """It begins at a start."""
    with pytest.raises(ChangeNotLive, match="metrics: its process begins or ends"):
        told(tmp_path, ("metrics.port", "9100"))


def test_without_live_is_alike_whatever_these_sections_are(tmp_path: Path) -> None:
    """And not where something else differs."""
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE + MORE, encoding="utf-8")
    candidate = Candidate(path)
    candidate.set("console.baud", "9600")
    assert without_live(candidate.station()) == without_live(candidate.old)
    candidate.set("station.budget_ms", "120")
    assert without_live(candidate.station()) != without_live(candidate.old)
