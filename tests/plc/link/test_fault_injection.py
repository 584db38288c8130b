"""A part that is not seen: its PART_ID is hidden, the next one is not, and nothing else is."""

from __future__ import annotations

from gonogo.plc.link.fault_injection import HiddenPart
from gonogo.plc.register_map import PlcWords, pack_plc, unpack_plc
from gonogo.plc.transports.transport import Inputs


def seen(hidden: HiddenPart, *part_ids: int) -> list[int]:
    """What is seen of these PART_IDs, polled one after the other."""
    anchor, found = 0, []
    for part_id in part_ids:
        words = pack_plc(PlcWords(heart=7, part_id=part_id, ack_seq=9))
        plc = unpack_plc(hidden.hide(Inputs(words, 1, 2), anchor).words)
        assert (plc.heart, plc.ack_seq) == (7, 9)
        anchor = plc.part_id or anchor
        found.append(plc.part_id)
    return found


def test_hidden_part_changes_nothing_unless_it_is_asked() -> None:
    """Every id as it is polled."""
    assert seen(HiddenPart(), 0, 1, 1, 2) == [0, 1, 1, 2]


def test_hidden_part_is_hidden_for_as_long_as_it_stands() -> None:
    """Part 6 never comes; part 7 does, and 8."""
    hidden = HiddenPart()
    assert seen(hidden, 5) == [5]
    hidden.ask()
    words = [5, 6, 6, 6, 7, 7, 8]
    anchor, found = 5, []
    for part_id in words:
        plc = unpack_plc(
            hidden.hide(Inputs(pack_plc(PlcWords(part_id=part_id)), 1, 2), anchor).words
        )
        anchor = plc.part_id
        found.append(plc.part_id)
    assert found == [5, 5, 5, 5, 7, 7, 8]
