"""Whether the station is there, word by word, with scripted times."""

from __future__ import annotations

from gonogo.proving.plcsim.lifesigns import LifeSigns

LIMIT_NS = 300


class Heard:
    """A station's words, and what was told of them."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.life = LifeSigns(LIMIT_NS, self._tell)
        self.words = [0x474E, 1, 7, 4, 0x0008, *[0] * 91]

    def _tell(self, _event: str, _t_ns: int, **keys: object) -> None:
        self.told += keys.values()

    def at(self, now_ns: int, *, beat: int = 0) -> LifeSigns:
        """One scan, with the heart so far ahead of the last one."""
        self.words[2] += beat
        self.life.watch(self.words, now_ns)
        return self.life


def test_life_needs_a_second_beat() -> None:
    """The first value that is seen may be the last one of a dead station."""
    heard = Heard()
    assert not heard.at(0).alive
    assert not heard.at(10).alive
    assert heard.at(20, beat=1).permit
    assert heard.told == ["image valid", "heart beats", True]


def test_life_ends_when_the_heart_stands_still() -> None:
    """At the limit it still counts, one nanosecond later it does not; the permit goes with it."""
    heard = Heard()
    heard.at(0)
    heard.at(10, beat=1)
    assert heard.at(10 + LIMIT_NS).permit
    life = heard.at(11 + LIMIT_NS)
    assert (life.valid, life.alive, life.permit) == (True, False, False)
    assert heard.told[3:] == ["heart stands still", False]


def test_life_takes_no_beat_from_a_strange_image() -> None:
    """Another magic: its words are anybody's, and the heart echo stays."""
    heard = Heard()
    heard.at(0)
    heard.at(10, beat=1)
    heard.words[0] = 0
    life = heard.at(20, beat=1)
    assert (life.valid, life.permit, life.heart) == (False, False, 8)
    assert not heard.at(11 + LIMIT_NS, beat=1).alive


def test_life_begins_anew_at_power_up() -> None:
    """Nothing is known of a heart that beat before."""
    heard = Heard()
    heard.at(0)
    heard.at(10, beat=1)
    heard.life.power_up()
    assert (heard.life.heart, heard.life.permit) == (None, False)
    assert not heard.at(20, beat=1).alive
