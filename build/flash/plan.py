"""What a flash will write, decided before a byte of it is: everything, or the other slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import FlashOlder, SlotRefused, TargetUnfit
from gonogo.build.flash import layout
from gonogo.build.flash.contents import Kind
from gonogo.build.flash.counters import other
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.versions import is_older

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.build.flash.contents import Contents
    from gonogo.build.flash.image import Image, Payload
    from gonogo.build.flash.layout import Part
    from gonogo.build.flash.options import Asked


class Plan(NamedTuple):
    """`whole`: the disk gets everything, partitions too. `stays`: the slot that is not touched."""

    slot: str
    stays: str | None
    parts: Mapping[str, Part]
    erases_data: bool
    whole: bool = True

    @property
    def root(self) -> Part:
        """Where the root file system goes."""
        return self.parts[layout.SLOTS[self.slot]]

    @property
    def data(self) -> Part:
        """The data partition."""
        return self.parts[layout.DATA]


def planned(asked: Asked, found: Contents, payload: Payload, image: Image, size_bytes: int) -> Plan:
    """TargetUnfit, SlotRefused where that disk is not to be written so."""
    if found.kind is Kind.STATION:
        plan = _update(asked, found)
    else:
        _may_be_erased(asked, found)
        plan = Plan("A", None, layout.planned(size_bytes, payload.layout), erases_data=True)
        if asked.slot == "B":
            raise SlotRefused("--slot B: a disk without a station gets slot A first")
    if image.size_bytes > plan.root.length:
        raise TargetUnfit(
            f"slot {plan.slot} has {plan.root.length / MIB:.0f} MiB; expected at least "
            f"{image.size_bytes / MIB:.0f} MiB for this image; --factory on an emptied disk makes "
            "slots as large as the image wants them"
        )
    return plan


def _update(asked: Asked, found: Contents) -> Plan:
    """The slot that does not start next."""
    free = "A" if found.active is None else other(found.active)
    slot = free if asked.slot == "auto" else asked.slot
    if slot == found.active:
        raise SlotRefused(
            f"--slot {slot}: the one that the station starts; expected {free}, so that it has a "
            "slot to start whatever happens"
        )
    return Plan(slot, found.active, found.parts, erases_data=asked.factory, whole=False)


def _may_be_erased(asked: Asked, found: Contents) -> None:
    if found.kind is Kind.EMPTY or asked.factory:
        return
    raise TargetUnfit(
        f"the disk holds {found.kind.value} ({found.says}); expected an empty disk, or one with a "
        "station; --factory erases all of it"
    )


def check_version(asked: Asked, found: Contents, image: Image) -> str:
    """FlashOlder where the station runs a newer one, and nobody said that this is meant."""
    if found.kind is not Kind.STATION:
        return f"nothing -> {image.version}"
    now = found.versions.get(found.active or "")
    if now is None:
        return f"{image.version}; what it replaces says no version"
    if is_older(image.version, now) and not asked.allow_downgrade:
        raise FlashOlder(
            f"{image.version} is older than {now}, which the station starts; say "
            "--allow-downgrade if that is meant"
        )
    return f"{now} -> {image.version}"


def told(plan: Plan, image: Image) -> list[str]:
    """What would be written where, a line each."""
    root = f"slot {plan.slot}: {image.size_bytes} bytes at {plan.root.at}"
    if not plan.whole:
        data = f"data: made anew, {plan.data.length} bytes at {plan.data.at}"
        return [
            f"boot counters: slot {plan.slot} may not start (1024 bytes), until it is verified",
            root,
            data if plan.erases_data else "data: left as it is",
            f"boot counters: slot {plan.slot} starts next, on trial (1024 bytes)",
        ]
    places = [
        f"{name}: {part.length} bytes at {part.at}"
        for name, part in plan.parts.items()
        if name not in layout.SLOTS.values()
    ]
    return ["both ends of the disk: erased, 1 MiB each", root, *places, "partition table: last"]
