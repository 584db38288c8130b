"""The station's own photo-eye between two parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gonogo.base.words import Mode
from gonogo.runtime.modes import Modes
from gonogo.runtime.own_eye import NOBODY, OwnEye

if TYPE_CHECKING:
    import pytest

    from gonogo.plc.link.link import PlcLink


class Device:
    """A trigger whose device a test takes away."""

    def __init__(self) -> None:
        self.ready = True
        self.missed = 0
        self.said: list[str] = []

    def messages(self) -> list[str]:
        """What there is to tell, once."""
        said, self.said = self.said, []
        return said


class Link:
    """Hears of parts."""

    def __init__(self) -> None:
        self.seen_parts: list[tuple[int, int]] = []

    def seen(self, part_id: int, at_ns: int) -> None:
        """As the link's."""
        self.seen_parts.append((part_id, at_ns))


class Between:
    """What happens between two parts of a station with its own eye."""

    def __init__(self) -> None:
        self.device, self.link, self.modes = Device(), Link(), Modes(judged=False)
        self._eye = OwnEye(self.device, cast("PlcLink", self.link))  # type: ignore[arg-type]  # no wait here
        self._now_ns = 0

    def look(self) -> list[tuple[int, int]]:
        """Of whom the link hears at this turn."""
        self._now_ns += 1
        self._eye.look(self.modes, self._now_ns)
        heard, self.link.seen_parts = self.link.seen_parts, []
        return heard


def test_own_eye_that_sees_changes_nothing() -> None:
    """FULL, and nobody is unknown on the belt."""
    between = Between()
    assert between.look() == []
    assert between.modes.mode is Mode.FULL
    assert between.modes.condition().trigger_ok


def test_own_eye_that_is_gone_makes_the_station_safe_until_it_is_back() -> None:
    """At once; and all the while whoever is on the belt is unknown."""
    between = Between()
    between.device.ready = False
    assert between.look() == [(NOBODY, 1)]
    assert between.look() == [(NOBODY, 2)]
    assert (between.modes.mode, between.modes.condition().trigger_ok) == (Mode.SAFE, False)
    between.device.ready = True
    assert between.look() == []
    assert (between.modes.mode, between.modes.condition().trigger_ok) == (Mode.FULL, True)


def test_own_eye_tells_the_link_once_of_parts_that_were_missed() -> None:
    """Each time that the count moves."""
    between = Between()
    between.device.missed = 2
    assert between.look() == [(NOBODY, 1)]
    assert between.look() == []
    between.device.missed = 3
    assert between.look() == [(NOBODY, 3)]
    assert between.modes.mode is Mode.FULL


def test_own_eye_hands_what_its_device_says_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """As it is."""
    between = Between()
    between.device.said = ["trigger: gone"]
    with caplog.at_level("WARNING", logger="gonogo.runtime.own_eye"):
        between.look()
    assert caplog.messages == ["trigger: gone"]
