"""Faults of the board that the records show; without a board there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsError
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from gonogo.ipc.fault_table import FaultsToShow

log = get_logger(__name__)


def refuse_if_asked(board: FaultsToShow | None) -> None:
    """RecordsError, as a full disk is one, where that fault is asked for."""
    if board is not None and board.show("disk-full"):
        raise RecordsError("no space left on device (a fault that was asked for)")


def flood_if_asked(board: FaultsToShow | None) -> None:
    """Fill everybody's message pipe, where that fault is asked for."""
    if board is not None and board.show("log-flood"):
        for k in range(round(board.amount("log-flood"))):
            log.info("flood_asked_for", text="a flood that was asked for, line %(line)d", line=k)
