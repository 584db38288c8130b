"""What a person is told of an ejector that does not do what it was told: the sentences alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.link.chute import Stray
from gonogo.plc.link.readback import SLIP_NS, SLIPS, Amiss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.link.chute import Found
    from gonogo.plc.transports.senses import ConfirmSection, FeedbackSection

_STATE = {False: "off", True: "on"}


class Module(NamedTuple):
    """Where the module is, where its output is read ('' where it is not), and the bound for it.

    `dead` and `slips`: why it may not follow, and why it may not stay.
    """

    place: str
    read_at: str
    readback_ms: float
    dead: str
    slips: str


class Told(NamedTuple):
    """What the coil was told, how and for how long it is not so, and the parts meanwhile."""

    on: bool
    amiss: Amiss
    stood_ms: float
    part_ids: Sequence[int]


def answered_late(module: Module, part_ids: Sequence[int]) -> str:
    """The coil was never told to eject these: the link waited for a reply all the while."""
    return (
        f"the module does not switch: {module.place}: it answered too slowly to be told in "
        f"time; not ejected: {', '.join(map(str, part_ids))}; see `gonogo plc probe`"
    )


def tripped(module: Module) -> str:
    """Its own watchdog has put it into its safe state, and says so."""
    return f"the module does not switch: {module.place}: its watchdog stands tripped"


def does_not_switch(module: Module, told: Told) -> str:
    """Its output does not follow what was written."""
    return (
        f"the module does not switch: {module.place}: {_output(module, told)} "
        f"({module.read_at}){_meanwhile(told)}; {module.dead}"
    )


def _output(module: Module, told: Told) -> str:
    state = _STATE[told.on]
    if told.amiss is Amiss.STANDS:
        limit = f"plc.readback_ms: {module.readback_ms:g} ms"
        stood = f"for {told.stood_ms:.0f} ms, {limit}"
        return f"its output was told {state} and has read otherwise {stood}"
    if told.amiss is Amiss.MISSED:
        return "its output was told on and off again and never read as it was told"
    return (
        f"its output did not stay as it was told, {SLIPS + 1} times in {SLIP_NS / 1e9:.0f} s: "
        f"{module.slips}"
    )


def does_not_move(section: FeedbackSection, told: Told) -> str:
    """The output switches, and the ejector behind it stays where it is."""
    how = f"its feedback ({section.where}) "
    if told.amiss is Amiss.STANDS:
        how += f"has not followed the coil, which is {_STATE[told.on]}, for {told.stood_ms:.0f} "
        how += f"ms (plc.feedback.within_ms: {section.within_ms:g} ms)"
    else:
        how += "never showed what the coil was told"
    return (
        f"the ejector does not move: {how}{_meanwhile(told)}; look at air, valve, wiring and the "
        "sensor itself"
    )


def _meanwhile(told: Told) -> str:
    """Which parts came to the nozzle meanwhile."""
    if not told.part_ids:
        return ""
    return f"; parts at the nozzle meanwhile: {', '.join(map(str, told.part_ids))}"


def unconfirmed(section: ConfirmSection, found: Found) -> str:
    """The eye in the chute missed a part, or saw one too many."""
    eye = f"the eye in the chute ({section.where})"
    if found.stray is Stray.EXTRA:
        return (
            f"the reject was not confirmed: {eye} saw a part that was not to be ejected: one that "
            "was may have passed in its place; look at eject.distance_mm, window_mm and lead_ms"
        )
    return (
        f"the reject was not confirmed: {eye} did not see part {found.part_id} within "
        f"{section.within_ms:g} ms after the ejector's window; the part may have passed"
    )
