"""Saves what a journal holds when nobody is left to make rows of it.

At a stop the supervisor runs it once all processes have ended, unless records ended well; a
start runs it on what a dead station of the same name has left in memory. The line has
ended in either case: a part that it had in hand is entered as that.

Started as a row of the process table is, and told the name of the station; exit codes of
gonogo.watchdog.aftercare.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.base.log.logger import get_logger
from gonogo.base.words import Part, not_inspected
from gonogo.ipc import worker
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_memory import journal_path
from gonogo.ipc.journal_records import StageTimes
from gonogo.ipc.worker import EXIT_DONE, EXIT_KEEP, EXIT_LEFT, EXIT_LOST
from gonogo.records import leftover
from gonogo.records.labels import Clock
from gonogo.records.leftover import DISK, Damaged, Disk, Leftover

if TYPE_CHECKING:
    from gonogo.base.words import TriggerEvent

log = get_logger(__name__)


def salvage(station: str, database: Path | None = None, files: Disk = DISK) -> int:
    """Save the journal of a station whose processes have ended, if there is one; an exit code.

    `database`: where its rows shall be written, if not where the journal says.
    """
    # a station that never came up, or one whose rows are saved already
    if not journal_path(station).exists():
        return EXIT_DONE
    try:
        journal = Journal.attach(station)
    except SegmentError as error:
        log.error("salvage_failed", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
        return EXIT_KEEP
    try:
        # a start names its own: the station file may say another place than it did for the run that
        # died
        path = database or Path(json.loads(journal.about)["path"])
        _save(journal, path, files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.error(  # noqa: TRY400
            "journal_not_saved",
            text="the journal of station '%(dead)s' cannot be saved: %(error)s",
            dead=station,
            error=error,
        )
        return EXIT_KEEP
    finally:
        journal.close()
    return outcome(path)


def rescue(station: str, database: Path) -> int:
    """The same before a start; how many entries could not be saved, and are lost."""
    # what is kept stays in memory, which the start is about to make anew: then it is lost
    if salvage(station, database) != EXIT_KEEP:
        return 0
    try:
        journal = Journal.attach(station)
    except SegmentError:
        return 0
    lost = journal.written - journal.taken + journal.untold
    journal.close()
    return lost


def _save(journal: Journal, database: Path, files: Disk) -> None:
    """Bring to the disk what records has not dealt with."""
    # first, and as the line's successor: an unfinished part takes the next place, and refused ones
    # those after it
    serial = journal.take_over()
    for pulse in journal.refusals.open():
        serial += 1
        _enter(journal, pulse, serial)
    reader = JournalReader(journal, journal.taken)
    raws = tuple(reader.raws())
    lost = reader.lost + journal.untold
    if raws or lost:
        first, about = reader.at - len(raws), journal.about
        leftover.save(database, Leftover(journal.run, first, raws, lost, about, Clock.now()), files)
        # after the file is on the disk: run again, it saves nothing twice
        journal.taken, journal.untold = reader.at, 0


def _enter(journal: Journal, pulse: TriggerEvent, serial: int) -> None:
    """A part that the PLC link refused, and of which the line did not hear any more."""
    now_ns = time.monotonic_ns()
    # it had no deadlines: nobody began to inspect it
    part = Part(serial, pulse.part_id, *(pulse.at_ns,) * 4)
    journal.begin(part)
    verdict, stamps = not_inspected(pulse.reject), StageTimes(0, 0, 0, now_ns, now_ns)
    journal.append(part, verdict, stamps, (), (), ())
    # last: broken off before it, the part is entered twice rather than never
    journal.refusals.settle(pulse)


def outcome(database: Path) -> int:
    """What the files beside a database say: all done, rows to be written, entries lost."""
    code = EXIT_DONE
    for path in leftover.pending(database):
        try:
            lost = leftover.unpack(path.read_bytes()).lost
        except (OSError, Damaged):
            # as it cannot be read, what it holds is not known to be safe
            lost = 1
        # the worst of all files: a loss is not hidden by one that is whole
        code = EXIT_LOST if lost or code == EXIT_LOST else EXIT_LEFT
    return code


def main(station: str) -> int:
    """Save it, with messages as those of the records."""
    logging.basicConfig(level=logging.INFO, format="records: %(message)s")
    return salvage(station)


if __name__ == "__main__":
    sys.exit(main(worker.told(sys.argv).argument))
