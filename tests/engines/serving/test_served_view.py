"""One view's engine in the ring: what an answer says of the frame, and of itself."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AcceleratorLost, BackendError, EngineTimeout, ModelError
from gonogo.engines.backends.choose import ModelFiles
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.serving.faulty import FaultyBackend
from gonogo.engines.serving.served_view import ServedView
from gonogo.engines.serving.source import Source, Sources
from gonogo.ipc.engine_queue import Mailbox, Request
from gonogo.ipc.engine_slot import PlaceLimits
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import (
    R_EMBED,
    R_MAP_COLUMNS,
    R_MAP_ROWS,
    R_REQUEST,
    R_STATUS,
    FrameRing,
    ResultStatus,
    State,
)
from gonogo.tests.engines.bundles.parcels import contents
from gonogo.tests.engines.serving.places import FRAME, FRAMES, RED, B, bolt, facts, section, view
from gonogo.tests.fakes import S
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

A = 0


@pytest.fixture
def ring(station: str) -> Iterator[FrameRing]:
    """The ring of the one view."""
    made = FrameRing.create(station, 0, FRAME, FRAMES)
    yield made
    made.close()


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """Nothing is to be shown."""
    made = FaultBoard.create(station)
    yield made
    made.close()


@pytest.fixture
def served(
    station: str, tmp_path: Path, ring: FrameRing, board: FaultBoard
) -> Iterator[ServedView]:
    """Bundle "bolt" in place B: its score is the largest red of the frame."""
    assert len(ring.slots) == FRAMES
    made = serve(station, bolt(tmp_path), tmp_path, board)
    yield made
    made.close()


def serve(station: str, path: Path, folder: Path, board: FaultBoard) -> ServedView:
    """A bundle's engine, proven by its frames; its files are closed as the host closes them."""
    with Sources([view()], {"bolt": path}, policy_of(section(folder))) as sources:
        source = sources.of(view())
        made = ServedView(view(backend="onnxruntime"), source, station, B, board)
        try:
            made.prove(source)
        except BackendError:
            made.close()
            raise
    return made


def ask(ring: FrameRing, shade: int, *, within_ns: int = 60 * S, slot: int = 1) -> Request:
    """About a new frame of one grey level."""
    now_ns = time.monotonic_ns()
    ring.slots[slot].begin(1, 1, now_ns)
    ring.slots[slot].pixels.fill(shade)
    ring.slots[slot].commit(State.READY, now_ns)
    return Request(now_ns, 0, slot, now_ns + within_ns)


def test_served_view_answers_in_its_place_of_the_frame_s_slot(
    served: ServedView, ring: FrameRing, tmp_path: Path
) -> None:
    """The score of that very frame, and whose it is; the other place's area stays as it was."""
    served.warm_up()
    for shade in (9, 200):
        request = ask(ring, shade)
        served.answer(request)
        result = ring.slots[1].results[B]
        assert result.whole(request.request_id)
        assert (result.words[R_STATUS], result.score[0]) == (ResultStatus.OK, shade)
    assert served.engine_id == contents(tmp_path).card.engine_id
    assert ring.slots[1].results[A].words[R_REQUEST] == 0


def test_served_view_says_how_large_its_map_is(served: ServedView, ring: FrameRing) -> None:
    """In every slot, before the first answer."""
    shapes = served.backend.shapes
    for slot in ring.slots:
        words = slot.results[B].words
        assert (words[R_MAP_ROWS], words[R_MAP_COLUMNS], words[R_EMBED]) == shapes


def test_served_view_computes_nothing_that_comes_too_late(
    served: ServedView, ring: FrameRing
) -> None:
    """EXPIRED, which is an answer, too."""
    request = ask(ring, 7, within_ns=-1)
    served.answer(request)
    result = ring.slots[1].results[B]
    assert result.whole(request.request_id)
    assert result.words[R_STATUS] == ResultStatus.EXPIRED
    assert result.score[0] != 7


def test_served_view_says_stale_of_a_frame_that_changed_meanwhile(
    served: ServedView, ring: FrameRing
) -> None:
    """Another part was photographed into the slot while it was judged."""
    request, run = ask(ring, 7), served.backend.run

    class Overtaken:
        """The backend, and a camera that is quicker."""

        shapes, bind, close = served.backend.shapes, served.backend.bind, served.backend.close

        @staticmethod
        def run(slot: int) -> None:
            """Judged, but by then it is another frame."""
            run(slot)
            ask(ring, 8)

    served.backend = Overtaken()
    served.answer(request)
    assert ring.slots[1].results[B].words[R_STATUS] == ResultStatus.STALE


def test_served_view_s_backend_may_raise_what_it_likes(
    served: ServedView, ring: FrameRing, board: FaultBoard
) -> None:
    """FAILED; only a lost accelerator ends the process."""
    request, fine = ask(ring, 7), served.backend

    class Broken:
        """A vendor's runtime."""

        shapes, bind, close = fine.shapes, fine.bind, fine.close

        @staticmethod
        def run(_slot: int) -> None:
            """An error of a class of its own."""
            raise LookupError("tensor 12")

    served.backend = Broken()
    served.answer(request)
    assert ring.slots[1].results[B].words[R_STATUS] == ResultStatus.FAILED
    served.backend = fine
    board.set("engine-lost", None, 0.0)
    with pytest.raises(AcceleratorLost):
        served.answer(request)


def test_served_view_hands_on_the_deadline_and_expired_is_what_is_given_up(
    served: ServedView, ring: FrameRing, board: FaultBoard
) -> None:
    """A device that hangs holds nobody up; a backend without deadlines is asked as ever."""
    request, fine = ask(ring, 7), served.backend
    until: list[tuple[int, int]] = []

    class Hanging:
        """A device that does not come back."""

        shapes, bind, close, run = fine.shapes, fine.bind, fine.close, fine.run

        @staticmethod
        def run_until(slot: int, deadline_ns: int) -> None:
            """Given up at the deadline."""
            until.append((slot, deadline_ns))
            raise EngineTimeout("device 0: no answer")

    served.backend = FaultyBackend(Hanging(), board)
    served.answer(request)
    assert until == [(request.slot, request.deadline_ns)]
    result = ring.slots[1].results[B]
    assert result.words[R_STATUS] == ResultStatus.EXPIRED
    assert math.isnan(result.score[0])
    served.backend = fine
    served.answer(request)
    assert result.words[R_STATUS] == ResultStatus.OK


def test_served_view_that_cannot_be_loaded_leaves_nothing_mapped(
    station: str, tmp_path: Path, ring: FrameRing, board: FaultBoard
) -> None:
    """The process may go on with another backend, or with another order."""

    def mapped() -> int:
        lines = Path("/proc/self/maps").read_text().splitlines()
        return sum(str(ring.segment.path) in line for line in lines)

    before, plan = mapped(), view(bundle=None, model=tmp_path / "none.onnx", backend="onnxruntime")
    files = ModelFiles(tmp_path, ("onnxruntime",), {"onnxruntime": ModelError("it has no file")})
    for _ in range(2):
        with pytest.raises(ModelError, match="it has no file"):
            ServedView(plan, Source(files, 7), station, B, board)
    assert mapped() == before > 0


def test_served_view_has_the_limits_of_the_backend_that_serves(served: ServedView) -> None:
    """As the bundle says them."""
    assert served.limits == PlaceLimits(240.0, 252.0, served.engine_id)


def test_served_view_of_a_model_file_has_no_limits(
    station: str, tmp_path: Path, ring: FrameRing, board: FaultBoard
) -> None:
    """The station file or the card says them; there is nothing to prove it by."""
    assert len(ring.slots) == FRAMES
    plan = view(bundle=None, model=tiny_engine(tmp_path / "top.onnx"), backend="onnxruntime")
    with Sources([plan], {}, None) as sources:
        source = sources.of(plan)
        made = ServedView(plan, source, station, B, board)
        made.prove(source)
    assert made.limits is None
    made.close()


def test_served_view_is_proven_by_the_frames_of_its_bundle(
    station: str, tmp_path: Path, ring: FrameRing, board: FaultBoard
) -> None:
    """Faults that were asked for do not count, wrong scores do."""
    assert len(ring.slots) == FRAMES
    board.set("engine-constant", None, 1.0)
    serve(station, bolt(tmp_path), tmp_path, board).close()
    wrong = {"onnxruntime": facts((RED[0], RED[1] / 2))}
    with pytest.raises(BackendError, match="the bundle's frames score"):
        serve(station, bolt(tmp_path, "wrong.gng", backends=wrong), tmp_path, board)


def test_served_view_is_held_to_its_golden_scores_of_the_first_start(
    station: str, served: ServedView, board: FaultBoard
) -> None:
    """Kept beside the queue: an engine that is not itself any more is noticed after a restart."""
    mailbox = Mailbox.create(station, B)
    served.self_test(mailbox)
    served.self_test(mailbox)
    board.set("engine-constant", None, 1.0)
    with pytest.raises(BackendError, match="the golden frames score"):
        served.self_test(mailbox)
    mailbox.close()
