"""What judges is what the folder of installed engines calls active, as soon as it can be written.

A folder that cannot be written (full, read-only, held by another program) stops nothing:
it is told once, tried again, and the station begins with the former engine if it is
started anew before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.checks import make_active

if TYPE_CHECKING:
    from gonogo.engines.section import EnginesSection

log = get_logger(__name__)

AGAIN_S = 10.0  # each try may read whole bundles before it writes


class ActiveVersionWriter:
    """`problem` says why the folder does not say what judges; nothing when it does."""

    def __init__(self, section: EnginesSection) -> None:
        self._section = section
        self._wanted: dict[str, str] = {}
        # equal to what is wanted at first: until a swap the folder is nobody's to correct, as a
        # station that had to begin with the version before must not make that the active one
        self._written: dict[str, str] | None = {}
        self._job: BackgroundJob[None] | None = None
        self._sent: dict[str, str] = {}  # what the job is about: others may be wanted meanwhile
        self._next_s = 0.0
        self.problem = ""

    @property
    def behind(self) -> bool:
        """Whether something is still to be written."""
        return self._written != self._wanted

    @property
    def busy(self) -> bool:
        """Whether it is being written now."""
        return self._job is not None

    def want(self, versions: dict[str, str]) -> None:
        """These judge now, by name."""
        self._wanted = dict(versions)
        self._written = None  # somebody may have changed it by hand
        self._next_s = 0.0  # at once: what was in the way of the last one may not be in this one's

    def tick(self, now_s: float) -> None:
        """See what came of it, try again when it is time; never waits."""
        if self._job is not None:
            if self._job.done:
                self._take_result(self._job, now_s)
        elif self.behind and now_s >= self._next_s:
            wanted = self._sent = self._wanted
            self._job = BackgroundJob(lambda: make_active(self._section, wanted))

    def _take_result(self, job: BackgroundJob[None], now_s: float) -> None:
        self._job = None
        problem = str(job.error) if job.error else ""
        if problem and problem != self.problem:  # once, not every AGAIN_S for a night
            log.error(
                "engine_active_unusable",
                text="%(error)s; tried again every %(again_s).0f s",
                error=problem,
                again_s=AGAIN_S,
            )
        self.problem = problem
        if problem:
            self._next_s = now_s + AGAIN_S
        else:
            self._written = self._sent  # not what is wanted by now: `behind` has that written next
