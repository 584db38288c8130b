"""jetson-stats, installed or not: what it adds, and what becomes of it when its service is away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gonogo.base.errors import JetsonStatsSilent
from gonogo.drivers.board.jetson_stats import AGAIN_S, JetsonStats, installed
from gonogo.drivers.board.reading import BoardReading, Zone

SYSFS = BoardReading(zones=(Zone("cpu-thermal", 50.0),))


class JtopException(Exception):
    """As the package's own."""


class Service:
    """Stands for its service, and makes clients of it as `jtop.jtop` does.

    Of the package this knows: start, ok, temperature, close, and the error of a service that is
    away. It does not simulate its threads.
    """

    def __init__(self, temperature: dict[str, Any]) -> None:
        self.temperature = temperature
        self.runs = True
        self.calls: list[str] = []

    def jtop(self, interval: float) -> Service:
        """A client."""
        assert interval > 0
        return self

    def start(self) -> None:
        """Connect to it."""
        self.calls.append("start")
        if not self.runs:
            raise JtopException("The jtop.service is not active.\nPlease run: sudo systemctl ..")

    def ok(self, *, spin: bool) -> bool:
        """Never waits for the next reading."""
        assert spin
        return self.runs

    def close(self) -> None:
        """Let go of it."""
        self.calls.append("close")


def stats_of(service: object) -> JetsonStats:
    """With this module in the place of the package."""
    return JetsonStats(lambda: service)


def test_stats_add_what_sysfs_does_not_have() -> None:
    """In the form of the newer versions and of the older; a dead sensor is unknown."""
    service = Service(
        {
            "cpu": {"temp": 51.0, "online": True},  # sysfs has it
            "tj": {"temp": 53.5, "online": True},
            "cv0": {"temp": -256, "online": False},
            "AO": 40.5,
            "thermal": -256,
            "odd": "?",
        }
    )
    found = stats_of(service).add_to(SYSFS, 0.0)
    assert found.zones[0] == SYSFS.zones[0]
    assert {zone.name: zone.temperature_c for zone in found.zones[1:]} == {
        "jtop tj": 53.5,
        "jtop cv0": None,
        "jtop AO": 40.5,
        "jtop thermal": None,
        "jtop odd": None,
    }


def test_stats_connect_once() -> None:
    """One client for as long as it answers."""
    service = Service({"tj": 50.0})
    stats = stats_of(service)
    for now_s in range(3):
        assert len(stats.add_to(SYSFS, float(now_s)).zones) == 2
    stats.close()
    stats.close()
    assert service.calls == ["start", "close"]


def test_stats_without_their_service_say_so_once_a_minute() -> None:
    """What sysfs says is all there is meanwhile."""
    service = Service({"tj": 50.0})
    service.runs = False
    stats = stats_of(service)
    with pytest.raises(JetsonStatsSilent, match=r"The jtop.service is not active. Please run"):
        stats.add_to(SYSFS, 0.0)
    assert stats.add_to(SYSFS, AGAIN_S - 0.1) == SYSFS
    with pytest.raises(JetsonStatsSilent):
        stats.add_to(SYSFS, AGAIN_S)
    service.runs = True
    assert len(stats.add_to(SYSFS, 2 * AGAIN_S).zones) == 2


def test_stats_whose_service_ends_are_let_go() -> None:
    """And asked again later."""
    service = Service({"tj": 50.0})
    stats = stats_of(service)
    stats.add_to(SYSFS, 0.0)
    service.runs = False
    with pytest.raises(JetsonStatsSilent, match="it has stopped"):
        stats.add_to(SYSFS, 1.0)
    assert service.calls == ["start", "close"]
    assert stats.add_to(SYSFS, 2.0) == SYSFS


def test_stats_that_cannot_be_loaded_are_silent_too() -> None:
    """A package that is there and lacks another one is not the same as none."""

    def load() -> object:
        raise ModuleNotFoundError("No module named 'smbus2'", name="smbus2")

    with pytest.raises(JetsonStatsSilent, match="smbus2"):
        JetsonStats(load).add_to(SYSFS, 0.0)


def test_stats_that_are_not_installed_are_asked_once() -> None:
    """Nothing is missing then."""
    loads: list[int] = []
    stats = JetsonStats(lambda: loads.append(1))
    assert stats.add_to(SYSFS, 0.0) == SYSFS
    assert stats.add_to(SYSFS, 2 * AGAIN_S) == SYSFS
    assert loads == [1]
    assert stats.absent


def test_stats_of_an_unknown_form_are_no_error_of_ours() -> None:
    """Another version may have other words."""
    module = SimpleNamespace(jtop=lambda interval: SimpleNamespace(start=lambda: interval))
    with pytest.raises(JetsonStatsSilent):
        stats_of(module).add_to(SYSFS, 0.0)


def test_installed_is_none_or_the_package() -> None:
    """On this box, whichever it is."""
    module = installed()
    assert module is None or hasattr(module, "jtop")
