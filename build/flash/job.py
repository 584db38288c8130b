"""A flash from its options to its exit code: the modes, and the one that writes."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from gonogo.base.errors import (
    DiskFailed,
    FlashError,
    FlashInterrupted,
    FlashLogUnwritable,
    VerifyFailed,
)
from gonogo.build.flash import preflight, status, targets
from gonogo.build.flash.confirm import confirm
from gonogo.build.flash.contents import program_of
from gonogo.build.flash.image import opened
from gonogo.build.flash.jetson.job import JetsonFlash
from gonogo.build.flash.log import Log, default_path
from gonogo.build.flash.means import Means
from gonogo.build.flash.options import JETSON
from gonogo.build.flash.plan import told
from gonogo.build.flash.proven import Claim, proven
from gonogo.build.flash.ready import Ready
from gonogo.build.flash.report import Report, Row, Steps
from gonogo.build.flash.rollback import roll_back
from gonogo.build.flash.scratch import scratch
from gonogo.build.flash.stopping import stoppable
from gonogo.build.flash.verify import read_back
from gonogo.build.flash.write_slot import STEPS, write_slot
from gonogo.build.flash.write_whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.preflight import Seen

_UNTOUCHED = "nothing was written"


class Flash:
    """One flash. `so_far`: what is on the disk, for whoever stops it; `again`: how it goes on."""

    again = "the same command begins anew, and goes on with --resume"

    def __init__(self, asked: Asked, means: Means, report: Report) -> None:
        self._asked, self._means, self._report = asked, means, report
        self.so_far = _UNTOUCHED

    def run(self) -> str:
        """What came of it; FlashError."""
        without_table = {"list": self._list, "status": self._status, "rollback": self._rollback}
        if self._asked.mode in without_table:
            return without_table[self._asked.mode]()
        with ExitStack() as stack:
            folder = stack.enter_context(scratch(self._means.scratch))
            seen, lines = preflight.look(self._asked, self._means, self._report, folder)
            for held in (seen.disk, seen.payload):
                if held is not None:
                    stack.callback(held.close)
            if self._asked.mode == "verify-only":
                return self._verify_only(seen, lines)
            lines.demand()
            return self._write(seen, folder) if self._asked.changes else self._dry_run(seen)

    def _status(self) -> str:
        return status.status(self._asked, self._means, self._report)

    def _list(self) -> str:
        found = targets.listed()
        for each in found:
            why = each.why_not
            says = f"{each.model}, serial {each.serial or 'none'}, {each.size_bytes / 1e9:.1f} GB"
            said = says if why is None else f"{says}: {why.args[0]}"
            self._report.row(Row(str(each.path), ok=why is None, says=said))
        fit = sum(each.why_not is None for each in found)
        return f"{fit} of {len(found)} disks may be written; a disk image is named by its path"

    def _dry_run(self, seen: Seen) -> str:
        if self._asked.mode == "check":
            return f"preflight passed; {_UNTOUCHED}"
        if seen.plan is not None and seen.image is not None:
            for line in told(seen.plan, seen.image):
                self._report.note(f"  would write {line}", would=line)
        return f"dry run: {_UNTOUCHED}"

    def _verify_only(self, seen: Seen, lines: preflight.Table) -> str:
        """Against each slot, or the one that is named."""
        image, found, disk = seen.image, seen.found, seen.disk
        if image is None or found is None or disk is None or not found.parts:
            lines.demand()
            raise VerifyFailed("there is no station on that disk to be held against the image")
        names = ("A", "B") if self._asked.slot == "auto" else (self._asked.slot,)
        same = []
        for name in names:
            at = found.parts[f"gonogo-{name.lower()}"].at
            is_same = read_back(disk, at, image.size_bytes, lambda _: None) == image.sha256
            self._report.row(Row(f"slot {name}", is_same, f"held against {image.version}"))
            same += [name] if is_same else []
        if not same:
            raise VerifyFailed(f"no slot of {', '.join(names)} holds {image.version} as it is")
        return f"slot {' and '.join(same)}: {image.version}, byte for byte; {_UNTOUCHED}"

    def _write(self, seen: Seen, folder: Path) -> str:
        ready = self._ready(seen, folder)
        plan, image = ready.plan, ready.image
        self._confirm(ready)
        if seen.files is not None:
            self.so_far = "the disk is an empty one until its last step"
            write_whole(ready, seen.files)
        else:
            self.so_far = (
                f"slot {plan.slot} was not finished; {plan.stays or 'nothing'} starts as before"
            )
            write_slot(ready)
        self.so_far = (
            f"slot {plan.slot} holds {image.version}, written and verified, and starts next, on "
            "trial"
        )
        back = f"goes back to slot {plan.stays}" if plan.stays else "has no slot to go back to"
        ready.disk.close()
        return self._proven(ready.steps, Claim(self.so_far, _program(ready), back))

    def _proven(self, steps: Steps, claim: Claim) -> str:
        return proven(self._asked, self._means, self._report, steps, claim)

    def _ready(self, seen: Seen, folder: Path) -> Ready:
        image, payload, plan = seen.image, seen.payload, seen.plan
        target, disk, found = seen.target, seen.disk, seen.found
        if not (image and payload and plan and target and disk and found):
            raise FlashError("the table was not whole")  # which demand() has said by then
        steps = Steps(self._report, STEPS)
        return Ready(target, disk, found, image, payload, plan, steps, folder, self._asked.resume)

    def _confirm(self, ready: Ready) -> None:
        if self._asked.yes:
            return
        plan, version = ready.plan, ready.image.version
        what = f"{ready.target.path}: slot {plan.slot} becomes {version}"
        confirm(ready.target, what, self._means.ask)
        if self._asked.factory:
            gone = "ALL of it is erased" if plan.whole else "its records, engines and keys go"
            confirm(ready.target, f"{ready.target.path}: {gone}", self._means.ask)

    def _rollback(self) -> str:
        with ExitStack() as stack:
            done = roll_back(self._asked, self._means, self._report, stack)
        self.so_far = f"slot {done.slot} ({done.version}) starts next, on trial"
        claim = Claim(self.so_far, done.program, f"goes back to slot {done.stays}")
        return self._proven(done.steps, claim)


def _program(ready: Ready) -> str:
    """The version that the station's console will say; the image's own where it names none."""
    return program_of(opened(ready.payload.rootfs), 0) or ready.image.version


def flash(asked: Asked, means: Means | None = None) -> int:
    """Its exit code; what it says goes to the means' `out` and to the log. FlashError: no log."""
    means = means or Means()
    log = _log(asked)
    try:
        report = Report(means.out or sys.stdout, log, as_json=asked.as_json)
        report.begin()
        kind = JetsonFlash if asked.target == JETSON else Flash
        code, text = _ended(kind(asked, means, report))
        report.end(code, text)
    finally:
        log.close()
    return code


def _ended(run: Flash | JetsonFlash) -> tuple[int, str]:
    try:
        with stoppable():
            return 0, run.run()
    except FlashError as error:
        return error.exit_code, f"{error}; {run.so_far}"
    except OSError as error:  # of this machine's own disk or memory: of the target it is above
        return DiskFailed.exit_code, f"{error}; {run.so_far}"
    except KeyboardInterrupt:
        stopped = FlashInterrupted(f"stopped; {run.so_far}; {run.again}")
        return stopped.exit_code, str(stopped)


def _log(asked: Asked) -> Log:
    path = asked.log or default_path(datetime.now(timezone.utc))
    for taken in (asked.image, asked.path if asked.target not in {"auto", JETSON} else None):
        if taken is not None and taken.exists() and path.exists() and path.samefile(taken):
            raise FlashLogUnwritable(f"{path}: the image or the target; name another file by --log")
    return Log(path)
