"""Whom a module tells what happened: one event name a message, its values as fields.

    log = get_logger(__name__)
    log.warning("recipe_refused", text="recipe %(recipe)d: %(why)s", recipe=7, why=why)

`event` is short, stable and listed in docs/log.md; `text` is the sentence that people read, with
the fields put in as `%` does it. Fields bear their unit in the name. A part is `part=`. What goes
out is a record of the standard library's logging, so that libraries that log by themselves come
through the same handlers (gonogo.base.log.forms).
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping


@contextmanager
def _unseen(name: str) -> Iterator[None]:
    """As if that package were not installed, for as long; one that is imported already stays."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # what `import` takes for "not there"
    try:
        yield
    finally:
        del sys.modules[name]


# structlog draws tracebacks with rich where it finds it. We have forms of our own, and to import it
# was a quarter of the start of a small process: a station waits for one after the other
with _unseen("rich"):
    import structlog

FIELDS = "gonogo_fields"  # the attribute of a record that holds event and fields
# what a line has by itself: no field may have such a name
OWN = {"time", "at_ns", "level", "process", "station", "event", "text", "logger", "traceback"}
OWN |= {"cut", "exc_info"}

_NUMBERED = re.compile(r"\b(GN\d{3}): ")
_PART = re.compile(r"\bpart (?:id )?(\d{1,10})\b")


class EventLogger(structlog.BoundLoggerBase):
    """As structlog's: `bind` gives one whose messages all bear some fields."""

    def debug(self, event: str, *, text: str, **fields: object) -> None:
        """Of use to whoever looks for a fault alone; not written unless asked for."""
        self.log(logging.DEBUG, event, text=text, **fields)

    def info(self, event: str, *, text: str, **fields: object) -> None:
        """In order."""
        self.log(logging.INFO, event, text=text, **fields)

    def warning(self, event: str, *, text: str, **fields: object) -> None:
        """The station goes on as ever; somebody should look when there is time."""
        self.log(logging.WARNING, event, text=text, **fields)

    def error(self, event: str, *, text: str, **fields: object) -> None:
        """Somebody must do something."""
        self.log(logging.ERROR, event, text=text, **fields)

    def exception(self, event: str, *, text: str, **fields: object) -> None:
        """An error that is not one of ours, with its traceback; of use in an `except` alone."""
        self.log(logging.ERROR, event, text=text, exc_info=True, **fields)

    def log(self, level: int, event: str, *, text: str, **fields: object) -> None:
        """The same at a level of the standard library."""
        # first: a message that nobody wants is not made
        if self._logger.isEnabledFor(level):
            self._proxy_to_logger("log", event, level=level, text=text, **fields)


def get_logger(name: str) -> EventLogger:
    """That of a module; nothing is set up by it."""
    if name == "__main__":  # a process of a station: `python -m`
        spec = getattr(sys.modules[name], "__spec__", None)
        name = getattr(spec, "name", name)
    return EventLogger(logging.getLogger(name), (_with_code, _with_text, _as_record), {})


def _with_code(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - as structlog has it
    """The number of our error, where one is told of."""
    found = [each for each in said.values() if isinstance(each, GonogoError)]
    if found:
        said.setdefault("code", f"GN{found[0].code}")
    return said


def _with_text(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - as structlog has it
    """The sentence with its fields in it; a sentence that does not fit to them costs no process."""
    try:
        text = said["text"] % said
    except (KeyError, TypeError, ValueError):
        text = str(said["text"])
    said["text"] = text
    # what came as words: an error of another process, a part
    for field, found in (("code", _NUMBERED.search(text)), ("part", _PART.search(text))):
        if found and field not in said:
            said[field] = int(found[1]) if field == "part" else found[1]
    return said


def _as_record(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - as structlog has it
    """What the standard library is called with."""
    level, text, traceback = said.pop("level"), said.pop("text"), said.pop("exc_info", None)
    # no arguments: a % in the text stays one
    return (level, text), {"exc_info": traceback, "extra": {FIELDS: dict(said)}}
