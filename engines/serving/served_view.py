"""One view's engine as the engine process serves it: loaded, proven, asked about frames.

Its memory is the view's ring: the line writes a frame into a slot, asks by the slot's number, and
reads the result area of this place in that same slot.
"""

from __future__ import annotations

import time
import zlib
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.base.errors import AcceleratorLost, EngineTimeout
from gonogo.base.frame_shape import FrameShape
from gonogo.base.log.logger import get_logger
from gonogo.engines.backends.backend import Backend, Outputs, prefer, run_until_of, sight_of
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.serving.faulty import FaultyBackend
from gonogo.engines.serving.golden import COUNT, Golden, prove
from gonogo.engines.serving.warming import gains
from gonogo.ipc.engine_slot import PlaceLimits
from gonogo.ipc.frame_ring import R_EMBED, R_MAP_COLUMNS, R_MAP_ROWS, FrameRing, ResultStatus
from gonogo.ipc.map_place import MapPlace

if TYPE_CHECKING:
    from gonogo.engines.serving.hostplan import ViewPlan
    from gonogo.engines.serving.source import Source
    from gonogo.ipc.engine_queue import HostMailbox, Request
    from gonogo.ipc.fault_table import FaultsToShow

log = get_logger(__name__)

WARM_UPS = 3  # runs of each slot


class ServedView:
    """One loaded model, bound to every slot of its view's ring.

    `plan` names backend and threads: who chooses them is gonogo.engines.serving.choosing.
    """

    def __init__(
        self, plan: ViewPlan, source: Source, station: str, place: int, board: FaultsToShow
    ) -> None:
        geometry = FrameShape(plan.height_px, plan.width_px, plan.channels)
        self.backend_name, self.threads = plan.backend, plan.threads
        self.engine_id = source.engine_id
        self.place = place
        # limits and expected scores are those of this backend: another one scores a little apart
        self._facts = source.facts.get(self.backend_name)
        self.board = board
        # a load that fails leaves nothing: the process may go on, with another backend
        with ExitStack() as stack:
            self.ring = FrameRing.attach(station, plan.view, geometry)
            stack.callback(self.ring.close)
            file = source.model.file_of(plan.backend)
            self._inner = open_backend(plan.backend, file, geometry, int(plan.threads))
            stack.callback(self._inner.close)  # before the ring: it holds arrays over its memory
            self.backend: Backend = FaultyBackend(self._inner, board)
            self._bind()
            self.golden = Golden(self.backend, len(self.ring.slots), geometry)
            self._stack = stack.pop_all()

    def _bind(self) -> None:
        # bound here once for all: a request then names a slot, and nothing is allocated for it
        for slot in self.ring.slots:
            result = slot.results[self.place]
            rows, columns, embedding = self.backend.shapes
            # the line reads maps of this shape; they do not change while this engine is loaded
            result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = rows, columns
            result.words[R_EMBED] = embedding
            outputs = Outputs(result.score, result.map, result.embedding)
            self.backend.bind(slot.index, slot.pixels, outputs)

    def prove(self, source: Source) -> None:
        """BackendError unless a bundle's own frames score as it says."""
        if self._facts is not None and source.frames is not None:
            # the backend itself: a fault of the board is no fault of the bundle. The slots behind
            # the ring's are the golden frames', the one behind those is free
            prove(self._inner, len(self.ring.slots) + COUNT, source.frames, self._facts)

    def warm_up(self) -> None:
        """The first runs of a model take longer."""
        for k in range(WARM_UPS * len(self.ring.slots)):
            self.backend.run(k % len(self.ring.slots))

    def gains(self) -> bool:
        """Whether it answers faster when it is kept warm."""
        return gains(lambda: self.backend.run(0))

    @property
    def limits(self) -> PlaceLimits | None:
        """What its scores mean; None where the station file or a card says it."""
        facts = self._facts
        if facts is None:
            return None
        return PlaceLimits(facts.recheck_above, facts.reject_above, self.engine_id)

    def self_test(self, mailbox: HostMailbox) -> None:
        """BackendError when the golden frames do not score as they did at the first start."""
        scores = self.golden.scores()
        # another file, or another backend, begins with first scores of its own
        identity = zlib.crc32(f"{self.engine_id} {self.backend_name}".encode())
        # kept in the queue's memory, which outlives this process: a restart does not forget them
        first = mailbox.golden(self.ring.view, identity, scores)
        self.golden.compare(scores, first)

    def answer(self, request: Request) -> None:
        """Judge one frame and write the result; a backend's failure is a result, too."""
        slot = self.ring.slots[request.slot]
        result = slot.results[self.place]
        # read before the frame is: whoever writes into the slot raises it
        generation = slot.generation
        now_ns = time.monotonic_ns()
        lie = self.board.show("engine-old-id")  # a fault on request: an answer to another question
        result.begin(request.request_id - lie, generation, now_ns)
        status = ResultStatus.EXPIRED
        if now_ns < request.deadline_ns:  # later than that it would only hold up the next part
            status = self._run(slot.index, request.deadline_ns)
            if not slot.still(generation):  # half of it may have been another part's
                status = ResultStatus.STALE
        result.commit(status, self.engine_id, time.monotonic_ns())

    def _run(self, slot: int, deadline_ns: int) -> ResultStatus:
        try:
            run_until_of(self.backend)(slot, deadline_ns)
        except AcceleratorLost:
            raise  # nothing that this process can do brings it back: it ends, and begins anew
        except EngineTimeout as error:  # the next part has its own deadline
            log.warning(
                "backend_failed",
                text="backend %(backend)s: %(error)s",
                backend=self.backend_name,
                error=error,
            )
            return ResultStatus.EXPIRED
        except Exception:  # a vendor runtime may raise anything; the line must hear FAILED
            log.exception(
                "backend_bug", text="backend %(backend)s failed", backend=self.backend_name
            )
            return ResultStatus.FAILED
        return ResultStatus.OK

    @property
    def device(self) -> Backend:
        """The backend itself, without the faults of the board: to be asked about its device."""
        return self._inner

    def prefer(self, *, judges: bool) -> None:
        """Go before, or behind, another place whose engine runs on the same device."""
        prefer(self._inner, judges=judges)

    def close(self) -> None:
        """Unload the model, drop the ring."""
        self._stack.close()


def map_place_of(view: ServedView) -> MapPlace:
    """Where its map lies on its frames, for whoever shows one; of no cells where it makes none."""
    sight = sight_of(view.device, view.ring.geometry)
    if sight is None:
        return MapPlace(view.engine_id, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return MapPlace(view.engine_id, *sight.map_edges, *sight.cells)
