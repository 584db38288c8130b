"""The register map as pure words."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.plc.register_map import (
    D_WORDS,
    HEADER_WORDS,
    MAGIC,
    MAP_VERSION,
    P_WORDS,
    RECORD_WORDS,
    RECORDS,
    RES_SEQ_AT,
    SCORE_MAX,
    SESSION_AT,
    Header,
    PlcWords,
    Record,
    State,
    StatusBit,
    latency_word,
    pack_header,
    pack_plc,
    pack_record,
    record_at,
    unpack_header,
    unpack_plc,
    unpack_record,
)

WORD = st.integers(0, 0xFFFF)
LONG = st.integers(0, 0xFFFFFFFF)
HEADERS = st.builds(Header._make, st.tuples(*[WORD] * 14, LONG, LONG, *[WORD] * 6).map(list))
PLCS = st.builds(PlcWords._make, st.tuples(*[WORD] * 10, LONG, *[WORD] * 4).map(list))
RECORDS_ANY = st.builds(Record, WORD, WORD, WORD, WORD, st.integers(0, SCORE_MAX), WORD, WORD)


@given(HEADERS)
def test_header_survives_the_round_trip(header: Header) -> None:
    """What is packed into D0-D31 is read back as it was."""
    words = pack_header(header)
    assert len(words) == HEADER_WORDS
    assert unpack_header(words) == header


@given(RECORDS_ANY)
def test_record_survives_the_round_trip(record: Record) -> None:
    """What is packed into a record is read back as it was."""
    words = pack_record(record)
    assert len(words) == RECORD_WORDS
    assert unpack_record(words) == record


@given(PLCS)
def test_plc_words_survive_the_round_trip(plc: PlcWords) -> None:
    """What a PLC packs into P100-P119 is read back as it was."""
    words = pack_plc(plc)
    assert len(words) == P_WORDS
    assert unpack_plc(words) == plc


@given(st.builds(Header._make, st.tuples(*[st.integers(-5, 1 << 40)] * 22).map(list)))
def test_header_holds_only_words(header: Header) -> None:
    """Whatever the values are, every word fits 16 bits."""
    assert all(0 <= word <= 0xFFFF for word in pack_header(header))


@given(st.builds(Record._make, st.tuples(*[st.integers(-5, 1 << 40)] * 7).map(list)))
def test_record_holds_only_words(record: Record) -> None:
    """Whatever the values are, every word fits 16 bits and SCORE its range."""
    words = pack_record(record)
    assert all(0 <= word <= 0xFFFF for word in words)
    assert words[4] <= SCORE_MAX


def test_header_lies_where_the_interface_says() -> None:
    """A few words by their documented address, spelled out."""
    header = Header(
        dev_heart=7,
        state=State.RUNNING,
        status=StatusBit.PERMIT,
        res_seq=0x1_0002,
        session_id=9,
        part_seen=44,
        inspected=0x0001_0002,
        deadline_misses=70_000,
    )
    words = pack_header(header)
    assert words[:5] == (MAGIC, MAP_VERSION, 7, 4, 8)
    assert (words[RES_SEQ_AT], words[SESSION_AT], words[15]) == (2, 9, 44)
    assert words[16:18] == (1, 2)
    assert words[20] == 0xFFFF  # a count that outgrew its word stays at the top


def test_test_patterns_are_what_commissioning_expects() -> None:
    """The patterns at D24-D27 read as 0x12345678 and 1.5 with the high word first."""
    raw = struct.pack(">4H", *pack_header(Header())[24:28])
    assert struct.unpack(">If", raw) == (0x12345678, 1.5)


def test_records_lie_side_by_side_and_end_at_the_last_word() -> None:
    """Eight sequences in a row fill D32-D95; the ninth takes the place of the first."""
    assert [record_at(s) for s in range(RECORDS)] == list(range(HEADER_WORDS, D_WORDS, 8))
    assert record_at(RECORDS) == record_at(0)
    assert record_at(0xFFFF) + RECORD_WORDS == D_WORDS


def test_record_half_written_is_no_record() -> None:
    """SEQ_A and SEQ_B that differ mean that the record is still being written."""
    words = list(pack_record(Record(5, 1, 1, 0, 10, 0, 1)))
    words[7] = 4
    assert unpack_record(words) is None


def test_latency_saturates() -> None:
    """A latency counts 0.1 ms and stays at the top instead of wrapping."""
    assert latency_word(12_345_678) == 123
    assert latency_word(10**12) == 0xFFFF
    assert latency_word(-1) == 0


def test_unpack_header_names_a_wrong_magic() -> None:
    """Words of another device are refused with what was expected and what to check."""
    with pytest.raises(ValueError, match=r"expected magic 0x474E .* got 0x4E47 .*word order"):
        unpack_header((0x4E47, 1, *[0] * 30))


@pytest.mark.parametrize("unpack", [unpack_header, unpack_record, unpack_plc])
def test_unpack_names_missing_words(unpack: object) -> None:
    """Too few words are an error that says how many there should be."""
    assert callable(unpack)
    with pytest.raises(ValueError, match=r"expected \d+ words, got 3"):
        unpack((1, 2, 3))
