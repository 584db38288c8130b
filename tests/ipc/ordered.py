"""The protocols of shared memory as scenarios: who does what at once, and what must not come of it.

Each returns threads that call the product's own methods, over memory that records them
(`weak_memory`). Numbers are small and differ, so that old and new cannot be mixed up.

Import it as `gonogo.tests.ipc.ordered`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import MasterPart, Part, Reason, VerdictKind
from gonogo.ipc.board_health import BoardWriter, Heat
from gonogo.ipc.camera_port import CameraDesk, CameraPort, CameraState, FrameReply, Outcome
from gonogo.ipc.chip_health import ChipWriter
from gonogo.ipc.drift_table import ChartState, ChartWords, DriftWriter, ViewWords
from gonogo.ipc.engine_queue import MAP_WORDS, MAPS_AT, HostState, Mailbox, Request
from gonogo.ipc.engine_slot import EngineSlot, Phase, PlaceLimits, SlotOrder
from gonogo.ipc.engine_slots import Answer, EngineSlots, Order, OrderKind
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import (
    R_DONE_NS,
    R_STATUS,
    STATE,
    TRIGGER_NS,
    Result,
    ResultStatus,
    Slot,
    State,
)
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.identity import Seals
from gonogo.ipc.journal import Journal, JournalReader, JournalView
from gonogo.ipc.journal_memory import HEAD_BYTES
from gonogo.ipc.journal_records import RECORD_BYTES, DeliveryEntry
from gonogo.ipc.map_place import MapPlace, place_of, tell_place
from gonogo.ipc.master_part import Gate, MasterPartMemory, Why
from gonogo.ipc.master_part import Phase as Asked
from gonogo.ipc.output_test import Output, OutputTestDesk, OutputTestView
from gonogo.ipc.part_finds import Find, FindsLog, FindsTaken
from gonogo.ipc.process_table import SupervisedRow
from gonogo.ipc.stamped_words import StampedWords
from gonogo.tests.ipc.weak_memory import Bus, Scenario

if TYPE_CHECKING:
    from gonogo.base.shm import Segment

SHAPE = FrameShape(1, 2, 1)
OLD, NEW = PlaceLimits(1.0, 2.0, 3), PlaceLimits(4.0, 5.0, 6)


# -- frames and results ----------------------------------------------------------------


def _slot(bus: Bus, name: str = "ring") -> Slot:
    """With frame 1 in it, both of whose pixels are 1."""
    slot = Slot(bus.area(name), 0, 0, SHAPE)
    _frame(slot, 1)
    return slot


def _frame(slot: Slot, number: int) -> None:
    slot.begin(number, number, number)
    slot.pixels[0] = slot.pixels[1] = number
    slot.commit(State.READY, number)


def frame() -> Scenario:
    """A frame is written over while another process reads it."""
    bus = Bus()
    slot = _slot(bus)

    def engine() -> object:
        generation = slot.generation
        seen = slot.pixels[0], slot.pixels[1]
        return seen == (generation,) * 2, generation, slot.still(generation)

    return Scenario(
        bus,
        (lambda: _frame(slot, 2), engine),
        lambda _, seen: seen[1] > 0 and seen[2] and not seen[0],
    )


def refused_frame() -> Scenario:
    """The line refuses a frame, and begins the next: who waits for that takes no refused one."""
    bus = Bus()
    slot, other = _slot(bus), _slot(bus, "another")

    def line() -> None:
        slot.condemn()
        other.begin(2, 2, 2)

    def optics() -> object:
        came = other.words[TRIGGER_NS] == 2
        return came, slot.generation, slot.words[STATE]

    return Scenario(bus, (line, optics), lambda _, seen: seen[0] and seen[2] == State.READY)


def result() -> Scenario:
    """An engine answers question 2 where the answer to question 1 stands."""
    bus = Bus()
    area = Result(bus.area("result"), 0)
    area.begin(1, 1, 1)
    area.score[0] = 1.0
    area.commit(ResultStatus.OK, 1, 1)

    def host() -> None:
        area.begin(2, 2, 2)
        area.score[0] = 2.0
        area.commit(ResultStatus.OK, 2, 2)

    def line() -> object:
        return area.whole(2) and (float(area.score[0]), area.words[R_STATUS])

    return Scenario(bus, (host, line), lambda _, seen: seen and seen != (2.0, ResultStatus.OK))


def stamped_result() -> Scenario:
    """An engine answers anew while somebody who asked nothing reads what stands there."""
    bus = Bus()
    area = Result(bus.area("result"), 0)
    area.begin(1, 1, 1)
    area.score[0] = 1.0
    area.commit(ResultStatus.OK, 1, 1)

    def host() -> None:
        area.begin(2, 2, 2)
        area.score[0] = 2.0
        area.commit(ResultStatus.OK, 2, 2)

    def pictures() -> object:
        stamp = area.stamp
        seen = float(area.score[0]), area.words[R_DONE_NS]
        return seen == (stamp, stamp), stamp, area.still(stamp)

    return Scenario(bus, (host, pictures), lambda _, seen: seen[1] > 0 and seen[2] and not seen[0])


def next_result() -> Scenario:
    """The line looks for answer 1 while the host begins with question 2 in the same slot."""
    bus = Bus()
    area = Result(bus.area("result"), 0)

    def host() -> None:
        area.begin(1, 1, 1)
        area.score[0] = 1.0
        area.commit(ResultStatus.OK, 1, 1)
        area.begin(2, 2, 2)

    # what it reads may be of question 2 after it has said yes: the line asks one at a time
    return Scenario(
        bus, (host, lambda: area.whole(2)), lambda _, seen: seen, _words("result", 0, 1, 2)
    )


def _words(name: str, *index: int, at: int = 0) -> frozenset[tuple[str, int]]:
    return frozenset((name, at + 8 * k) for k in index)


# -- the engine's queue ----------------------------------------------------------------


def question() -> Scenario:
    """The line asks; the host takes no request that is not whole."""
    bus = Bus()
    box, request = Mailbox(bus.area("queue")), Request(5, 6, 7, 8)
    return Scenario(
        bus,
        (lambda: box.put(request), lambda: next(box.take(), request)),
        lambda _, taken: taken != request,
    )


def full_queue() -> Scenario:
    """The line writes where the host has just taken the oldest of sixteen."""
    bus = Bus()
    box = Mailbox(bus.area("queue"))
    while box.put(Request(1, 2, 3, 4)):
        pass

    def host() -> object:
        taking = box.take()
        first = next(taking)
        next(taking, None)  # counts the first one as taken
        return first

    return Scenario(
        bus,
        (lambda: box.put(Request(5, 6, 7, 8)), host),
        lambda _, taken: taken != Request(1, 2, 3, 4),
    )


def frame_of_a_question() -> Scenario:
    """Who takes a request finds its frame whole."""
    bus = Bus()
    slot, box = _slot(bus), Mailbox(bus.area("queue"))

    def line() -> None:
        _frame(slot, 2)
        box.put(Request(5, 0, 0, 8))

    def host() -> object:
        asked = next(box.take(), None) is not None
        return asked, slot.generation, slot.pixels[1]

    return Scenario(bus, (line, host), lambda _, seen: seen[0] and seen[1:] != (2, 2))


def _served(bus: Bus) -> Mailbox:
    """A host of epoch 1 and pid 1 is ready."""
    box = Mailbox(bus.area("queue"))
    box.start()
    box.words[3] = 1
    box.say(HostState.READY)
    return box


def host_begins() -> Scenario:
    """Another host has started: who sees its epoch follows its pid, and does not find it ready."""
    bus = Bus()
    box = _served(bus)
    return Scenario(
        bus,
        (box.start, lambda: (box.epoch, box.pid, box.state)),
        lambda _, seen: seen[0] == 2 and (seen[1] == 1 or seen[2] is HostState.READY),
    )


def host_ready() -> Scenario:
    """Who finds a host ready finds what it has published."""
    bus = Bus()
    box = Mailbox(bus.area("queue"))

    def host() -> None:
        box.gains = True
        box.name_backends(("openvino",))
        box.say(HostState.READY)

    return Scenario(
        bus,
        (host, lambda: (box.ready, box.gains, box.backends)),
        lambda _, seen: seen[0] and seen[1:] != (True, ("openvino",)),
    )


def recipe() -> Scenario:
    """The line shuns the host of the old recipe, and never one that has read the new one."""
    bus = Bus()
    box, heart = _served(bus), Heartbeat(bus.area("heart"))

    def line() -> int:
        shunned = box.epoch
        heart.want(2)
        return shunned

    def host() -> int:
        wanted = heart.recipe
        box.start()
        return wanted

    return Scenario(bus, (line, host), lambda shunned, wanted: shunned == 2 and wanted == 2)


def map_place() -> Scenario:
    """A place is read while the next engine's is written over it: whole, or not at all."""
    bus = Bus()
    box = Mailbox(bus.area("queue"))
    old, new = (MapPlace(k, *(float(10 * k + n) for n in range(1, 7))) for k in (1, 2))
    tell_place(box, 0, old)
    return Scenario(
        bus,
        (lambda: tell_place(box, 0, new), lambda: place_of(box, 0)),
        lambda _, seen: seen not in {None, old, new},
        _words("queue", *range(MAPS_AT, MAPS_AT + MAP_WORDS)),
    )


# -- the engine's place ----------------------------------------------------------------


def order() -> Scenario:
    """A host that sees the number of an order finds its text."""
    bus = Bus()
    slot, wish = EngineSlot(bus.area("slot"), 0), SlotOrder(bundles={"a": Path("/b")})

    def host() -> object:
        load = slot.load
        try:
            return load, slot.ordered
        except ValueError:  # an order that is just being written: refused, and then begun anew
            return load, None

    return Scenario(
        bus,
        (lambda: slot.order(wish), host),
        lambda _, seen: bool(seen[0]) and seen[1] != wish,
        _words("slot", 0, 1) | _words("slot", 0, 1, 2, at=8 * 256),
    )


def _held(bus: Bus, load: int, phase: Phase) -> EngineSlot:
    """A host has acted on order 1, and has limits; the last order is `load`."""
    slot = EngineSlot(bus.area("slot"), 0)
    slot.begin(1)
    slot.show_limits(0, OLD)
    slot.say(phase)
    for _ in range(load):
        slot.order(None)
    return slot


def host_acts() -> Scenario:
    """A host that begins with an order is not as far as the last one was."""
    bus = Bus()
    slot = _held(bus, 2, Phase.READY)
    return Scenario(
        bus, (lambda: slot.begin(2), lambda: slot.phase), lambda _, phase: phase is Phase.READY
    )


def limits_of_ready() -> Scenario:
    """Who finds a place ready finds its limits."""
    bus = Bus()
    slot = EngineSlot(bus.area("slot"), 0)

    def host() -> None:
        slot.show_limits(0, NEW)
        slot.say(Phase.READY)

    return Scenario(
        bus,
        (host, lambda: (slot.phase, slot.limits(0))),
        lambda _, seen: seen[0] is Phase.READY and seen[1] != NEW,
    )


def limits_appear() -> Scenario:
    """Limits are there whole, or not at all."""
    bus = Bus()
    slot = EngineSlot(bus.area("slot"), 0)
    return Scenario(
        bus,
        (lambda: slot.show_limits(0, NEW), lambda: slot.limits(0)),
        lambda _, seen: seen not in {None, NEW},
    )


def limits_go() -> Scenario:
    """A host begins anew: nobody takes limits that it is clearing."""
    bus = Bus()
    slot = _held(bus, 1, Phase.READY)
    return Scenario(
        bus,
        (lambda: slot.begin(1), lambda: slot.limits(0)),
        lambda _, seen: seen not in {None, OLD},
        _words("slot", 32, 33, 34, 35),
    )


def refusal() -> Scenario:
    """Who finds a place refused finds the reason."""
    bus = Bus()
    slot = EngineSlot(bus.area("slot"), 0)
    return Scenario(
        bus,
        (lambda: slot.refuse("why", 7), lambda: (slot.phase, slot.error, slot.message)),
        lambda _, seen: seen[0] is Phase.REFUSED and seen[1:] != (7, "why"),
    )


# -- both places -----------------------------------------------------------------------


def reply_to_an_order() -> Scenario:
    """The loader does not take the answer to the last order for that to this one."""
    bus = Bus()
    slots = EngineSlots(bus.area("slots"))
    slots.reply(Answer.NOT_READY, Order(0, OrderKind.NONE, 0))
    asked = Order(slots.command(OrderKind.SWITCH, 1), OrderKind.SWITCH, 1)
    return Scenario(
        bus,
        (lambda: slots.reply(Answer.DONE, asked), lambda: slots.answer),
        lambda _, answer: answer is Answer.NOT_READY,
    )


def watched_parts() -> Scenario:
    """The line finds with an order how many parts to watch."""
    bus = Bus()
    slots = EngineSlots(bus.area("slots"))

    def loader() -> None:
        slots.watch(5)
        slots.command(OrderKind.SWITCH, 1)

    return Scenario(
        bus,
        (loader, lambda: (slots.pending, slots.probation_parts)),
        lambda _, seen: seen[0] is not None and seen[1] != 5,
    )


def switch() -> Scenario:
    """An answer is never seen without what it changed."""
    bus = Bus()
    slots = EngineSlots(bus.area("slots"))
    asked = Order(slots.command(OrderKind.SWITCH, 1), OrderKind.SWITCH, 1)

    def line() -> None:
        slots.switch(1, 7, 8)
        slots.probation_left = 5
        slots.reply(Answer.DONE, asked)

    def loader() -> object:
        answered = slots.pending is None
        return answered, slots.probation_left, slots.active

    return Scenario(
        bus,
        (line, loader),
        lambda _, seen: (seen[0] and seen[1] != 5) or (seen[1] == 5 and seen[2] != 1),
    )


def count_of_switches() -> Scenario:
    """Who sees the count has the place that belongs to it."""
    bus = Bus()
    slots = EngineSlots(bus.area("slots"))
    return Scenario(
        bus,
        (
            lambda: slots.switch(1, 7, 8),
            lambda: (slots.switches, slots.active, slots.switch_ns),
        ),
        lambda _, seen: seen[0] and seen[1:] != (1, 7),
    )


def way_back() -> Scenario:
    """The line goes back by itself: who sees that knows why, and which place judges."""
    bus = Bus()
    slots = EngineSlots(bus.area("slots"))
    slots.switch(1, 7, 8)
    slots.probation_left = 5

    def line() -> None:
        slots.switch(0, 7, 8)
        slots.probation_left = 0
        slots.roll_back(Reason.ENGINE_SILENT)

    def loader() -> object:
        left = slots.probation_left
        return left, slots.active, slots.roll_backs

    return Scenario(
        bus,
        (line, loader),
        lambda _, seen: (seen[0] == 0 and seen[1] != 0) or seen[2] == (1, Reason.OK),
    )


# -- a camera's process ----------------------------------------------------------------


def _port(bus: Bus) -> tuple[CameraPort, CameraDesk]:
    area = bus.area("port")
    return CameraPort(area), CameraDesk(area)


def request() -> Scenario:
    """The process reads no request that is not whole."""
    bus = Bus()
    port, desk = _port(bus)
    return Scenario(
        bus,
        (lambda: port.ask(3, 4, 5), lambda: desk.request),
        lambda _, asked: asked is not None and asked != (1, 3, 4, 5),
    )


def reply() -> Scenario:
    """The line finds with a reply its frame, its reason, and what the device still holds."""
    bus = Bus()
    slot, (port, desk) = _slot(bus), _port(bus)
    port.ask(0, 1, 1)
    told = FrameReply(Outcome.FRAME, 7, 8, 9)

    def process() -> None:
        slot.pixels[0] = 2
        desk.hold(1)
        desk.answer(1, told, "why")

    def line() -> object:
        return port.reply(1), slot.pixels[0], port.busy(1), port.message

    return Scenario(
        bus,
        (process, line),
        lambda _, seen: seen[0] is not None and seen != (told, 2, True, "why"),
    )


def camera_begins() -> Scenario:
    """Another process has started: who sees its epoch follows its pid, and finds it not ready."""
    bus = Bus()
    port, desk = _port(bus)
    desk.say(CameraState.READY)
    return Scenario(
        bus,
        (desk.start, lambda: (port.epoch, port.pid, port.state)),
        lambda _, seen: seen[0] and (not seen[1] or seen[2] is CameraState.READY),
    )


def camera_begins_in_a_request() -> Scenario:
    """Whoever finds its request answered by a process that has just begun finds: by nobody."""
    bus = Bus()
    port, desk = _port(bus)
    port.ask(0, 1, 1)
    desk.answer(1, FrameReply(Outcome.FRAME, 7, 8, 9))
    port.ask(0, 2, 2)
    return Scenario(
        bus,
        (desk.start, lambda: port.reply(2)),
        lambda _, seen: seen is not None and seen.outcome is not Outcome.NONE,
    )


def camera_says() -> Scenario:
    """Who finds a device away finds the reason."""
    bus = Bus()
    port, desk = _port(bus)
    return Scenario(
        bus,
        (lambda: desk.say(CameraState.OPENING, "why"), lambda: (port.state, port.message)),
        lambda _, seen: seen[0] is CameraState.OPENING and seen[1] != "why",
    )


def slot_named_ahead() -> Scenario:
    """A device that is given the next slot writes into no frame that somebody takes for whole."""
    bus = Bus()
    slot, (port, desk) = _slot(bus), _port(bus)

    def line() -> None:
        slot.begin(2, 2, 2)
        port.prepare(0)

    def process() -> None:
        if desk.prepared.number:
            slot.pixels[0] = 2

    def engine() -> object:
        generation = slot.generation
        seen = slot.pixels[0]
        return generation == seen, generation, slot.still(generation)

    return Scenario(
        bus,
        (line, process, engine),
        lambda _, __, seen: seen[1] > 0 and seen[2] and not seen[0],
    )


def slot_named_for_this_part() -> Scenario:
    """With a request the process sees which slot was named before it: it is of that part."""
    bus = Bus()
    port, desk = _port(bus)

    def line() -> None:
        port.prepare(1)
        port.ask(1, 2, 3)

    return Scenario(
        bus,
        (line, lambda: (desk.request, desk.prepared.number)),
        lambda _, seen: seen[0] is not None and not seen[1],
    )


# -- parts that a camera finds ---------------------------------------------------------


def find() -> Scenario:
    """The line reads no find that is not written yet."""
    bus = Bus()
    log, taken = FindsLog(bus.area("finds")), FindsTaken(bus.area("finds"))

    def line() -> object:
        number = taken.number
        return taken.find(number) if number else None

    return Scenario(
        bus,
        (lambda: log.add(77, unsure=True), line),
        lambda _, seen: seen not in {None, Find(1, 77, unsure=True)},
    )


def frame_of_a_find() -> Scenario:
    """The process that is asked for a part's frame knows which find the line has taken for it."""
    bus = Bus()
    (port, desk), log = _port(bus), FindsLog(bus.area("finds"))
    taken = FindsTaken(bus.area("finds"))

    def line() -> None:
        taken.take(3, 4)
        port.ask(0, 4, 5)

    return Scenario(
        bus,
        (line, lambda: (desk.request, log.taken, log.part_id)),
        lambda _, seen: seen[0] is not None and seen[1:] != (3, 4),
    )


# -- the journal -----------------------------------------------------------------------


def _journal(area: Segment) -> Journal:
    """One record long, with entry 0 in it, whose numbers are 1."""
    journal = Journal.lay_out(area, b"{}      ")
    journal.deliver(_delivered(1))
    return journal


def _delivered(number: int) -> DeliveryEntry:
    return DeliveryEntry(number, number, 1, 1, 1, bool(number), VerdictKind.ACCEPT, Reason.OK)


_RECORD_AT = HEAD_BYTES + 8
_STAMPS = _words("journal", 0) | _words("journal", 0, 1, 3, 4, at=_RECORD_AT)


def entry() -> Scenario:
    """An entry that is counted is whole; one that is written over is none."""
    bus = Bus()
    journal = _journal(bus.area("journal", _RECORD_AT + RECORD_BYTES))

    def records() -> object:
        reader = JournalReader(journal, 1)
        new = list(reader)
        return new, reader.lost, journal.read(0)

    def torn(_: None, seen: tuple[list[DeliveryEntry], int, DeliveryEntry | None]) -> bool:
        new, lost, old = seen
        return new not in ([], [_delivered(2)]) or lost != 0 or old not in {None, _delivered(1)}

    return Scenario(bus, (lambda: journal.deliver(_delivered(2)), records), torn, _STAMPS)


def entry_not_counted() -> Scenario:
    """Who reads an entry by its number, counted or not, has it whole or not at all."""
    bus = Bus()
    journal = _journal(bus.area("journal", _RECORD_AT + RECORD_BYTES))
    return Scenario(
        bus,
        (lambda: journal.deliver(_delivered(2)), lambda: journal.read(1)),
        lambda _, new: new not in {None, _delivered(2)},
        _STAMPS,
    )


def part_in_hand() -> Scenario:
    """A part is begun where an older entry stands: that is read whole, or not at all."""
    bus = Bus()
    journal = _journal(bus.area("journal", _RECORD_AT + RECORD_BYTES))
    part = Part(2, 2, 2, 2, 2, 2)
    return Scenario(
        bus,
        (lambda: journal.begin(part), lambda: journal.read(0)),
        lambda _, old: old not in {None, _delivered(1)},
        _STAMPS,
    )


def layout() -> Scenario:
    """Who finds the layout of a journal that is being made finds what it is labelled."""
    bus = Bus()
    area = bus.area("journal", _RECORD_AT + RECORD_BYTES)

    def reader() -> object:
        try:
            return JournalView.of(area).about
        except SegmentError:
            return None

    return Scenario(
        bus,
        (lambda: Journal.lay_out(area, b'{"a": 1}'), reader),
        lambda _, seen: seen not in {None, '{"a": 1}'},
    )


# -- tables ----------------------------------------------------------------------------


def name_in_the_table() -> Scenario:
    """A process that finds its name finds its seal, and its beats are not wiped out."""
    bus = Bus()
    row = SupervisedRow(bus.area("table"), 0, Seals(b"secret"))
    for _ in range(50):  # of the process before
        row.beat()

    def child() -> object:
        if row.pid != os.getpid():
            return None
        row.beat()
        return row.count, row.lives

    return Scenario(
        bus,
        (lambda: row.occupy(os.getpid()), child),
        lambda _, seen: seen not in {None, (1, True)},
        _words("table", 0, 2, 3, 8),
    )


def fault() -> Scenario:
    """Who shows a fault finds how much of it."""
    bus = Bus()
    board = FaultBoard(bus.area("board"))
    kind = "engine-slow"
    return Scenario(
        bus,
        (lambda: board.set(kind, None, 5.0), lambda: (board.show(kind), board.amount(kind))),
        lambda _, seen: seen[0] and seen[1] != 5.0,
    )


def forced() -> Scenario:
    """Another output is forced while the link looks: it shows the one or the other, or none."""
    bus = Bus()
    area = bus.area("outputs")
    desk, view = OutputTestDesk(area, lambda: 0), OutputTestView(area)
    desk.force(Output.FAULT, on=True, for_s=60)

    def link() -> object:
        found = view.forced(0)
        return found and (found.output, found.on)

    return Scenario(
        bus,
        (lambda: desk.force(Output.EJECT, on=False, for_s=50), link),
        lambda _, seen: seen not in {None, (Output.FAULT, True), (Output.EJECT, False)},
    )


def numbers() -> Scenario:
    """Numbers of one moment are written over while somebody reads them."""
    bus = Bus()
    area = bus.area("numbers")
    written = StampedWords(area.words(0, 4), area.fence)
    written.write((1, 1))
    return Scenario(
        bus,
        (lambda: written.write((2, 2)), written.read),
        lambda _, seen: seen not in (None, [1, 1], [2, 2]),
    )


def heat() -> Scenario:
    """Who finds that the board has said something finds what."""
    bus = Bus()
    board, bus.times = BoardWriter(bus.area("board")), _words("board", 0, 5)
    return Scenario(
        bus,
        (
            lambda: board.say(Heat.HOT, None, slowed=True),
            lambda: (bool(board.said_ns), board.heat, board.slowed),
        ),
        lambda _, seen: seen[0] and seen[1:] != (Heat.HOT, True),
        _words("board", 0, 1, 3),
    )


def chip() -> Scenario:
    """The same of a chip."""
    bus = Bus()
    said, bus.times = ChipWriter(bus.area("chips"), 0), _words("chips", 0)

    def reader() -> object:
        found = said.reading(0)
        return found and (found.temperature_c, found.throttled, found.power_w)

    return Scenario(
        bus,
        (lambda: said.say(temperature_c=61.5, throttled=True, power_w=7.0), reader),
        lambda _, seen: seen not in {None, (61.5, True, 7.0)},
    )


def drift() -> Scenario:
    """Who finds that charts were said finds how they stand."""
    bus = Bus()
    table, bus.times = DriftWriter(bus.area("drift")), _words("drift", 0)
    stands = ViewWords(160, 160, {0: ChartWords(ChartState.OUT, 4.5, 3.5, 77)})

    def reader() -> object:
        seen = table.views().get(0)
        return seen and (seen.learnt_h, set(seen.charts))

    return Scenario(
        bus,
        (lambda: table.say([stands], None), reader),
        lambda _, seen: seen is not None and seen != (160, {0}),
        _words("drift", 0, 8, 16),
    )


def _asked(bus: Bus) -> MasterPartMemory:
    """The known bad part was asked for, and is armed."""
    memory = MasterPartMemory(bus.area("master"))
    memory.say(memory.ask(MasterPart.BAD), Asked.ARMED)
    return memory


def master_part_void() -> Scenario:
    """Who sees a request ended sees of which part, and why."""
    bus = Bus()
    memory = _asked(bus)

    def line() -> None:
        memory.judged(9, Reason.RULE)
        memory.say(1, Asked.VOID, Why.BLIND)

    def asker() -> object:
        request = memory.request
        return request.phase, request.why, memory.serial, memory.reason

    return Scenario(
        bus,
        (line, asker),
        lambda _, seen: seen[0] is Asked.VOID and seen[1:] != (Why.BLIND, 9, Reason.RULE),
    )


def master_part_wrong() -> Scenario:
    """Who sees a request ended wrong sees its gate closed: only then is that kept on the disk."""
    bus = Bus()
    memory = _asked(bus)
    bad = memory.places[MasterPart.BAD]

    def line() -> None:
        bad.close_gate(Gate.WRONG, 5)
        memory.say(1, Asked.WRONG, Why.BAD_ACCEPTED)

    return Scenario(
        bus,
        (line, lambda: (memory.request.phase, bad.gate)),
        lambda _, seen: seen == (Asked.WRONG, Gate.OPEN),
    )


def next_master_part() -> Scenario:
    """Another request comes: of the one that has ended nobody hears anything else."""
    bus = Bus()
    memory = _asked(bus)
    memory.say(1, Asked.VOID, Why.BLIND)

    def line() -> None:
        if memory.request.number == 2:
            memory.say(2, Asked.KEEPING)

    return Scenario(
        bus,
        (lambda: memory.ask(MasterPart.GOOD), line, lambda: memory.request),
        lambda _, __, seen: seen.number == 1 and (seen.phase, seen.why) != (Asked.VOID, Why.BLIND),
    )


SCENARIOS = {
    each.__name__: each
    for each in (
        frame, refused_frame, result, stamped_result, next_result, question, full_queue,
        frame_of_a_question, map_place,
        host_begins, host_ready, recipe, order, host_acts, limits_of_ready, limits_appear,
        limits_go, refusal, reply_to_an_order, watched_parts, switch, count_of_switches, way_back,
        request, reply, camera_begins, camera_begins_in_a_request, camera_says, slot_named_ahead,
        slot_named_for_this_part, find, frame_of_a_find, entry, entry_not_counted, part_in_hand,
        layout, name_in_the_table, fault, forced, numbers, heat, chip, drift, master_part_void,
        master_part_wrong, next_master_part,
    )
}  # fmt: skip
