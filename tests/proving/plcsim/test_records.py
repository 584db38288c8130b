"""The records block: each record once, in order, and never one that is not whole."""

from __future__ import annotations

from typing import Any

from gonogo.proving.plcsim.conveyor import Conveyor
from gonogo.proving.plcsim.records import Records
from gonogo.proving.plcsim.wire import Seen

ACK = 4


class Reading:
    """A records block with part 7 on its belt, and the words of a station."""

    def __init__(self) -> None:
        self.out, self.words, self.arrivals = [0] * 20, [0] * 96, [0] * 8
        self.events: list[tuple[str, int, dict[str, Any]]] = []
        belt = Conveyor(200, 300)
        belt.put(7, 0)
        belt.disown(3)
        self.records = Records(belt, self.out, self._tell)

    def _tell(self, event: str, t_ns: int, **keys: object) -> None:
        self.events.append((event, t_ns, keys))

    def write(self, seq: int, part_id: int, seq_b: int | None = None) -> None:
        """A record into its slot."""
        at = 32 + 8 * (seq % 8)
        end = seq if seq_b is None else seq_b
        self.words[at : at + 8] = [seq, part_id, 1, 0, 10, 0, 20, end]

    def read(self, fresh: int, now_ns: int = 100) -> list[str]:
        """What was told of so many."""
        told = len(self.events)
        self.records.read(Seen(self.words, None, self.arrivals), fresh, now_ns)
        return [event for event, _, _ in self.events[told:]]


def test_records_are_told_apart_by_whose_part_they_are() -> None:
    """One of the belt, one of the station's own trigger, one of nobody."""
    reading = Reading()
    for seq, part_id in enumerate((7, 3, 9), start=1):
        reading.write(seq, part_id)
    assert reading.read(3) == ["record", "record", "wrong_part"]
    assert [keys["taken"] for _, _, keys in reading.events] == ["timely", "unplanned", "wrong_part"]
    assert [keys["part"] for _, _, keys in reading.events] == [1, None, None]
    assert reading.out[ACK] == 3


def test_records_stop_at_one_that_is_torn() -> None:
    """Told once however often it is read; those behind it wait, and come in order."""
    reading = Reading()
    reading.write(1, 7, seq_b=0)
    reading.write(2, 9)
    assert (reading.read(2), reading.read(2), reading.out[ACK]) == (["torn"], [], 0)
    reading.write(1, 7)
    assert (reading.read(2), reading.out[ACK]) == (["record", "wrong_part"], 2)


def test_records_tell_a_torn_one_again_in_a_new_session() -> None:
    """It is another record."""
    reading = Reading()
    reading.write(1, 7, seq_b=0)
    assert reading.read(1) == ["torn"]
    reading.records.begin()
    assert reading.read(1) == ["torn"]


def test_records_arrived_when_the_wire_says_so() -> None:
    """Where it did not see that, by the scan; the ack bears both times, and is told once."""
    reading = Reading()
    reading.write(1, 7)
    reading.write(2, 7)
    reading.arrivals[2] = 60
    reading.read(2, now_ns=100)
    assert [keys["arrival_ns"] for _, _, keys in reading.events] == [100, 60]
    reading.records.published(110)
    reading.records.published(120)
    assert reading.events[2:] == [("ack", 110, {"seq": 2, "arrival_ns": 60, "scan_ns": 100})]
