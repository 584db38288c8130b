"""The oracle of the fuzz runs, against frames that were written by hand."""

from __future__ import annotations

import pytest

from gonogo.proving.bench.modbus_model import Answer, Model

WORDS = tuple(range(0x1000, 0x1000 + 96))
BITS = (True, False, False, True, False, False, False)
HEAD = "0001 0000"  # transaction, protocol


def model() -> Model:
    """A station that shows WORDS and BITS; its PLC has written nothing."""
    return Model(WORDS, BITS)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("03 0000 0002", "03 04 1000 1001"),
        ("04 005f 0001", "04 02 105f"),
        ("03 005f 0002", "83 02"),
        ("03 0000 0000", "83 03"),
        ("04 0064 0001", "84 02"),
        ("02 0000 0007", "02 01 09"),
        ("01 0010 0007", "01 01 09"),
        ("05 0002 ff00", "85 02"),
        ("05 0000 0001", "85 03"),
        ("06 0063 0001", "86 02"),
        ("10 0064 0001 02 0007", "10 0064 0001"),
        ("10 0064 0001 03 0007", "90 03"),
        ("0f 0000 0002 01 03", "0f 0000 0002"),
        ("17 0064 0001 0064 0001 02 0007", "17 02 0007"),
        ("63", "e3 01"),
        ("2b", "ab 03"),
    ],
)
def test_model_answers_as_the_interface_says(asked: str, said: str) -> None:
    """One request to a station that was just started."""
    assert model().reply(bytes.fromhex(asked)) == bytes.fromhex(said)


def test_model_leaves_the_identity_to_the_library() -> None:
    """Any PDU will do."""
    assert model().reply(bytes.fromhex("2b 0e 01 00")) is None


def test_model_holds_what_was_written() -> None:
    """FC22 changes the bits that its mask leaves: the specification's own example."""
    made = model()
    made.plc[4] = 0x12
    assert made.reply(bytes.fromhex("16 0068 00f2 0025")) == bytes.fromhex("16 0068 00f2 0025")
    assert made.plc[4] == 0x17
    made.reply(bytes.fromhex("05 0001 ff00"))
    assert made.coils == [False, True]


def test_model_writes_nothing_of_a_request_that_is_refused_for_its_read() -> None:
    """FC23 beyond the last word."""
    made = model()
    assert made.reply(bytes.fromhex("17 0077 0002 0064 0001 02 0007")) == b"\x97\x02"
    assert made.plc[0] == 0


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("", Answer([], hangs_up=False, short=0)),
        ("0001 00", Answer([], hangs_up=False, short=3)),
        (f"{HEAD} 0006 01 03 0000", Answer([], hangs_up=False, short=2)),
        ("0001 0001 0006 01 03 0000 0001", Answer([], hangs_up=True, short=0)),
        (f"{HEAD} 0001 01", Answer([], hangs_up=True, short=0)),
        (f"{HEAD} 00ff 01", Answer([], hangs_up=True, short=0)),
    ],
)
def test_model_knows_what_a_server_waits_for_and_what_it_hangs_up_on(
    data: str, answer: Answer
) -> None:
    """Bytes that are still to come, and headers that are no Modbus."""
    assert model().feed(bytes.fromhex(data)) == answer


def test_model_answers_every_frame_of_a_segment() -> None:
    """Under its own transaction and unit, until one is no Modbus."""
    one = bytes.fromhex("0007 0000 0006 09 03 0001 0001")
    found = model().feed(one * 2 + bytes.fromhex("0001 0009 0006"))
    assert found.replies == [bytes.fromhex("0007 0000 0005 09 03 02 1001")] * 2
    assert found.hangs_up
