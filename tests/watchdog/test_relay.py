"""The relay of messages: whole lines, in their order, at most a pipe's worth at once."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.watchdog.relay import LINE_BYTES, READ_BYTES, READS, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    for piece in (b"one\ntw", b"o\nthr", b"", b"ee\xff\n"):
        os.write(pipe[1], piece)
        relay.pass_on()
    assert caplog.messages == ["one", "two", "three\ufffd"]


def test_flood_is_passed_on_a_pipe_at_a_time(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost at the seams of what is read at once."""
    caplog.set_level(logging.INFO)
    relay = Relay(pipe[0])
    whole = b"".join(b"line %05d\n" % k for k in range(READ_BYTES * READS // 11))
    os.write(pipe[1], whole)
    relay.pass_on()
    assert caplog.messages == whole.decode().splitlines()


def test_line_without_an_end_is_kept_within_bounds(
    pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """Of whoever writes for ever without a line feed, the last bytes are kept."""
    caplog.set_level(logging.INFO)
    relay = Relay(pipe[0])
    for _ in range(3):
        os.write(pipe[1], b"x" * LINE_BYTES)
        relay.pass_on()
    os.write(pipe[1], b"end\n")
    relay.pass_on()
    assert caplog.messages == ["x" * LINE_BYTES + "end"]
