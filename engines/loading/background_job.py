"""Work that may take its time or never end (a large file, a disk that is gone), in a thread.

Nothing waits for it: whoever sent it looks now and then whether it is done.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from gonogo.base.errors import EngineChangeError, GonogoError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class BackgroundJob(Generic[T]):
    """`work` in a thread of its own, under the idle scheduling class; `error` says why it failed.

    The thread does not keep the process from ending.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self.result: T | None = None
        self.error: GonogoError | None = None
        self._work = work
        # set last by the thread: whoever sees it set may read result and error without a lock
        self._done = threading.Event()
        # daemon: a read from a disk that is gone cannot be interrupted, not even to end
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has ended, with a result or an error."""
        return self._done.is_set()

    def _run(self) -> None:
        # this thread alone; hashing some 100 MB must not take a core from the line meanwhile
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        try:
            self.result = self._work()
        except GonogoError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - a thread that dies in silence would look hung
            self.error = EngineChangeError(f"unexpected: {error!r}; please report this")
        finally:
            self._done.set()
