"""How fast the clocks run, and what slows them: for whoever wonders why a part takes longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.commands.board.asking import ask
from gonogo.commands.board.lack import TIMING, Lack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.board.box import Box
    from gonogo.commands.board.jetpack import JetPack

GOVERNORS = "/sys/devices/system/cpu/cpufreq/policy*/scaling_governor"


class Clock(NamedTuple):
    """A clock of processor or GPU; `held`: at its highest all the time."""

    name: str
    now_hz: float | None
    most_hz: float | None
    governor: str | None
    held: bool

    @property
    def in_words(self) -> str:
        """For a person."""
        now, most = (f"{hz / 1e6:.0f}" if hz else "unknown" for hz in (self.now_hz, self.most_hz))
        return f"{self.name} {now} of {most} MHz ({self.governor or 'unknown'})"


class Heat(NamedTuple):
    """None is unknown. `slowed`: what slows the chip now; `counters`: what did since its start."""

    clocks: tuple[Clock, ...]
    zone: str | None
    temperature_c: float | None
    slowed: tuple[str, ...]
    counters: dict[str, int]
    error: str | None

    def rows(self) -> list[tuple[str, str]]:
        """For a person."""
        if self.error:
            return [("clocks", f"unknown: {self.error}")]
        hottest = "unknown"
        if self.temperature_c is not None:
            hottest = f"{self.temperature_c:.0f} degrees C ({self.zone})"
        told = [f"slowed by {each}" for each in self.slowed]
        told += [f"{name} {count}" for name, count in self.counters.items()]
        return [
            ("clocks", ", ".join(each.in_words for each in self.clocks) or "unknown"),
            ("hottest", ", ".join([hottest, *told])),
        ]


def find_heat(box: Box) -> Heat:
    """Read in a child."""
    told = ask(box, "ask_board", str(box.root))
    hottest: dict[str, Any] = told.get("hottest") or {}
    return Heat(
        tuple(Clock(**each) for each in told.get("clocks", [])),
        hottest.get("zone"),
        hottest.get("temperature_c"),
        tuple(told.get("throttled", [])),
        told.get("counters", {}),
        told.get("error"),
    )


def lacks_clocks(jetpack: JetPack | None, heat: Heat) -> Iterator[Lack]:
    """Clocks that rise only once there is work: the part that waits for it is the late one."""
    if jetpack is not None:
        yield from _of_jetson(jetpack, heat)
        return
    loose = sorted({each.governor or "" for each in heat.clocks if not each.held} - {""})
    if loose:
        what = f"clocks follow the load (governor {', '.join(loose)})"
        yield Lack(TIMING, what, (f"echo performance | sudo tee {GOVERNORS}",))


def _of_jetson(jetpack: JetPack, heat: Heat) -> Iterator[Lack]:
    fastest = jetpack.fastest
    if fastest is not None and jetpack.power_mode not in {None, f"{fastest[1]} ({fastest[0]})"}:
        what = f"power mode {jetpack.power_mode}, the fastest is {fastest[1]} (if it is cooled)"
        yield Lack(TIMING, what, (f"sudo nvpmodel -m {fastest[0]}",))
    if any(not each.held for each in heat.clocks):
        yield Lack(TIMING, "clocks follow the load, until the next start", ("sudo jetson_clocks",))
