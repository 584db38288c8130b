"""Triggers that break what every trigger promises, one promise each."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pytest

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.words import TriggerEvent, following
from gonogo.drivers.triggers.plc_part_id import PlcTrigger, PlcTriggerSection
from gonogo.drivers.triggers.trigger import TriggerSection
from gonogo.testing.triggers import TriggerContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = "gonogo.tests.testing.wrong_triggers"
SOON_S = 0.2  # of those that hang for certain


class EyeSection(TriggerSection):
    """A photo-eye of the test's own."""

    driver: Literal["eye"]


class Eye:
    """As it should be: a part comes when it is covered."""

    def __init__(self, last_part_id: int = 0, _refused: object = None) -> None:
        self._changed = threading.Condition()
        self._parts: deque[TriggerEvent] = deque()
        self._part_id = last_part_id
        self._closed = False

    def cover(self, _: int) -> None:
        """A part is there."""
        with self._changed:
            self._part_id = following(self._part_id)
            self._parts.append(TriggerEvent(self._part_id, time.monotonic_ns()))
            self._changed.notify()

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The part that is there or comes."""
        with self._changed:
            while not self._parts and not self._closed:
                left_ns = until_ns - time.monotonic_ns()
                if left_ns <= 0:
                    return None
                self._changed.wait(left_ns * 1e-9)
            return None if self._closed else self._parts.popleft()

    def close(self) -> None:
        """No more parts."""
        with self._changed:
            self._closed = True
            self._changed.notify()


class Doubling(Eye):
    """Every part bounces."""

    def cover(self, part_id: int) -> None:
        """Twice."""
        super().cover(part_id)
        self._parts.append(self._parts[-1])


class Forgetting(Eye):
    """Counts from 1 after each start."""

    def __init__(self, _: int, __: object) -> None:
        super().__init__(0)


class Hasty(Eye):
    """Looks, and does not wait."""

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """What is there by now."""
        del until_ns
        return super().wait(0)


class Stubborn(Eye):
    """Waits for a part, whatever the time is."""

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """Until one comes."""
        del until_ns
        return super().wait(1 << 62)


class Deaf(Eye):
    """Does not know that it is closed."""

    def close(self) -> None:
        """Nothing."""
        with self._changed:
            self._parts.clear()


class Brittle(Eye):
    """Cannot be closed twice."""

    def close(self) -> None:
        """Once."""
        if self._closed:
            raise RuntimeError("closed already")
        super().close()


class Hoarding(Eye):
    """Keeps a picture of every part."""

    def __init__(self, _: int, __: object) -> None:
        super().__init__()
        self._kept: list[bytearray] = []

    def cover(self, part_id: int) -> None:
        """And more of it each time."""
        super().cover(part_id)
        self._kept.append(bytearray(1000))


class Queue(PlcTrigger):
    """Takes as many parts as the PLC names: verdicts come late."""

    def __init__(self, refused: Callable[[TriggerEvent], None]) -> None:
        super().__init__(refused)
        self._more: deque[TriggerEvent] = deque()

    def offer(self, pulse: TriggerEvent) -> bool:
        """Always."""
        if not super().offer(pulse):
            self._more.append(pulse)
        return True


class Sleeper(PlcTrigger):
    """Sees what was there before it went to sleep."""

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """A part that waits already."""
        if self._waiting is None:
            time.sleep(min(10.0, max(0.0, until_ns - time.monotonic_ns()) * 1e-9))
        return super().wait(0)


EYES = Catalogue(
    "trigger driver", "gonogo.tests.none", {"eye": Entry(f"{HERE}:EyeSection", f"{HERE}:Eye")}
)


class RightEye(TriggerContract):
    """Passes what is not for mailboxes."""

    catalogue: ClassVar = EYES
    opens: ClassVar[Callable[..., Any]] = Eye

    @pytest.fixture
    def section(self) -> TriggerSection:
        """It has no keys."""
        return EyeSection(driver="eye")

    @pytest.fixture
    def trigger(self, last_part_id: int, heard: list[TriggerEvent]) -> Iterator[Any]:
        """Opened without the catalogue: not every one of them stands in it."""
        trigger = type(self).opens(last_part_id, heard.append)
        yield trigger
        Eye.close(trigger)

    @pytest.fixture
    def pulse(self, trigger: Any) -> Callable[[int], object]:  # noqa: ANN401 - any of these
        """A part at the eye."""
        cover: Callable[[int], object] = trigger.cover
        return cover


class WrongDoubling(RightEye):
    """A part comes twice."""

    opens: ClassVar = Doubling
    fails = frozenset({"test_trigger_hands_out_each_part_once_in_order"})


class WrongForgetting(RightEye):
    """Ids repeat after a restart."""

    opens: ClassVar = Forgetting
    fails = frozenset({"test_trigger_counts_on_from_the_line_before"})


class WrongHasty(RightEye):
    """The line would turn round and round."""

    opens: ClassVar = Hasty
    fails = frozenset({"test_trigger_returns_when_the_time_is_over"})


class WrongStubborn(RightEye):
    """The line would stand still."""

    patience_s = SOON_S
    opens: ClassVar = Stubborn
    fails = frozenset(
        {
            "test_trigger_returns_when_the_time_is_over",
            "test_trigger_does_not_wait_for_a_moment_that_has_passed",
        }
    )


class WrongDeaf(RightEye):
    """The line would never end."""

    patience_s = SOON_S
    opens: ClassVar = Deaf
    fails = frozenset({"test_trigger_close_is_idempotent"})


class WrongBrittle(RightEye):
    """A stop that comes twice ends with an error."""

    opens: ClassVar = Brittle
    fails = frozenset({"test_trigger_close_is_idempotent"})


class WrongHoarding(RightEye):
    """The line grows with every part."""

    opens: ClassVar = Hoarding
    fails = frozenset({"test_trigger_keeps_nothing_of_a_part"})


class RightMailbox(TriggerContract):
    """Passes what is for mailboxes: the PLC names the parts."""

    opens: ClassVar[Callable[..., Any]] = PlcTrigger

    @pytest.fixture
    def section(self) -> TriggerSection:
        """Named by the PLC."""
        return PlcTriggerSection(driver="plc")

    @pytest.fixture
    def trigger(self, heard: list[TriggerEvent]) -> Iterator[Any]:
        """Opened without the catalogue."""
        trigger = type(self).opens(heard.append)
        yield trigger
        trigger.close()


class WrongQueue(RightMailbox):
    """Nothing is ever too much."""

    opens: ClassVar = Queue
    fails = frozenset(
        {
            "test_trigger_named_by_the_plc_is_a_mailbox",
            "test_trigger_named_by_the_plc_takes_no_part_after_close",
        }
    )


class WrongSleeper(RightMailbox):
    """The link's offer does not wake the line."""

    patience_s = SOON_S
    opens: ClassVar = Sleeper
    fails = frozenset({"test_trigger_named_by_the_plc_wakes_who_waits"})


class WrongNoMailbox(RightMailbox):
    """It says that the PLC names the parts, and takes none."""

    opens: ClassVar = Eye
    fails = frozenset({"test_trigger_named_by_the_plc_is_a_mailbox"})
