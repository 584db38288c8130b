"""How many words a PLC takes in one write: found by trying, with a stopped station's words."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkRefused
from gonogo.plc.link.probe import Listener
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.modbus_master import WRITE_LEAST, MasterSection

if TYPE_CHECKING:
    from gonogo.plc.transports.section import TransportSection

_TOO_MANY = 3  # the exception of a PLC that does not take so many words


def narrowed(section: TransportSection, error: LinkRefused) -> MasterSection | None:
    """The section with the most words that the PLC takes; None where `error` has another cause.

    LinkError as the transport's. Nobody else may live in the words meanwhile.
    """
    if error.reply != _TOO_MANY or not isinstance(section, MasterSection):
        return None
    low, high = WRITE_LEAST - 1, section.max_words  # taken, and refused
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _takes(section, middle) else (low, middle)
    return _with(section, low) if low >= WRITE_LEAST else None


def _with(section: MasterSection, most: int) -> MasterSection:
    return section.model_copy(update={"max_words": most, "atomic_writes": False})


def _takes(section: MasterSection, most: int) -> bool:
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    transport = make_transport(_with(section, most), wake_fd)
    try:
        transport.open()
        # the first exchange of a connection writes all words, in the longest requests there are
        Listener(transport).exchange(0)
    except LinkRefused as error:
        # another refusal has nothing to do with how much was written
        if error.reply != _TOO_MANY:
            raise
        return False
    finally:
        with contextlib.suppress(OSError):
            # whatever it has to say at its end, the finding stands
            transport.close()
        os.close(wake_fd)
    return True
