"""What a technician's probe sees of a PLC, without any wire."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AnotherDevice
from gonogo.plc.link.probe import BEAT_NS, SESSION, Listener, listen, look_first
from gonogo.plc.register_map import (
    BOX_AT,
    HEADER_WORDS,
    HEART_AT,
    MAGIC,
    PlcWords,
    State,
    StatusBit,
    pack_plc,
    unpack_header,
)
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.transport import ProcessImage


class Plc:
    """A transport with a PLC behind it, which echoes; what D0-D31 read is given one by one."""

    def __init__(self, *faces: Sequence[int] | None) -> None:
        self.faces = list(faces)
        self.plc = PlcWords(map_version=1)
        self.images: list[ProcessImage] = []
        self.moves = True

    def open(self) -> None:
        """Nothing to open."""

    def read_back(self, _mark: int = 0) -> Sequence[int] | None:
        """The next face; the last one stays."""
        return self.faces.pop(0) if len(self.faces) > 1 else self.faces[0]

    def exchange(self, image: ProcessImage) -> Inputs:
        """One scan."""
        self.images.append(image)
        if self.moves:
            heart = self.plc.heart + 1
            self.plc = self.plc._replace(heart=heart, dev_heart_echo=image.words[HEART_AT])
        now_ns = time.monotonic_ns()
        return Inputs(pack_plc(self.plc), now_ns, now_ns)

    def wait(self, timeout_s: float) -> None:
        """Time passes."""
        time.sleep(timeout_s)

    def close(self) -> None:
        """Nothing to close."""


def face(first: int, heart: int = 0) -> tuple[int, ...]:
    """D0-D31 of somebody."""
    words = [0] * HEADER_WORDS
    words[0], words[HEART_AT], words[BOX_AT] = first, heart, 8
    return tuple(words)


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        ([None], "the PLC does not let D0-D31 be read: another device would not be seen here"),
        ([()], ""),
        ([face(MAGIC, 5)], "nobody else writes there"),
        ([face(MAGIC, 5), face(MAGIC, 6)], "nobody else writes there"),
        (
            [face(1), face(2), face(3), face(4)],
            "something else writes into D0-D31, and it is no station: is d_base right?",
        ),
    ],
)
def test_first_look_says_what_stands_there(faces: list[Sequence[int] | None], said: str) -> None:
    """One change may be left over from before; more of them are somebody who writes now."""
    plc = Plc(*faces)
    assert look_first(plc, 0.1, 0.005) == said
    assert plc.images == [], "nothing has been written"


def test_first_look_refuses_where_a_station_lives() -> None:
    """By its number, its session and its heart."""
    plc = Plc(*(face(MAGIC, heart) for heart in range(5)))
    with pytest.raises(AnotherDevice, match=r"D0-D31 changed 4 times .* BOX_ID 8.*DEV_HEART 4"):
        look_first(plc, 0.2, 0.005)


def test_listener_shows_the_face_of_a_stopped_station() -> None:
    """No permit, no result, reject: a PLC that believes it does nothing."""
    plc = Plc(())
    plc.plc = plc.plc._replace(ack_seq=77)
    listener = Listener(plc)
    for _ in range(2):
        listener.exchange(0.0)
    header, bits = unpack_header(plc.images[-1].words), plc.images[-1].bits
    assert (header.state, header.status) == (State.STOPPED, StatusBit.SYNC_REQUEST)
    assert (header.session_id, header.res_seq) == (SESSION, 77)
    assert tuple(bits) == (False, False, False, True, False, False, False)
    assert not any(plc.images[-1].words[HEADER_WORDS:])


def test_listener_beats_and_collects_what_the_plc_does() -> None:
    """Gaps of its heart, echoes of ours, one each, and each PART_ID that it shows."""
    plc = Plc(())
    listener = Listener(plc)
    first = listener.exchange(BEAT_NS / 1e9)
    plc.plc = plc.plc._replace(part_id=5)
    listener.exchange(0.0)
    assert first.words[1] == 1
    assert len(listener.said) == 2, "one beat more"
    assert (len(listener.trips), len(listener.gaps), len(listener.echoes)) == (2, 1, 2)
    assert listener.ids == [0, 5]


def test_listener_hears_nothing_of_a_plc_that_stands_still() -> None:
    """Neither gaps nor echoes: what it reads may be of any time."""
    plc = Plc(())
    plc.moves = False
    heard = listen(plc, 5, 0.0, 60.0, 0.0)
    assert (len(heard.trips_ms), heard.heart_gaps_ms, heard.echo_ms) == (5, (), ())
    assert heard.plc == plc.plc
    assert heard.shown == tuple(plc.images[-1].words[:HEADER_WORDS])
    assert heard.callers is None


def test_listening_lasts_as_long_as_it_takes_and_no_longer() -> None:
    """So many exchanges, unless the time is over."""
    assert len(listen(Plc(()), 30, 0.0, 60.0, 0.0).trips_ms) == 30
    assert len(listen(Plc(()), 10**9, 0.0, 0.01, 0.001).trips_ms) < 10**9
