"""Which backend judges a view, and on how many threads: chosen before its engine is loaded.

What was measured is remembered beside the queue (gonogo.ipc.engine_choices), so that a host that
begins anew after a death serves without measuring again, and one that was started after a death
in a vendor's library leaves that library alone.
"""

from __future__ import annotations

import zlib
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gonogo.base.frame_shape import FrameShape
from gonogo.base.log.logger import get_logger
from gonogo.engines.backends.candidates import Wanted
from gonogo.engines.backends.settle import Choice, Settling, settle_backend
from gonogo.ipc.engine_choices import HostChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.engines.serving.hostplan import ViewPlan
    from gonogo.engines.serving.source import Source
    from gonogo.ipc.engine_choices import Candidate
    from gonogo.ipc.engine_queue import HostMailbox

T = TypeVar("T")

log = get_logger(__name__)


class HostNotes:
    """What the choice of a view is made with, in the memory of its place."""

    def __init__(self, choice: HostChoice) -> None:
        self._choice = choice

    @property
    def left_out(self) -> Sequence[str]:
        """Backends that a host died of, or could not load."""
        return self._choice.left_out

    @property
    def chosen(self) -> Candidate | None:
        """What was measured before."""
        return self._choice.fastest

    def choose(self, candidate: Candidate) -> None:
        """Remember it for the next host."""
        self._choice.choose(candidate)

    def calling(self, backend: str) -> AbstractContextManager[None]:
        """The next host is told, should this one die."""
        return self._choice.calling(backend)


class Chooser:
    """The choices of a host, a view each; `cores`: on how many threads it may compute.

    `named`: messages with files by the names that people know. `beside`: as long as it is
    measured, as it will run.
    """

    def __init__(
        self,
        mailbox: HostMailbox,
        cores: int,
        by: Settling | None = None,
        named: Callable[[str], str] = str,
        beside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._mailbox, self._cores, self._named = mailbox, cores, named
        self._beside = beside
        self._by = by or Settling()
        self._watched: dict[int, Callable[[], AbstractContextManager[None]]] = {}

    def load(self, view: ViewPlan, source: Source, load: Callable[[ViewPlan], T]) -> T:
        """What `load` makes of the view with its backend and threads settled.

        One of several that cannot be loaded is left out, though it was measured: its device may
        have gone since, or it has room for one frame and not for the ring.
        """
        kept = HostChoice(self._mailbox, view.view)
        kept.begin(identity_of(view, source))
        choice = self._settle(view, source, kept)
        try:
            return self._loaded(view, choice, kept, load)
        except Exception as error:  # a vendor's runtime may raise anything
            if not choice.others:
                raise
            why = self._named(f"{type(error).__name__}: {error}")
            log.warning(
                "backend_not_loaded",
                text="view %(view)d: %(backend)s cannot be loaded: %(why)s",
                view=view.view,
                backend=choice.candidate,
                why=why,
            )
        kept.leave_out(choice.candidate.backend)
        choice = self._settle(view, source, kept)
        return self._loaded(view, choice, kept, load)

    def _settle(self, view: ViewPlan, source: Source, kept: HostChoice) -> Choice:
        geometry = FrameShape(view.height_px, view.width_px, view.channels)
        wanted = Wanted(view.backend, view.threads, self._cores)
        by = self._by._replace(notes=HostNotes(kept))
        with self._beside():
            choice = settle_backend(wanted, source.model, geometry, by)
        for line in choice.in_words():
            log.info(
                "backend_chosen",
                text="view %(view)d: %(backend)s",
                view=view.view,
                backend=self._named(line),
            )
        return choice

    def _loaded(
        self, view: ViewPlan, choice: Choice, kept: HostChoice, load: Callable[[ViewPlan], T]
    ) -> T:
        candidate = choice.candidate
        settled = {"backend": candidate.backend, "threads": candidate.computes_on}
        # where there is no other, leaving it out would be no help
        if choice.others:
            self._watched[view.view] = partial(kept.calling, candidate.backend)
        with self.watching(view.view):
            loaded = load(view.model_copy(update=settled))
        kept.serve(candidate)
        return loaded

    def watching(self, view: int) -> AbstractContextManager[None]:
        """As long as the backend of a view is called that another one could replace."""
        return self._watched.get(view, nullcontext)()


def identity_of(view: ViewPlan, source: Source) -> int:
    """Another engine, another size of frame or another wish is another choice; never 0."""
    size, wish = (
        (view.height_px, view.width_px, view.channels),
        (view.backend, view.threads, view.cuda),
    )
    return 1 + zlib.crc32(f"{source.engine_id} {size} {wish}".encode())
