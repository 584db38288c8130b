"""The relay of messages: whole lines, in their order, a little at a time."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.log.entry import ENTRY, to_line
from gonogo.watchdog.last_words import LastWords
from gonogo.watchdog.relay import EVERY_NS, PIPE_BYTES, READ_BYTES, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOOD = b"".join(b"line %05d\n" % k for k in range(PIPE_BYTES // 11))


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; the reading one never blocks."""
    read_fd, write_fd = os.pipe()
    os.set_blocking(read_fd, False)
    yield read_fd, write_fd
    os.close(read_fd)
    os.close(write_fd)


def test_lines_that_come_in_pieces_are_passed_on_whole(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """A line waits for its end; what is no text is shown as such."""
    caplog.set_level(logging.INFO)
    relay = Relay(pipe[0])
    for turn, piece in enumerate((b"one\ntw", b"o\nthr", b"", b"ee\xff\n")):
        os.write(pipe[1], piece)
        relay.pass_on(turn * EVERY_NS)
    assert caplog.messages == ["one", "two", "three\ufffd"]


def test_flood_takes_no_more_than_a_little_of_each_turn(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """The supervisor comes before the line, and may not hold it up for a talkative process."""
    caplog.set_level(logging.INFO)
    relay = Relay(pipe[0])
    os.write(pipe[1], FLOOD)
    for now_ns in range(0, 3 * EVERY_NS, EVERY_NS // 10):
        relay.pass_on(now_ns)
    assert caplog.messages == FLOOD.decode().splitlines()[: 3 * READ_BYTES // 11]


def test_what_is_left_at_the_end_is_passed_on(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost at the seams of what is read at once."""
    caplog.set_level(logging.INFO)
    relay = Relay(pipe[0])
    os.write(pipe[1], FLOOD)
    relay.drain()
    assert caplog.messages == FLOOD.decode().splitlines()


def test_line_without_an_end_is_kept_within_bounds(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """Of whoever writes for ever without a line feed, the last bytes are kept."""
    caplog.set_level(logging.INFO)
    relay = Relay(pipe[0])
    for _ in range(3):
        os.write(pipe[1], b"x" * PIPE_BYTES)
        relay.drain()
    os.write(pipe[1], b"end\n")
    relay.drain()
    assert caplog.messages == ["x" * PIPE_BYTES + "end"]


def test_message_of_a_process_keeps_its_level_its_name_and_its_fields(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """As it was written; a line that is no message is of nobody."""
    caplog.set_level(logging.INFO)
    entry = {"level": "error", "process": "line", "event": "e", "text": "lost", "part": 3}
    words = LastWords()
    relay = Relay(pipe[0], words)
    os.write(pipe[1], to_line(entry) + b"Segmentation fault\n")
    relay.drain()
    said, foreign = caplog.records
    assert (said.levelname, said.getMessage()) == ("ERROR", "line: lost")
    assert getattr(said, ENTRY) == entry
    assert getattr(foreign, ENTRY)["process"] == ""
    assert words.of("line") == ("lost",)


def test_message_below_the_level_is_not_passed_on(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """Of a process that was started when less was asked for."""
    caplog.set_level(logging.WARNING)
    os.write(pipe[1], to_line({"level": "info", "process": "line", "text": "up"}))
    Relay(pipe[0]).drain()
    assert caplog.records == []


@pytest.mark.parametrize("level", ["loud", 3, None, ["info"]])
def test_message_of_no_known_level_is_passed_on(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture, level: object
) -> None:
    """Whatever stands there: it ends no supervisor."""
    caplog.set_level(logging.INFO)
    os.write(pipe[1], to_line({"level": level, "text": "odd"}))
    Relay(pipe[0]).drain()
    assert [each.levelname for each in caplog.records] == ["INFO"]
