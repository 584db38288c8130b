"""With which exit code a station that did not come up ends: a service goes by it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import GonogoError, StationFileError
from gonogo.base.log.logger import get_logger
from gonogo.ipc.worker import EXIT_BUG

if TYPE_CHECKING:
    from collections.abc import Iterator

log = get_logger(__name__)


@contextmanager
def start_ended() -> Iterator[None]:
    """End the process with 1 for a wrong station file alone, as the unit does not try that again.

    A bug of ours is not one: Python itself would end with 1.
    """
    try:
        yield
    except StationFileError as error:
        if error.start_code == 1:
            raise  # the command line has its own words for it
        _end(error)
    except GonogoError as error:
        _end(error)
    except Exception:
        log.exception("start_bug", text="gonogo run: a bug, please report this")
        sys.exit(EXIT_BUG)


def _end(error: GonogoError) -> None:
    click.echo(str(error), err=True)
    sys.exit(error.start_code)
