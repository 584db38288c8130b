"""The log of the command that becomes a supervisor: said now, and kept with what comes after it."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.log.forms import JsonForm, form_of

if TYPE_CHECKING:
    from gonogo.config.station import Station

NAME = "gonogo"
LINES = 100  # of a start; the oldest go


class Ring(logging.Handler):
    """The last records, to be handed over once it is known where they are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonForm(process=NAME))
        self._records: deque[logging.LogRecord] = deque(maxlen=LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Hold one."""
        self._records.append(record)

    def lines(self) -> tuple[str, ...]:
        """As JSON."""
        return tuple(map(self.format, self._records))

    def listen(self) -> None:
        """To all that this process logs, until it is closed."""
        logging.getLogger().addHandler(self)

    def close(self) -> None:
        """Idempotent."""
        logging.getLogger().removeHandler(self)
        super().close()


def begin_log(station: Station) -> None:
    """From here on in the form, and from the level on, that its file wants."""
    root, bound = logging.getLogger(), {"process": NAME, "station": station.station.name}
    root.setLevel(station.log.number)
    for handler in root.handlers:
        if isinstance(handler, Ring):
            handler.setFormatter(JsonForm(**bound))
        # the one of the command line; of others we know nothing
        elif isinstance(handler.formatter, JsonForm):
            handler.setFormatter(form_of(station.log, 2, **bound))


def said_so_far() -> tuple[str, ...]:
    """What this process has logged, where somebody holds it."""
    rings = [each for each in logging.getLogger().handlers if isinstance(each, Ring)]
    return tuple(line for ring in rings for line in ring.lines())
