"""The last step of a flash: asked of the station, or said that nobody was asked."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StationUnhealthy
from gonogo.build.flash.heard import Health
from gonogo.build.flash.log import Log
from gonogo.build.flash.means import Means
from gonogo.build.flash.options import Asked
from gonogo.build.flash.proven import Claim, proven
from gonogo.build.flash.report import Report, Steps

if TYPE_CHECKING:
    from pathlib import Path

CLAIM = Claim("slot B holds 2", "2", "goes back to slot A")


class Heard:
    """A station that says one thing, and whether its line was closed."""

    def __init__(self, says: Health) -> None:
        self._says, self.is_closed = says, False

    def health(self) -> Health:
        """That."""
        return self._says

    def close(self) -> None:
        """Remembered."""
        self.is_closed = True


def ended(folder: Path, heard: Heard, **asked: object) -> tuple[str, str]:
    """How the flash ends, and what the step says."""
    out = io.StringIO()
    with closing(Log(folder / "log")) as log:
        report = Report(out, log, as_json=False)
        means = Means(station=lambda _: heard, clock=(lambda: 0.0, lambda _: None))
        given = Asked(wait_s=0.0, **asked)  # type: ignore[arg-type]
        try:
            return proven(given, means, report, Steps(report, 1), CLAIM), out.getvalue()
        except StationUnhealthy as error:
            return str(error), out.getvalue()


@pytest.mark.parametrize("asked", [{"no_reboot": True, "station": "x"}, {"station": None}])
def test_without_a_station_nothing_is_claimed_of_it(
    tmp_path: Path, asked: dict[str, object]
) -> None:
    """What was written, and what happens where it does not inspect."""
    end, step = ended(tmp_path, Heard(Health("judging", "well", "2")), **asked)
    assert end.startswith("slot B holds 2. The station judges itself")
    assert end.endswith("where it does not, it goes back to slot A")
    assert step == "[1/1] health  not asked\n"


def test_a_station_that_inspects_is_the_end_and_its_line_is_closed(tmp_path: Path) -> None:
    """With its own words; one that does not is an error, with its line closed as well."""
    well, ill = Heard(Health("judging", "well", "2")), Heard(Health("starting", "GN200", "2"))
    end, step = ended(tmp_path, well, station="x")
    assert (end, well.is_closed) == ("done: the station inspects with 2", True)
    assert step == "[1/1] health  judging: well\n"
    end, step = ended(tmp_path, ill, station="x")
    assert end.startswith("GN709: starting: GN200")
    assert (step, ill.is_closed) == ("[1/1] health  not healthy\n", True)
