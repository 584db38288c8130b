"""What people are asked about the audit sample, and what they are asked again."""

from __future__ import annotations

from datetime import datetime

from gonogo.records.dispositions.audit import LATER, in_order, questions, ticket
from gonogo.records.dispositions.said import Disposition, made
from gonogo.records.dispositions.words import Origin, PartKey, Word
from gonogo.records.lot import AUDIT, lot_of
from gonogo.tests.records.dispositions.said import ACCEPTED, CODES, PART, passed, request

SAMPLE = [passed(serial) for serial in range(1, 61)]


def answered(said: list[Disposition], serial: int, who: str, ticket_: str = "") -> None:
    """One more, to the part with that serial."""
    asked = request(Word.CONFIRMED, who)._replace(
        part=PartKey(PART.run, serial), origin=Origin.AUDIT, request_id=ticket_ or f"r{len(said)}"
    )
    said.append(made(asked, ACCEPTED, CODES, len(said) + 1, 0))


def audit(who: str, one_in: int, said: list[Disposition] | None = None) -> list[int]:
    """Serials in the order in which a person is asked, until nothing is open."""
    said = [] if said is None else said
    order = []
    while found := questions(SAMPLE, said, who, one_in):
        answered(said, found[0].part.serial, who, found[0].ticket)
        order.append(found[0].part.serial)
    return order


def test_questions_ask_one_in_so_many_again_and_later() -> None:
    """Once, after LATER others at the earliest, and one of each ten first answers."""
    order = audit("ann", 10)
    firsts = list(dict.fromkeys(order))
    assert sorted(firsts) == list(range(1, 61))
    again = [serial for serial in firsts if order.count(serial) == 2]
    assert len(order) == len(firsts) + len(again)
    # the last block may be too near the end
    assert {firsts.index(serial) // 10 for serial in again} >= set(range(5))
    assert len(again) == len({firsts.index(serial) // 10 for serial in again})
    for serial in again:
        first, second = (k for k, each in enumerate(order) if each == serial)
        assert second - first > LATER
    places = {firsts.index(serial) % 10 for serial in again}
    assert len(places) > 1, "whoever counts along would know"
    assert audit("ann", 10) == order


def test_questions_ask_nothing_again_where_nobody_wants_it() -> None:
    """`shown_again_one_in = 0`."""
    assert sorted(audit("ann", 0)) == list(range(1, 61))


def test_questions_ask_each_part_of_one_person() -> None:
    """What another one has answered is not open; what they are asked again is theirs."""
    said: list[Disposition] = []
    for serial in range(1, 31):
        answered(said, serial, "ann")
    assert [each.part.serial for each in questions(SAMPLE, said, "bob", 1)] == list(range(31, 61))
    again = [each.part.serial for each in questions(SAMPLE, said, "ann", 1)][:-30]
    assert again == list(range(1, 31 - LATER))


def test_questions_leave_out_what_is_no_longer_in_the_sample() -> None:
    """Its picture is gone: there is nothing to look at."""
    said: list[Disposition] = []
    for serial in range(1, 20):
        answered(said, serial, "ann")
    found = questions(SAMPLE[40:], said, "ann", 1)
    assert [each.part.serial for each in found] == list(range(41, 61))


def test_questions_count_a_review_as_no_answer() -> None:
    """Somebody looked a part up: it is asked about all the same."""
    said: list[Disposition] = []
    answered(said, 1, "ann")
    reviewed = [said[0]._replace(origin=Origin.REVIEW)]
    assert [each.part.serial for each in questions(SAMPLE[:1], reviewed, "ann", 10)] == [1]
    assert questions(SAMPLE[:1], said, "ann", 10) == []


def test_ticket_is_of_part_person_and_turn() -> None:
    """An answer that is sent twice has the same; no other one has."""
    other = PART._replace(serial=8)
    some = {ticket(PART, "ann", 0), ticket(PART, "ann", 1), ticket(PART, "bob", 0),
            ticket(other, "ann", 0)}  # fmt: skip
    assert len(some) == 4
    assert ticket(PART, "ann", 0) in some


def test_order_is_the_newest_shift_by_lot() -> None:
    """Never that in which parts passed: who looks at the first few looks at all of the shift."""
    day = datetime(2026, 11, 30).astimezone()
    early, late = (round(day.replace(hour=h).timestamp() * 1000) for h in (7, 15))
    sample = [passed(k, early) for k in range(1, 6)] + [passed(k, late) for k in range(6, 11)]
    order = [each.serial for each in in_order(sample, ("06:00", "14:00", "22:00"))]
    lots = [lot_of(PART.run, AUDIT, serial) for serial in order]
    assert sorted(order[:5]) == [6, 7, 8, 9, 10]
    assert lots[:5] == sorted(lots[:5])
    assert lots[5:] == sorted(lots[5:])
    assert order != sorted(order)
