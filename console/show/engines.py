"""The engines of a running station in lines for people, read from its shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.ipc.engine_choices import ChoiceView
from gonogo.ipc.engine_queue import VIEWS, MailboxView
from gonogo.ipc.frame_ring import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator


def engine_lines(station: str) -> Iterator[str]:
    """In what each engine place that is ready computes, a view a line."""
    for place in range(PLACES):
        try:
            mailbox = MailboxView.attach(station, place)
        except SegmentError:  # it has no such place
            return
        views = range(VIEWS) if mailbox.ready else ()
        found = {view: ChoiceView(mailbox, view).serves for view in views}
        mailbox.close()
        for view, candidate in found.items():
            if candidate is not None:
                yield f"engine {'AB'[place]} scores view {view} in {candidate}"
