"""The engine host at its place: it holds what was ordered, or says why not and lives on."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import MissingExtra
from gonogo.base.realtime import cores_beside_the_line
from gonogo.base.words import FaultBit
from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.engines.bundles.header import HEADER_BYTES
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.card import sha256_of
from gonogo.engines.serving.choosing import identity_of
from gonogo.engines.serving.host import Host
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.engines.serving.source import Sources
from gonogo.ipc.engine_choices import Candidate, HostChoice, Imports, served
from gonogo.ipc.engine_queue import HostMailbox, HostState, LineMailbox
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.engine_slots import HostSlots
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.runtime.engine_host import EngineHost
from gonogo.tests.engines import tiny
from gonogo.tests.engines.bundles.parcels import STRANGER, contents, manifest_end
from gonogo.tests.engines.serving.places import (
    OFF,
    RED,
    B,
    Bench,
    bolt,
    facts,
    hosts,
    section,
    view,
)
from gonogo.tests.table import turn_until
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.base.shm import Segment

A = 0


@pytest.fixture
def bench(station: str, tmp_path: Path) -> Iterator[Bench]:
    """Place B alone, which does not judge; the maker is trusted."""
    with hosts(station, section(tmp_path)) as made:
        yield made


def unstruck(bench: Bench) -> bool:
    """Whether the supervisor holds nothing against the host: it is up, not paused or latched."""
    turn_until(bench.table, lambda: bench.table.beats.rows[1].count > 0)
    bench.table.supervise()
    return bench.table.beats.rows[1].state == RowState.UP


def test_host_without_an_order_lives_and_holds_nothing(bench: Bench) -> None:
    """It beats, which is all that the supervisor wants, and nobody takes it for ready."""
    bench.until(Phase.EMPTY, HostState.EMPTY)
    assert unstruck(bench)
    assert not bench.mailboxes[B].ready
    assert bench.slots.places[B].limits(0) is None


def test_host_serves_what_was_ordered_and_forgets_it_when_told(
    bench: Bench, tmp_path: Path
) -> None:
    """Ordered, ready with the limits of the bundle, answers; unloaded, and ordered again."""
    place, path = bench.slots.places[B], bolt(tmp_path)
    for _ in range(2):
        bench.order(path)
        bench.ready()
        limits = place.limits(0)
        assert limits is not None
        assert (limits.recheck_above, limits.reject_above) == (240.0, 252.0)
        assert limits.engine_id == contents(tmp_path).card.engine_id
        assert bench.score(77) == 77.0
        assert bench.ring.slots[0].results[B].words[4] == limits.engine_id
        assert place.resident_kb > 0
        assert (place.message, place.error, place.unsigned) == ("", 0, False)
        bench.order(None)
        bench.until(Phase.EMPTY, HostState.EMPTY)
        assert place.limits(0) is None
        assert place.resident_kb == 0
    assert unstruck(bench), "four orders were held against it"


@pytest.mark.skipif(find_spec("pycuda") is not None, reason="pycuda is installed")
def test_host_reaches_a_gpu_as_the_station_file_says(station: str, tmp_path: Path) -> None:
    """By pycuda, which is not there: it is told what brings that, and the place stays empty."""
    wish = view(backend="tensorrt", cuda="pycuda")
    path = bolt(tmp_path, backends={"tensorrt": facts(RED)}, role="tensorrt")
    with hosts(station, section(tmp_path), views=(wish,)) as bench:
        bench.order(path)
        bench.until(Phase.REFUSED, HostState.EMPTY)
        place = bench.slots.places[B]
        assert "build pycuda on this box" in place.message
        assert place.error == MissingExtra.code


def broken(folder: Path) -> dict[str, tuple[Path, int]]:
    """Everything that can be wrong with the file of a bundle, and the number of its error."""
    raw = bolt(folder, "sound.gng", proof={"rank": 1.0}, histogram={"counts": [1]}).read_bytes()
    head = manifest_end(raw)
    files = json.loads(raw[HEADER_BYTES:head])["files"]
    spots = {"magic": (0, 321), "signature": (80, 323), "manifest": (HEADER_BYTES + 9, 321)}
    spots |= {entry["name"]: (head + entry["offset"], 321) for entry in files}
    wrong = {}
    for name, (at, code) in spots.items():
        flipped = folder / f"{name}.flipped"
        flipped.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        wrong[f"{name} flipped"] = (flipped, code)
        cut = folder / f"{name}.cut"
        cut.write_bytes(raw[: at + 1])
        wrong[f"cut off in {name}"] = (cut, 321)
    return wrong


def unwanted(folder: Path) -> dict[str, tuple[Path, int]]:
    """Whole bundles that this station does not take."""
    yesterday, before = (datetime.now(timezone.utc) - timedelta(days=n) for n in (1, 2))
    return {
        "missing": (folder / "nothing.gng", 320),
        "of another engine": (bolt(folder, "other.gng", name="nut"), 322),
        "unsigned": (bolt(folder, "unsigned.gng", key=None), 323),
        "of a stranger": (bolt(folder, "stranger.gng", key=STRANGER), 323),
        "expired": (bolt(folder, "old.gng", created=before, expires=yesterday), 324),
        "for a newer gonogo": (bolt(folder, "new.gng", minimum_runtime="99.0.0"), 325),
        "needs more memory": (bolt(folder, "large.gng", memory_mb=5000), 326),
        "fails its self-test": (
            bolt(folder, "wrong.gng", backends={"onnxruntime": facts((1.0, 2.0))}), 310,
        ),
        "for another accelerator": (
            bolt(folder, "far.gng", backends={"openvino": facts((1.0, 2.0))}), 300,
        ),
    }  # fmt: skip


def test_host_refuses_whatever_is_wrong_with_a_bundle_and_lives_on(
    station: str, tmp_path: Path
) -> None:
    """Each with the number of its error; none counts as a strike, and a sound one is taken."""
    wrong = broken(tmp_path) | unwanted(tmp_path)
    only_ort = (view(backend="onnxruntime"),)
    with hosts(station, section(tmp_path), views=only_ort) as bench:
        for what, (path, code) in wrong.items():
            bench.order(path)
            number, message = bench.refused()
            assert number == code, f"{what}: {message}"
            assert f"GN{code}" in message
            assert bench.slots.places[B].limits(0) is None
        assert unstruck(bench)
        bench.order(bolt(tmp_path))
        bench.ready()


def test_host_takes_the_file_as_it_is_when_it_loads_it(bench: Bench, tmp_path: Path) -> None:
    """Replaced between order and load it is refused; replaced after, it makes no difference."""
    path = bolt(tmp_path)
    bench.order(path)
    path.write_bytes(b"something else")
    assert bench.refused()[0] == 321
    bench.order(bolt(tmp_path))
    bench.ready()
    path.write_bytes(b"something else")
    assert bench.score(99) == 99.0


def test_host_refuses_an_order_without_a_bundle_that_it_needs(station: str, tmp_path: Path) -> None:
    """Every engine of the station must be named, whatever is exchanged."""
    with hosts(station, section(tmp_path), views=(view(bundle="nut"),)) as bench:
        bench.order(bolt(tmp_path))
        number, message = bench.refused()
        assert number == 342
        assert "bundle 'nut' is not among those ordered (bolt)" in message


def test_host_refuses_a_station_s_key_that_cannot_be_read(station: str, tmp_path: Path) -> None:
    """The order is sound; whom to trust is not known."""
    with hosts(station, section(tmp_path, trust=(tmp_path / "none.pub",))) as bench:
        bench.order(bolt(tmp_path))
        assert bench.refused()[0] == 330


@pytest.mark.parametrize("memory_mb", [60, 2000])
@pytest.mark.parametrize("backend", cpu_backends())
def test_host_loads_nothing_that_takes_more_memory_than_it_may(
    station: str, tmp_path: Path, backend: str, memory_mb: int
) -> None:
    """Its manifest is modest, the model wants 120 MB: refused, or served where there is room."""
    pytest.importorskip(backend)
    path, only = hungry(tmp_path, backend), (view(backend=backend),)
    with hosts(station, section(tmp_path, memory_mb=memory_mb), views=only) as bench:
        bench.order(path)
        if memory_mb == 2000:
            bench.ready()
            return
        number, message = bench.refused()
        assert number == 326, message
        assert "more than 60 MB" in message
        bench.order(bolt(tmp_path, memory_mb=10, backends={backend: facts(RED)}))
        bench.ready()


def hungry(folder: Path, backend: str) -> Path:
    """A bundle whose model takes 120 MB as it runs, and does not say so."""
    model = tiny.hungry(folder / "hungry.onnx", megabytes=120)
    parts = contents(folder)
    card = parts.card.model_copy(update={"sha256": sha256_of(model)})
    its = {backend: facts(RED)}
    return bolt(folder, "hungry.gng", model=model, card=card, memory_mb=10, backends=its)


def test_host_does_not_try_again_what_it_died_of(bench: Bench, tmp_path: Path) -> None:
    """As when a runtime aborts the process: the next one refuses instead of dying, too."""
    bench.until(Phase.EMPTY, HostState.EMPTY)
    bench.board.set("engine-slow", None, 10_000.0)  # holds it in its self-test
    bench.order(bolt(tmp_path))
    bench.until(Phase.TESTING, HostState.LOADING)
    os.kill(bench.mailboxes[B].pid, signal.SIGKILL)
    number, message = bench.refused()
    assert number == 310
    assert "died while it was TESTING" in message
    epoch = bench.mailboxes[B].epoch
    bench.board.clear()
    os.kill(bench.mailboxes[B].pid, signal.SIGKILL)
    turn_until(bench.table, lambda: bench.mailboxes[B].epoch > epoch)
    assert bench.refused() == (number, message)
    bench.order(bolt(tmp_path))
    bench.ready()


@pytest.mark.parametrize("at", ["its import", "a call"])
def test_host_loads_with_another_backend_where_the_host_before_died_of_one(
    station: str, tmp_path: Path, at: str
) -> None:
    """Found while it loaded, as ever; but the order is not refused, for another one may do."""
    pytest.importorskip("openvino")
    made, engines = Bench(station), section(tmp_path)
    path = bolt(tmp_path, backends=dict.fromkeys(("onnxruntime", "openvino"), facts(RED)))
    made.order(path)
    its, choice = HostSlots.attach(station).places[B], HostChoice(made.mailboxes[B], 0)
    with Sources([view()], {"bolt": path}, policy_of(engines)) as sources:
        choice.begin(identity_of(view(), sources.of(view())))
    its.begin(its.load)
    its.say(Phase.LOADING)
    imports = Imports(made.mailboxes[B])
    first = imports.importing("openvino")
    if at == "its import":  # of which two have to die
        first.__enter__()
        imports.bury()
    died = choice.calling if at == "a call" else imports.importing
    with died("openvino"), hosts(station, engines, bench=made):
        made.ready()
        assert choice.serves == Candidate("onnxruntime", 1)
        assert choice.left_out == (("openvino",) if at == "a call" else ())
        assert made.mailboxes[B].backends == ("onnxruntime",)
        assert made.score(31) == 31.0


@pytest.mark.parametrize("threads", ["auto", 2])
def test_host_says_on_how_many_threads_it_computes(
    station: str, tmp_path: Path, threads: str | int
) -> None:
    """As the station file says, or as was measured beside a line that keeps its core."""
    only = (view(backend="onnxruntime", threads=threads),)
    with hosts(station, section(tmp_path), views=only) as bench:
        bench.order(bolt(tmp_path))
        bench.ready()
        backend, found = served(bench.mailboxes[B], 0)
        assert backend == "onnxruntime"
        most = cores_beside_the_line(OFF)
        assert found == 2 if threads == 2 else 1 <= found <= most
        assert bench.score(9) == 9.0


def test_host_that_does_not_judge_and_is_not_itself_any_more_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    """The accelerator is lost while it serves: no strike, but a refusal with that number."""
    bench.order(bolt(tmp_path))
    bench.ready()
    bench.board.set("engine-lost", None, 0.0)
    bench.ask(5)
    assert bench.refused()[0] == 312
    assert unstruck(bench)


def test_host_that_judges_fails_as_it_always_did(station: str, tmp_path: Path) -> None:
    """Three strikes and it is left alone, with the reason at its place; mended, it comes back."""
    path = bolt(tmp_path)
    sound = path.read_bytes()
    path.write_bytes(sound[:-1])
    with hosts(station, section(tmp_path), A) as bench:
        bench.order(path, A)
        row, place = bench.table.beats.rows[1], bench.slots.places[A]
        turn_until(bench.table, lambda: row.state == RowState.LATCHED)
        assert (place.phase, place.error, row.starts) == (Phase.REFUSED, 321, 3)
        assert bench.mailboxes[A].state is HostState.FAILED
        path.write_bytes(sound)
        row.acknowledge()
        bench.ready(A)
        assert bench.score(12, A) == 12.0


def test_host_that_judges_follows_another_order(station: str, tmp_path: Path) -> None:
    """As any other: it begins anew without a strike, and says the limits of the new one."""
    strict = {"onnxruntime": facts(RED, recheck_above=10.0)}
    with hosts(station, section(tmp_path), A) as bench:
        place = bench.slots.places[A]
        for path, recheck_above in (
            (bolt(tmp_path), 240.0),
            (bolt(tmp_path, "b.gng", version="2.0.0", backends=strict), 10.0),
        ):
            bench.order(path, A)
            bench.ready(A)
            limits = place.limits(0)
            assert limits is not None
            assert limits.recheck_above == recheck_above
            assert place.realtime, "it judges"
        assert unstruck(bench)


def test_host_begins_anew_with_the_engines_of_a_recipe(station: str, tmp_path: Path) -> None:
    """The place that judges loads what the recipe names; one that holds nothing stays as it is."""
    nut = bolt(tmp_path, "nut.gng", name="nut", backends={"onnxruntime": facts((255.0, 255.0),
               recheck_above=10.0)})  # fmt: skip
    recipes = {2: (view(bundle="nut"),)}
    with hosts(station, section(tmp_path), A, B, recipes=recipes) as bench:
        bench.order(bolt(tmp_path), A, nut=nut)
        bench.ready(A)
        bench.until(Phase.EMPTY, HostState.EMPTY, B)
        epochs = [box.epoch for box in bench.mailboxes]
        bench.heart.want(2)
        turn_until(bench.table, lambda: bench.mailboxes[A].epoch > epochs[A])
        bench.ready(A)
        limits = bench.slots.places[A].limits(0)
        assert limits is not None
        assert limits.recheck_above == 10.0
        assert bench.mailboxes[B].epoch == epochs[B]
        assert unstruck(bench)


class LateMailbox(HostMailbox):
    """The line orders something else in the very moment in which this host counts as started."""

    def __init__(self, segment: Segment) -> None:
        super().__init__(segment)
        self.line: Callable[[], object] = list
        self.said: list[HostState] = []

    def start(self) -> None:
        """After the line."""
        self.line()
        super().start()

    def say(self, state: HostState) -> None:
        """Noted."""
        self.said.append(state)
        super().say(state)


class Asked:
    """A process that is asked to stop once it serves. Not simulated: its beats."""

    stop = SimpleNamespace(asked=True, fd=-1)


@contextmanager
def late(
    station: str, folder: Path, line: Callable[[], object]
) -> Iterator[tuple[Host, LateMailbox]]:
    """One that has loaded; nothing is in its place, but for a view that is never asked."""
    plan = HostPlan(
        station=station, place=A, views=(view(),), realtime=OFF, engines=section(folder)
    )
    mailbox = LateMailbox.attach(station, A)
    process: Any = Asked()
    host = Host(plan, mailbox, process, HeartbeatView.attach(station))
    mailbox.line = line
    host.load()
    loaded: Any = None
    host.views[0] = loaded
    yield host, mailbox
    os.close(host.ask_fd)
    os.close(host.done_fd)


def test_host_that_starts_while_another_recipe_is_ordered_is_outdated_and_never_ready(
    station: str, tmp_path: Path
) -> None:
    """The line shuns the host before it, and trusts this one: it must not serve the old recipe."""
    bench = Bench(station)
    seen = EngineHost(LineMailbox.attach(station, A))

    def order() -> None:
        seen.shun()
        bench.heart.want(2)

    with late(station, tmp_path, order) as (host, mailbox):
        bench.slots.places[A].say(Phase.TESTING)
        host.serve()
        assert host.outdated
        assert mailbox.said == [HostState.EMPTY]
        assert bench.slots.places[A].phase is Phase.EMPTY
    with late(station, tmp_path, list) as (heir, mailbox):
        heir.serve()
        assert mailbox.said == [HostState.EMPTY, HostState.READY]
    assert seen.ready, "the one that has the recipe is shunned"


def test_host_that_is_outdated_as_it_loads_makes_room_for_one_that_is_not(
    bench: Bench, tmp_path: Path
) -> None:
    """It has not died of the order: the next one loads what the recipe names."""
    bench.until(Phase.EMPTY, HostState.EMPTY)
    bench.board.set("engine-slow", None, 1000.0)  # holds it in its self-test
    bench.order(bolt(tmp_path))
    bench.until(Phase.TESTING, HostState.LOADING)
    epoch = bench.mailboxes[B].epoch
    bench.heart.want(2)
    bench.board.clear()
    turn_until(bench.table, lambda: bench.mailboxes[B].epoch > epoch)
    bench.ready()


def test_host_has_the_plc_warned_while_unsigned_bundles_are_taken(
    station: str, tmp_path: Path
) -> None:
    """Served, and the place says that nobody signed it."""
    with hosts(station, section(tmp_path, allow_unsigned=True)) as bench:
        bench.order(bolt(tmp_path, key=None))
        bench.ready()
        assert bench.slots.places[B].unsigned
        row = bench.table.beats.rows[1]
        turn_until(bench.table, lambda: row.warning == FaultBit.CONFIG)
