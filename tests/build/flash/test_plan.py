"""What a flash will write, decided before a byte of it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gonogo.base.errors import FlashOlder, SlotRefused, TargetUnfit
from gonogo.build.flash import layout
from gonogo.build.flash.contents import Contents, Kind
from gonogo.build.flash.counters import counters
from gonogo.build.flash.image import Image, Payload
from gonogo.build.flash.options import Asked
from gonogo.build.flash.plan import Plan, check_version, planned, told
from gonogo.tests.build.flash.test_layout import WANTED

MIB = 1 << 20
SIZE = 40 * MIB
IMAGE = Image(Path("f"), "gonogo-x", "0.3.0", "me", "", 5 * MIB)
PAYLOAD = Payload(WANTED, io.BytesIO(), {})
PARTS = layout.planned(SIZE, WANTED)


def station(
    order: str = "A B",
    ok: str = "AB",
    versions: tuple[str | None, str | None] = ("0.2.0", "0.1.0"),
) -> Contents:
    """One with these counters."""
    env = {"ORDER": order, **{f"{name}_OK": str(int(name in ok)) for name in "AB"}}
    found = dict(zip("AB", versions, strict=True))
    return Contents(Kind.STATION, parts=PARTS, counters=counters(env), versions=found)


def plan_of(found: Contents, image: Image = IMAGE, **asked: object) -> Plan:
    """What comes of it."""
    return planned(Asked(**asked), found, PAYLOAD, image, SIZE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "slot", "stays"),
    [(station(), "B", "A"), (station("B A"), "A", "B"), (station("A B", ok="B"), "A", "B"),
     (station(ok=""), "B", "A")],
)  # fmt: skip
def test_a_station_gets_the_slot_that_does_not_start(
    found: Contents, slot: str, stays: str
) -> None:
    """And keeps its data."""
    plan = plan_of(found)
    assert (plan.slot, plan.stays, plan.whole, plan.erases_data) == (slot, stays, False, False)
    assert plan.root == PARTS[f"gonogo-{slot.lower()}"]
    assert plan_of(found, factory=True).erases_data


def test_the_slot_that_starts_stays() -> None:
    """Also where it is asked for."""
    with pytest.raises(SlotRefused, match="expected B"):
        plan_of(station(), slot="A")


def test_an_empty_disk_gets_everything() -> None:
    """From slot A on."""
    plan = plan_of(Contents(Kind.EMPTY))
    assert (plan.whole, plan.slot, plan.stays, plan.erases_data) == (True, "A", None, True)
    with pytest.raises(SlotRefused, match="gets slot A first"):
        plan_of(Contents(Kind.EMPTY), slot="B")


@pytest.mark.parametrize("kind", [Kind.FOREIGN, Kind.DAMAGED])
def test_what_is_not_empty_is_erased_by_a_word_alone(kind: Kind) -> None:
    """Which --factory is."""
    with pytest.raises(TargetUnfit, match="--factory erases all of it"):
        plan_of(Contents(kind, "ntfs"))
    assert plan_of(Contents(kind, "ntfs"), factory=True).whole


def test_an_image_larger_than_the_slot_is_refused() -> None:
    """With both sizes."""
    with pytest.raises(TargetUnfit, match="slot B has 8 MiB; expected at least 9 MiB"):
        plan_of(station(), IMAGE._replace(size_bytes=9 * MIB))


def test_an_older_image_is_refused_and_an_unknown_one_is_not() -> None:
    """Against the slot that starts."""
    newer = station(versions=("0.4.0", "0.1.0"))
    with pytest.raises(FlashOlder, match=r"0\.3\.0 is older than 0\.4\.0"):
        check_version(Asked(), newer, IMAGE)
    assert check_version(Asked(allow_downgrade=True), newer, IMAGE) == "0.4.0 -> 0.3.0"
    assert check_version(Asked(), Contents(Kind.EMPTY), IMAGE) == "nothing -> 0.3.0"
    unknown = station(versions=(None, "0.1.0"))
    assert "says no version" in check_version(Asked(), unknown, IMAGE)


def test_a_dry_run_says_every_place() -> None:
    """In the order in which it is written."""
    lines = told(plan_of(station()), IMAGE)
    assert lines[1] == f"slot B: {5 * MIB} bytes at {PARTS['gonogo-b'].at}"
    assert [line.split(":")[0] for line in lines] == [
        "boot counters", "slot B", "data", "boot counters",
    ]  # fmt: skip
    assert told(plan_of(Contents(Kind.EMPTY)), IMAGE)[-1] == "partition table: last"
