"""Two engine places with real hosts under a real supervisor, without line and loader.

Import as `gonogo.tests.engines.serving.places`. The test orders what a place shall hold, as the
loader does, and asks, as the line does.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from gonogo.base.doorbell import make_bell, open_bell, ring
from gonogo.base.frame_shape import FrameShape
from gonogo.base.realtime import RealtimeSection
from gonogo.engines.bundles.manifest import BackendFacts
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.registry import Registry
from gonogo.engines.section import EnginesSection
from gonogo.engines.serving.hostplan import HostPlan, ViewPlan
from gonogo.ipc.engine_queue import HostState, Mailbox, Request
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import FrameRing, State
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.fakes import S
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gonogo.watchdog.supervisor import Supervisor

FRAME = FrameShape(32, 48, 1)  # of the camera: another size, and grey, unlike the model's
FRAMES = 4
B = 1
OFF = RealtimeSection(enabled=False)
RED = tuple(float(frame[:, :, 2].max()) for frame in parcels.frames())  # what they score


def bolt(folder: Path, file: str = "bolt.gng", **changes: Any) -> Path:  # noqa: ANN401 - as of parcels.make
    """A sound bundle whose self-test frames score what it says they do."""
    usual: dict[str, Any] = {
        "created": datetime.now(timezone.utc) - timedelta(days=1),
        "backends": {"onnxruntime": facts(RED)},
    }
    return parcels.make(folder, file, **(usual | changes))


def facts(scores: tuple[float, ...], *, recheck_above: float = 240.0) -> BackendFacts:
    """Limits, and what the self-test frames score."""
    return BackendFacts(
        recheck_above=recheck_above, reject_above=252.0, self_test_scores=scores, tolerance=0.02
    )


def section(folder: Path, **changes: Any) -> EnginesSection:  # noqa: ANN401 - any field
    """`[engines]` that trusts the maker of the parcels."""
    key = folder / "maker.pub"
    key.write_text(parcels.MAKER.public.line)
    return EnginesSection(**({"folder": folder / "engines", "trust": (key,)} | changes))


def install(engines: EnginesSection, *bundles: Path) -> Registry:
    """Install bundles and activate each, the last one to stay so."""
    registry, policy = Registry(engines.folder), policy_of(engines)
    for bundle in bundles:
        manifest = registry.install(bundle, policy)
        registry.activate(manifest.name, manifest.version, policy)
    return registry


def view(**changes: Any) -> ViewPlan:  # noqa: ANN401 - any field
    """The one view, judged by bundle "bolt"."""
    height_px, width_px, channels = FRAME
    usual = {"view": 0, "bundle": "bolt", "backend": "auto", "threads": 1}
    size = {"height_px": height_px, "width_px": width_px, "channels": channels}
    return ViewPlan(**(usual | size | changes))


class Bench:
    """The memory of a station with two places, and the hosts of some of them."""

    def __init__(self, station: str) -> None:
        self.slots = EngineSlots.create(station)
        self.ring = FrameRing.create(station, 0, FRAME, FRAMES)
        self.mailboxes = [Mailbox.create(station, place) for place in range(2)]
        self.heart = Heartbeat.create(station)
        for place in range(2):
            make_bell(station, f"ask{place}")
            make_bell(station, f"done{place}")
        self.asks = [open_bell(station, f"ask{place}") for place in range(2)]
        self.board: FaultBoard
        self.table: Supervisor

    def order(self, path: Path | None, place: int = B, **more: Path) -> None:
        """The place shall hold this bundle as "bolt", and more."""
        what = None if path is None else SlotOrder(bundles={"bolt": path, **more})
        self.slots.places[place].order(what)

    def until(self, phase: Phase, state: HostState, place: int = B) -> None:
        """Let the hosts work until this one is so far with the last order."""
        its, box = self.slots.places[place], self.mailboxes[place]
        turn_until(self.table, lambda: (its.phase, box.state) == (phase, state))

    def ready(self, place: int = B) -> None:
        """Until it serves."""
        self.until(Phase.READY, HostState.READY, place)

    def refused(self, place: int = B) -> tuple[int, str]:
        """Until it has refused and lives on empty: the number and the words."""
        self.until(Phase.REFUSED, HostState.EMPTY, place)
        its = self.slots.places[place]
        return its.error, its.message

    def ask(self, shade: int, place: int = B) -> int:
        """Ask a place about a frame of one grey level; the number of the request."""
        slot, request_id = self.ring.slots[0], time.monotonic_ns()
        slot.begin(1, 1, request_id)
        slot.pixels.fill(shade)
        slot.commit(State.READY, request_id)
        self.mailboxes[place].put(Request(request_id, 0, 0, request_id + 60 * S))
        ring(self.asks[place])
        return request_id

    def score(self, shade: int, place: int = B) -> float:
        """What the place says of such a frame."""
        request_id = self.ask(shade, place)
        result = self.ring.slots[0].results[place]
        turn_until(self.table, lambda: result.whole(request_id))
        return float(result.score[0])


@contextmanager
def hosts(
    station: str, engines: EnginesSection, *places: int, realtime: RealtimeSection = OFF,
    views: tuple[ViewPlan, ...] = (), recipes: Mapping[int, tuple[ViewPlan, ...]] | None = None,
    bench: Bench | None = None,
) -> Iterator[Bench]:  # fmt: skip
    """The hosts of these places, B alone if none is named; their row is 1 + their position."""
    bench = bench or Bench(station)
    rows = []
    for place in places or (B,):
        plan = HostPlan(
            station=station, place=place, views=views or (view(),), recipes=dict(recipes or {}),
            realtime=realtime, engines=engines,
        )  # fmt: skip
        rows.append(
            RowPlan(name=f"engine {'AB'[place]}", module="gonogo.engines.serving.host", strikes=3,
                    argument=plan.model_dump_json(), limit_ms=PATIENT_MS)
        )  # fmt: skip
    with supervised(station, *rows) as bench.table:
        bench.board = FaultBoard.attach(station)
        yield bench
