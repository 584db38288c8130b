"""How a station stands in one line, by what the PLC hears of it: pure.

A station that judges in full and is heard by nobody rejects every part as much as one that is dead:
what the PLC has of it comes first, and the mode after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import Mode
from gonogo.ipc.link_table import LinkFlag
from gonogo.plc.register_map import MAP_VERSION, unpack_plc
from gonogo.records.metrics.alerts import SILENT_S

if TYPE_CHECKING:
    from gonogo.ipc.link_table import LinkFacts

_NS_PER_S = 1e9
NO_PLC = "no-plc"
REJECTED = "every part is rejected there"


class Seen(NamedTuple):
    """A station's memory at one moment.

    `alive_ns`: the line's last sign of life, 0 before the first. `link`: None before it has told
    anything. `supervised`: whether its supervisor answers.
    """

    now_ns: int
    alive_ns: int
    mode: Mode
    link: LinkFacts | None
    supervised: bool = True


class Headline(NamedTuple):
    """A word for programs, and what it means here."""

    word: str
    says: str


def headline(seen: Seen) -> Headline:
    """The first that holds: nobody judges, the PLC does not hear it, or by what it judges."""
    if not seen.alive_ns or seen.link is None:
        return Headline("starting", f"no line judges yet; {REJECTED}")
    silent_s = (seen.now_ns - seen.alive_ns) / _NS_PER_S
    if silent_s >= SILENT_S:
        return Headline("silent", f"the line has said nothing for {silent_s:.0f} s; {REJECTED}")
    return _unheard(seen.link) or _judging(seen.mode, seen.link)


def _unheard(link: LinkFacts) -> Headline | None:
    """What keeps the PLC from hearing us; None where nothing does."""
    flags = link.flags
    if LinkFlag.CONNECTED not in flags:
        why = link.reason or "no PLC is connected"
        return Headline(NO_PLC, f"{why}; {REJECTED}")
    if LinkFlag.ALIVE not in flags:
        # of a server nobody may be there at all: it is connected as long as it listens
        why = "PLC_HEART stands still: the PLC does not poll us, is stopped, or has another program"
        return Headline("plc-stands", f"{why}; {REJECTED}")
    if LinkFlag.VERSION_OK not in flags:
        theirs = unpack_plc(link.inputs).map_version
        return Headline(
            "wrong-map", f"the PLC expects map version {theirs}, not {MAP_VERSION}; {REJECTED}"
        )
    if LinkFlag.SYNCED not in flags:
        return Headline("not-followed", f"the PLC has not taken our session yet; {REJECTED}")
    return None


def _judging(mode: Mode, link: LinkFacts) -> Headline:
    if mode is Mode.SAFE:
        return Headline("safe", "no trusted picture or rules: permit off, every part is rejected")
    if LinkFlag.TEST in link.flags:
        why = "outputs are tried by hand, or the PLC asked for it"
        return Headline("test-mode", f"test mode: {why}; {REJECTED}")
    if LinkFlag.PERMIT not in link.flags:
        return Headline("no-permit", "the permit is off, every part is rejected")
    if mode is Mode.RULES_ONLY:
        return Headline("rules-only", "judging by rules alone; the engine does not judge")
    return Headline("judging", "judging, and the PLC hears it")
