"""What every trigger promises: inherit `TriggerContract`, and say how a trigger is opened.

    from gonogo.testing.triggers import TriggerContract

    class TestMyTrigger(TriggerContract):
        @pytest.fixture
        def section(self):
            return MySection(driver="my-trigger", ...)

        @pytest.fixture
        def pulse(self, trigger):
            return lambda part_id: my_photo_eye.cover()      # a part comes

Triggers are opened through the catalogue, as the line opens them: install your package first.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, ClassVar, cast

import pytest

from gonogo.base.words import LAST_PART_ID, NS_PER_MS, TriggerEvent, following
from gonogo.drivers.triggers.catalogue import TRIGGERS, open_trigger
from gonogo.testing.memory import assert_keeps_nothing
from gonogo.testing.sections import SectionContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.drivers.triggers.trigger import Trigger, TriggerSection
    from gonogo.plc.link.events import TriggerMailbox

FAR_NS = 1 << 62
PARTS = 7


def soon_ns(ms: int = 60_000) -> int:
    """A moment that many ms from now."""
    return time.monotonic_ns() + ms * NS_PER_MS


def taken(trigger: Trigger) -> TriggerEvent:
    """The next part, which must come."""
    part = trigger.wait(soon_ns())
    assert part is not None, "a part was to come, and wait returned None"
    return part


class TriggerContract(SectionContract):
    """One trigger, opened from `section` for each test.

    `pulse` is called before each part that must come, with its number from 1; nothing to do
    where parts come by themselves. Where the PLC names the parts it is the link that offers
    them, and this suite does that. One test for each promise: what is wrong has a name.
    """

    catalogue: ClassVar = TRIGGERS
    patience_s = 30.0  # a wait that is to end, and has not by then, hangs

    @pytest.fixture
    def section(self) -> TriggerSection:
        """How the trigger is opened."""
        pytest.fail("give this class a fixture `section`: the [trigger] of a station file")

    @pytest.fixture
    def last_part_id(self) -> int:
        """The last one of the line before; 0: there was none."""
        return 0

    @pytest.fixture
    def heard(self) -> list[TriggerEvent]:
        """The parts that the trigger has said were too many."""
        return []

    @pytest.fixture
    def trigger(
        self, section: TriggerSection, last_part_id: int, heard: list[TriggerEvent]
    ) -> Iterator[Trigger]:
        """An open trigger."""
        # by its name, not by its class: so its entry is tried, too
        trigger = open_trigger(section, last_part_id, heard.append)
        yield trigger
        trigger.close()

    @pytest.fixture
    def pulse(self, section: TriggerSection, trigger: Trigger) -> Callable[[int], object]:
        """Makes a part come."""
        if section.named_by_plc:
            box = cast("TriggerMailbox", trigger)
            return lambda part_id: box.offer(TriggerEvent(part_id, time.monotonic_ns()))
        return lambda _: None

    def test_trigger_hands_out_each_part_once_in_order(
        self, trigger: Trigger, pulse: Callable[[int], object]
    ) -> None:
        """Part ids follow each other from 1; none is stamped after it was handed out."""
        last_ns = 0
        for part_id in range(1, PARTS + 1):
            pulse(part_id)
            part = taken(trigger)
            assert part.part_id == part_id
            assert last_ns < part.at_ns <= time.monotonic_ns()
            last_ns = part.at_ns

    @pytest.mark.parametrize("last_part_id", [41, LAST_PART_ID - 1, LAST_PART_ID])
    def test_trigger_counts_on_from_the_line_before(
        self,
        section: TriggerSection,
        trigger: Trigger,
        pulse: Callable[[int], object],
        last_part_id: int,
    ) -> None:
        """A line that takes over repeats no id; 65535 is followed by 1, since 0 says "none"."""
        if section.named_by_plc:
            pytest.skip("the PLC counts")
        expected = last_part_id
        for k in range(1, 4):
            pulse(k)
            expected = following(expected)
            assert taken(trigger).part_id == expected

    def test_trigger_returns_when_the_time_is_over(self, trigger: Trigger) -> None:
        """Without a part, None and not before that moment (absolute CLOCK_MONOTONIC, in ns)."""
        asked: list[int] = []

        def until() -> int:
            asked.append(soon_ns(20))
            return asked[0]

        part = self._waited(trigger, until)
        if part is None:
            assert time.monotonic_ns() >= asked[0]
        else:
            assert part.at_ns <= asked[0]

    def test_trigger_does_not_wait_for_a_moment_that_has_passed(self, trigger: Trigger) -> None:
        """The line asks so when it is late; what is not there by then is not waited for."""
        assert self._waited(trigger, lambda: 0) is None
        assert self._waited(trigger, lambda: 1) is None

    def test_trigger_close_is_idempotent(
        self, trigger: Trigger, pulse: Callable[[int], object]
    ) -> None:
        """After closing there are no parts, and nobody waits for them."""
        pulse(1)
        trigger.close()
        trigger.close()
        assert self._waited(trigger, lambda: FAR_NS) is None

    def test_trigger_keeps_nothing_of_a_part(
        self, trigger: Trigger, pulse: Callable[[int], object]
    ) -> None:
        """In steady state a hundred parts leave no memory behind."""

        def part() -> None:
            pulse(1)
            taken(trigger)

        assert_keeps_nothing(part)

    def test_trigger_named_by_the_plc_is_a_mailbox(
        self, section: TriggerSection, trigger: Trigger, heard: list[TriggerEvent]
    ) -> None:
        """The link offers, one part may wait, and a further one is refused and said at once."""
        if not section.named_by_plc:
            pytest.skip("the trigger names the parts itself")
        box = cast("TriggerMailbox", trigger)
        first, second, third = (TriggerEvent(k, time.monotonic_ns()) for k in (1, 2, 3))
        assert box.offer(first) is True
        assert box.offer(second) is False
        assert heard == [second]
        assert taken(trigger) == first
        assert box.offer(third) is True
        assert taken(trigger) == third

    def test_trigger_named_by_the_plc_wakes_who_waits(
        self, section: TriggerSection, trigger: Trigger
    ) -> None:
        """The link offers from a thread of its own, while the line sleeps in wait."""
        if not section.named_by_plc:
            pytest.skip("the trigger names the parts itself")
        box = cast("TriggerMailbox", trigger)
        part = TriggerEvent(7, time.monotonic_ns())
        # late enough that the wait sleeps by then; where it does not yet, the part waits for it
        link = threading.Timer(0.02, box.offer, (part,))
        link.start()
        assert self._waited(trigger, lambda: FAR_NS) == part
        link.join()

    def test_trigger_named_by_the_plc_takes_no_part_after_close(
        self, section: TriggerSection, trigger: Trigger, heard: list[TriggerEvent]
    ) -> None:
        """A late offer is refused, not lost."""
        if not section.named_by_plc:
            pytest.skip("the trigger names the parts itself")
        trigger.close()
        part = TriggerEvent(1, time.monotonic_ns())
        assert cast("TriggerMailbox", trigger).offer(part) is False
        assert heard == [part]

    def _waited(self, trigger: Trigger, until: Callable[[], int]) -> TriggerEvent | None:
        """What a wait returns; in a thread of its own, since one that hangs ends no test.

        `until` is asked right before it: the thread itself may begin late on a busy machine.
        """
        found: list[TriggerEvent | None] = []
        thread = threading.Thread(target=lambda: found.append(trigger.wait(until())), daemon=True)
        thread.start()
        # a daemon: one that hangs must not keep pytest from ending
        thread.join(self.patience_s)
        assert not thread.is_alive(), "wait has not returned"
        assert found, "wait raised"
        return found[0]
