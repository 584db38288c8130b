"""A flash of a Jetson, from its table to the station's own word."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.base.errors import BoardAbsent, BoardStays, FlashError
from gonogo.build.flash.confirm import confirm
from gonogo.build.flash.jetson import boards, payload, preflight, tool
from gonogo.build.flash.jetson import bsp as bsps
from gonogo.build.flash.proven import Claim, proven
from gonogo.build.flash.report import Row, Steps
from gonogo.build.flash.scratch import scratch
from gonogo.build.flash.status import status

if TYPE_CHECKING:
    from gonogo.build.flash.image import Image
    from gonogo.build.flash.jetson.boards import Board
    from gonogo.build.flash.jetson.bsp import Bsp
    from gonogo.build.flash.jetson.payload import Payload
    from gonogo.build.flash.jetson.preflight import Seen
    from gonogo.build.flash.means import Means
    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.report import Report

STEPS = 5
_UNTOUCHED = "nothing was written"
_HALF = "the board may be half written, and does not start"
_LEAVES_S, _LOOK_S = 60.0, 1.0


class JetsonFlash:
    """One flash. `so_far`: what is on the board, for whoever stops it; `again`: how it goes on."""

    again = "put the board into recovery mode again, and the same command begins anew"

    def __init__(self, asked: Asked, means: Means, report: Report) -> None:
        self._asked, self._means, self._report = asked, means, report
        self.so_far = _UNTOUCHED

    def run(self) -> str:
        """What came of it; FlashError."""
        if self._asked.mode == "list":
            return self._list()
        if self._asked.mode == "status":
            return status(self._asked, self._means, self._report)
        with ExitStack() as stack:
            place = preflight.Place(stack.enter_context(scratch(self._means.scratch)), stack)
            seen, lines = preflight.look(self._asked, self._means, self._report, place)
            lines.demand()
            return self._write(seen) if self._asked.changes else self._dry_run(seen)

    def _list(self) -> str:
        found = boards.in_recovery(self._means.usb)
        for board in found:
            said = f"{board.says}, as {board.target(None).path}"
            self._report.row(Row(board.port, ok=True, says=said))
        return f"{len(found)} Jetsons in recovery mode; expected one to be written"

    def _dry_run(self, seen: Seen) -> str:
        if self._asked.mode == "check":
            return f"preflight passed; {_UNTOUCHED}"
        _, held, bsp, board = self._whole(seen)
        config = str(board.target(self._asked.board).path)
        files = f"{len(held.names)} names into {bsp.rootfs}, for the time of the flash"
        run = shlex.join(bsps.words(bsp, board, config))
        for line in (files, f"(in {bsp.folder}) {run}"):
            self._report.note(f"  would do {line}", would=line)
        return f"dry run: {_UNTOUCHED}"

    def _whole(self, seen: Seen) -> tuple[Image, Payload, Bsp, Board]:
        image, held, bsp, board = seen
        if not (image and held and bsp and board):
            raise FlashError("the table was not whole")  # which demand() has said by then
        return image, held, bsp, board

    def _write(self, seen: Seen) -> str:
        image, held, bsp, board = self._whole(seen)
        target = board.target(self._asked.board)
        if not self._asked.yes:
            what = f"{target.path} at USB {board.port}: ALL of it is erased, {image.version} comes"
            confirm(target, what, self._means.ask)
        steps = Steps(self._report, STEPS)
        try:
            steps.begin("put the program into the BSP's root file system")
            steps.end(f"{payload.put_in(held, bsp)} files")
            self._run_tool(steps, bsp, board)
        finally:
            payload.take_out(bsp)
        steps.begin("take the program out of the BSP")
        steps.end("it is as it was")
        self._demand_gone(steps, board)
        self.so_far = f"the board has {image.version}, by the word of NVIDIA's tool"
        claim = Claim(self.so_far, held.version, "has no slot to go back to")
        return proven(self._asked, self._means, self._report, steps, claim)

    def _run_tool(self, steps: Steps, bsp: Bsp, board: Board) -> None:
        """Its images, and the board; all it says goes to the log."""
        steps.begin("NVIDIA's tool makes and writes its images")
        shown = f"[{steps.number}/{STEPS}] "
        words = bsps.words(bsp, board, str(board.target(self._asked.board).path))
        self._report.logged(f"in {bsp.folder}: {shlex.join(words)}")

        def tell(line: str) -> None:
            self._report.logged(f"| {line}")
            self._report.drawn(shown + line)

        self.so_far = _HALF
        try:
            tool.run(words, bsp.folder, tell, self._means.silence_s)
        except BoardAbsent:
            self.so_far = _UNTOUCHED
            raise
        steps.end("it ended well")

    def _demand_gone(self, steps: Steps, board: Board) -> None:
        """BoardStays where it is in recovery mode still: it was reset into what was written."""
        steps.begin("look for the board")
        now_s, sleep = self._means.clock
        end_s = now_s() + _LEAVES_S
        while any(each.port == board.port for each in boards.in_recovery(self._means.usb)):
            if now_s() >= end_s:
                raise BoardStays(
                    f"the board at USB {board.port} is in recovery mode after {_LEAVES_S:.0f} s; "
                    "take the jumper of recovery mode out and switch it off and on; where it does "
                    "not start then, do the same again"
                )
            sleep(_LOOK_S)
        steps.end("it left recovery mode")
