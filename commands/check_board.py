"""`gonogo check`: what can be read of the box, and from where on something is done about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import BoardZoneUnknown, GonogoError
from gonogo.console.show.board import found, in_one_line
from gonogo.drivers.board.board import read_board
from gonogo.drivers.board.jetson_stats import JetsonStats
from gonogo.drivers.board.process import CHIPS, missing_zone

if TYPE_CHECKING:
    from gonogo.commands.report import Report
    from gonogo.config.station import Station


def check_board(
    report: Report, station: Station, root: Path = Path("/"), stats: JetsonStats | None = None
) -> None:
    """Read it once; a zone that the station file names and the box does not have is wrong."""
    reading = read_board(root)
    section = station.board
    if section is None:
        report.say(in_one_line(reading))
        return
    if section.jetson_stats == "auto":
        stats = stats or JetsonStats()
        try:
            reading = stats.add_to(reading, 0.0)
        except GonogoError as error:  # sysfs is enough: said, and not wrong
            report.say(f"  {error}")
        finally:
            stats.close()
    for line in found(reading, section):
        report.say(line)
    names = [zone.name for zone in reading.zones]
    for zone in section.zones:
        if zone not in {*names, *CHIPS}:  # chips are known once their engines run
            report.wrong(str(BoardZoneUnknown(missing_zone(zone, names))))
