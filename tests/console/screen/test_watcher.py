"""Follows a station by its memory alone, and counts each part of the shift once."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS, FaultBit, Mode, VerdictKind
from gonogo.console.screen.frames import Frames
from gonogo.console.screen.news import News
from gonogo.console.screen.now import LineState, ModeWhy
from gonogo.console.screen.watcher import STUCK_NS, Memory, Watcher
from gonogo.ipc.engine_queue import HostState
from gonogo.ipc.link_table import LinkFlag
from gonogo.records.labels import Clock
from gonogo.tests.console.serial.ran import facts
from gonogo.tests.fakes import entry_of, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.screen.scene import Scene

WAIT_S = 30.0


@contextmanager
def watching(scene: Scene, clock: object = Clock.now) -> Iterator[Watcher]:
    """Of the scene as it stands; nobody looks."""
    with ExitStack() as stack:
        memory = Memory.attach(scene.station)
        stack.callback(memory.close)
        watcher = Watcher(scene.plan(), memory, Frames([], 100), clock)  # type: ignore[arg-type]
        stack.callback(watcher.close)
        yield watcher


def newer(watcher: Watcher) -> None:
    """Turn until there is another value."""
    before, end_s = watcher.now.version, time.monotonic() + WAIT_S
    while watcher.turn().version == before:
        assert time.monotonic() < end_s
        time.sleep(0.01)


def line_of(watcher: Watcher) -> object:
    """How the line is."""
    return watcher.now.standing.line.value


def why_of(watcher: Watcher) -> object:
    """What it stands on less for."""
    return watcher.now.standing.why


def accepted(watcher: Watcher) -> int:
    """Of the shift."""
    return watcher.now.shift.counts[VerdictKind.ACCEPT]


def test_watcher_begins_with_what_the_journal_still_holds(scene: Scene) -> None:
    """The strip is full at once, and the newest part is shown."""
    for serial in (1, 2, 3):
        scene.judge(serial)
    with watching(scene) as watcher:
        assert [each.serial for each in watcher.now.strip] == [1, 2, 3]
        assert watcher.now.part is not None
        assert watcher.now.part.serial == 3
        assert watcher.now.run == scene.journal.run


def test_watcher_counts_a_part_once_whether_journal_or_records_have_it(scene: Scene) -> None:
    """What the ring holds no more is in the records, and some of what it holds is there, too."""
    entries = [scene.judge(serial) for serial in range(1, scene.journal.records + 11)]
    scene.record(*entries[:-5])
    with watching(scene) as watcher:
        assert accepted(watcher) == len(entries)
        assert watcher.now.shift.whole
        scene.judge(len(entries) + 1)
        newer(watcher)
        assert accepted(watcher) == len(entries) + 1


def test_watcher_counts_from_its_start_where_the_records_cannot_be_read(scene: Scene) -> None:
    """And says so."""
    scene.records.write_bytes(b"no database" * 100)
    scene.judge(1)
    with watching(scene) as watcher:
        assert (accepted(watcher), watcher.now.shift.whole) == (1, False)


def test_watcher_begins_anew_with_a_shift(scene: Scene) -> None:
    """At the first turn after it began, by the clock of the box."""
    day_ns = 86_400 * 10**9
    shown_ns = [0]

    def clock() -> Clock:
        now = Clock.now()
        return now._replace(wall_ns=now.wall_ns + shown_ns[0])

    scene.judge(1)
    with watching(scene, clock) as watcher:
        assert accepted(watcher) == 1
        shown_ns[0] = day_ns
        scene.judge(2)
        newer(watcher)
        assert accepted(watcher) == 1
        assert watcher.now.shift.whole


def test_watcher_shows_how_the_station_stands(scene: Scene) -> None:
    """Mode in words, faults, and a line that is silent though its memory is there."""
    with watching(scene) as watcher:
        assert line_of(watcher) is LineState.IDLE
        scene.mailbox.say(HostState.LOADING)
        scene.heart.show(Mode.RULES_ONLY, 1, FaultBit.LINK)
        newer(watcher)
        its = watcher.now.standing
        assert (its.mode.value, its.why) == (Mode.RULES_ONLY, ModeWhy.ENGINE_STARTING)
        assert its.faults.value == FaultBit.LINK
        scene.heart.idle(time.monotonic_ns() - 60 * 10**9)
        newer(watcher)
        assert line_of(watcher) is LineState.SILENT


def test_watcher_says_that_outputs_are_tried_as_the_plc_is_told(scene: Scene) -> None:
    """The engine judges as before, and no part may stay: the operator has to know why."""
    with watching(scene) as watcher:
        assert why_of(watcher) is ModeWhy.NONE
        scene.heart.link.tell(facts(flags=LinkFlag.CONNECTED | LinkFlag.TEST))
        newer(watcher)
        assert why_of(watcher) is ModeWhy.TEST


def test_watcher_goes_on_after_a_record_that_is_none(scene: Scene) -> None:
    """A damaged entry is left out; the next part is shown."""
    put(scene.journal, entry_of(1))
    scene.journal.record_words[0][5] = 99  # a verdict that there is not
    scene.judge(2)
    with watching(scene) as watcher:
        assert [each.serial for each in watcher.now.strip] == [2]


def test_watcher_goes_on_by_itself_and_says_when_it_does_not(scene: Scene) -> None:
    """What it last made is not taken for news for ever."""
    with watching(scene) as watcher:
        began_ns = watcher.turned_ns
        assert watcher.stuck(began_ns + STUCK_NS + NS_PER_MS)
        watcher.start()
        end_s = time.monotonic() + WAIT_S
        while watcher.turned_ns == began_ns:
            assert time.monotonic() < end_s
            time.sleep(0.01)
        assert not watcher.stuck(watcher.turned_ns)


def test_watcher_tells_pages_that_wait_as_soon_as_there_is_something(scene: Scene) -> None:
    """By its own thread; nothing is told where nothing is new."""
    with watching(scene) as watcher:
        told: list[int] = []
        watcher.news = Ear(told, watcher)
        watcher.start()
        scene.judge(1)
        end_s = time.monotonic() + WAIT_S
        while not (told and watcher.now.part is not None):
            assert time.monotonic() < end_s
            time.sleep(0.01)
    assert len(set(told)) == len(told)


class Ear(News):
    """Notes of which value it was told."""

    def __init__(self, told: list[int], watcher: Watcher) -> None:
        super().__init__()
        self._told, self._watcher = told, watcher

    def tell(self) -> None:
        """By the thread that follows."""
        self._told.append(self._watcher.now.version)


def test_watcher_makes_pictures_of_parts_that_are_shown_alone(scene: Scene) -> None:
    """On a line that is faster than the screen most parts have none."""
    with ExitStack() as stack:
        found = scene.open(stack)
        found.frames.watch(time.monotonic_ns())
        shown = set()
        for serial in range(1, 30):
            scene.judge(serial)
            now = found.watcher.turn()
            shown.add(now.part.serial if now.part else 0)
        pictured = {serial for serial in range(1, 30) if found.frames.views_of(serial)}
    assert pictured <= shown


def test_memory_of_a_station_that_is_not_up_maps_nothing(station: str) -> None:
    """As the error says that every process of a station gets."""
    with pytest.raises(OSError, match=station):
        Memory.attach(station)
