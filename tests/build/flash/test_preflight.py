"""The table before any write."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import TargetAbsent
from gonogo.build.flash.heard import Health
from gonogo.build.flash.log import Log
from gonogo.build.flash.means import Means
from gonogo.build.flash.preflight import Table
from gonogo.build.flash.report import Report
from gonogo.tests.build.flash.boxes import Shelf, flashed, needs_tools, station_disk
from gonogo.tests.build.flash.test_health import Script

if TYPE_CHECKING:
    from pathlib import Path

FLOWS = Health("judging", "all is well", "0.3.0+program", line_runs=True)


def test_every_line_is_looked_at_and_the_first_refusal_counts(tmp_path: Path) -> None:
    """Also behind it."""
    out = io.StringIO()

    def refuse(text: str) -> tuple[None, str]:
        raise TargetAbsent(text)

    with closing(Log(tmp_path / "log")) as log:
        table = Table(Report(out, log, as_json=False))
        assert table.look("one", lambda: (1, "fine")) == 1
        assert table.look("two", lambda: refuse("first")) is None
        assert table.look("three", lambda: refuse("second")) is None
    assert [line.split()[:2] for line in out.getvalue().splitlines()] == [
        ["one", "ok"], ["two", "REFUSED"], ["three", "REFUSED"],
    ]  # fmt: skip
    with pytest.raises(TargetAbsent, match="first"):
        table.demand()


@needs_tools
def test_the_table_says_all_that_a_technician_wants_to_know(shelf: Shelf, tmp_path: Path) -> None:
    """Tools, signer, kind of box, disk, slots and versions, room, power, line, health, time."""
    disk = station_disk(shelf, tmp_path)
    means = Means(station=lambda _: Script(FLOWS._replace(line_runs=False)))
    code, said = flashed(shelf, disk, means, mode="check", image=shelf.newer, station="tcp:h:1")
    assert code == 0, said
    for words in (
        "rauc 1", "signed by CN = Release 1", "gonogo-x86_64-debian12", "its last four: disk",
        "slots A 0.2.0, B 0.1.0; A starts next", "0.2.0 -> 0.3.0", "B is written, A stays",
        "MiB were free", "power", "line         ok       stopped", "data         ok       kept",
        "if it takes 200 MB/s", "health",
    ):  # fmt: skip
        assert words in said


@needs_tools
def test_a_line_in_run_refuses_unless_it_stands(shelf: Shelf, tmp_path: Path) -> None:
    """By the station's own word, before a byte is written."""
    disk = station_disk(shelf, tmp_path)
    means = Means(station=lambda _: Script(FLOWS))
    code, said = flashed(shelf, disk, means, image=shelf.newer, station="tcp:h:1")
    assert code == 2
    assert "GN695" in said
    code, said = flashed(
        shelf, disk, means, image=shelf.newer, station="tcp:h:1", line_stopped=True, no_reboot=False
    )
    assert code == 0, said
    assert said.splitlines()[-2] == "done: the station inspects with 0.3.0+program"


@needs_tools
@pytest.mark.parametrize(
    ("last", "code", "words"),
    [(Health(None, "the console does not answer"), 8, "GN711"),
     (Health("judging", "all is well", "0.2.0"), 7, "rolled back"),
     (Health("safe", "GN200: no camera", "0.3.0+program"), 7, "GN200: no camera")],
)  # fmt: skip
def test_what_the_station_says_in_the_end_is_the_exit_code(
    shelf: Shelf, tmp_path: Path, last: Health, code: int, words: str
) -> None:
    """Silence 8, unhealthy 7, with its reason; written it is all the same."""
    script = Script(Health(None, "off"), Health(None, "off"), last)
    means = Means(station=lambda _: script, clock=(lambda: script.now_s, script.sleep))
    disk = station_disk(shelf, tmp_path)
    found, said = flashed(
        shelf, disk, means, image=shelf.newer, station="tcp:h:1", wait_s=30.0, no_reboot=False
    )
    assert (found, words in said) == (code, True), said
    assert "slot B holds 0.3.0, written and verified" in said
