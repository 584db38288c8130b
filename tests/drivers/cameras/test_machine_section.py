"""What cameras of GenICam have in their sections alike, whichever library drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.drivers.cameras.basler.section import BaslerSection
from gonogo.drivers.cameras.genicam.section import GenicamSection

if TYPE_CHECKING:
    from gonogo.drivers.cameras.machine_section import MachineSection

COMMON = {"width_px": 64, "height_px": 48, "exposure_us": 100.0}
MINIMAL: dict[type[MachineSection], dict[str, Any]] = {
    AravisSection: {"driver": "aravis", "address": "10.0.0.2", **COMMON},
    BaslerSection: {"driver": "basler", "address": "10.0.0.2", **COMMON},
    GenicamSection: {"driver": "genicam", "producer": "/x.cti", "camera_id": "7", **COMMON},
}
SECTIONS = pytest.mark.parametrize("kind", MINIMAL)


def made(kind: type[MachineSection], **changes: Any) -> MachineSection:  # noqa: ANN401 - keys of it
    """One of that kind."""
    return kind.model_validate({**MINIMAL[kind], **changes})


@SECTIONS
def test_section_means_the_same_by_the_same_key(kind: type[MachineSection]) -> None:
    """Left out: colour, by the photo-eye at Line1, with the same lead."""
    section = made(kind)
    assert section.geometry == FrameShape(48, 64, 3)
    assert made(kind, pixel_format="mono8").geometry == FrameShape(48, 64, 1)
    assert (section.trigger, section.trigger_source) == ("hardware", "Line1")
    assert (section.needs_part, section.lead_ms) == (True, 50.0)
    software = made(kind, trigger="software")
    assert (software.needs_part, software.lead_ms) == (False, 2.0)
    assert not section.shareable
    assert section.blocks_s >= 15.0


@SECTIONS
@pytest.mark.parametrize(
    "changes",
    [
        {"pixel_format": "mono8", "source_format": "RGB8"},
        {"pixel_format": "bgr8", "source_format": "Mono8"},
        {"pixel_format": "mono8", "source_format": "Mono14"},
        {"pixel_format": "mono8", "source_format": "Mono10p", "width_px": 130},
        {"source_format": "BayerRG12Packed", "width_px": 63},
        {"trigger": "photo-eye"},
        {"exposure_us": 0.0},
        {"heartbeat_ms": 500},
    ],
)
def test_section_refuses_what_no_camera_can_do(
    kind: type[MachineSection], changes: dict[str, object]
) -> None:
    """At the station file, before a camera is asked."""
    with pytest.raises(ValidationError, match=next(reversed(changes))):
        made(kind, **changes)


@SECTIONS
def test_section_says_what_its_frames_ask_of_the_link(kind: type[MachineSection]) -> None:
    """By the format that is named, or the first that the camera may have; packets as ordered."""
    grey = made(kind, pixel_format="mono8", source_format="Mono12p", packet_bytes=1440)
    assert (grey.link.frame_bytes, grey.link.packet_bytes) == (64 * 48 * 3 // 2, 1440)
    free = made(kind, trigger="free-run", rate_hz=30.0, readout_ms=7.0)
    assert (free.link.frame_bytes, free.link.packet_bytes) == (64 * 48 * 3, None)
    assert (free.link.exposure_ms, free.link.readout_ms, free.link.rate_hz) == (0.1, 7.0, 30.0)
    assert made(kind, rate_hz=30.0).link.rate_hz is None


@SECTIONS
def test_section_leaves_out_the_formats_that_its_rows_do_not_fill(
    kind: type[MachineSection],
) -> None:
    """A row of 66 pixels is of whole pairs, and not of whole fours."""
    named = {source.name for source in made(kind, pixel_format="mono8", width_px=66).sources}
    assert "Mono12p" in named
    assert "Mono10p" not in named
    odd = made(kind, pixel_format="mono8", width_px=65).sources
    assert [source.name for source in odd] == ["Mono8", "Mono10", "Mono12", "Mono16"]


@pytest.mark.parametrize(
    ("kind", "changes", "address", "usb"),
    [
        (AravisSection, {}, "10.0.0.2", True),
        (AravisSection, {"address": "Maker-7"}, "", True),
        (BaslerSection, {}, "10.0.0.2", True),
        (BaslerSection, {"address": "22955432"}, "", True),
        (GenicamSection, {"peer": "10.0.0.7"}, "10.0.0.7", False),
        (GenicamSection, {"peer": "camera.line1"}, "", False),
        (GenicamSection, {}, "", False),
    ],
)
def test_section_says_by_which_wire_its_frames_come(
    kind: type[MachineSection], changes: dict[str, object], address: str, *, usb: bool
) -> None:
    """By its address, as far as it is one; behind a GenTL producer may be any other wire."""
    link = made(kind, **changes).link
    assert (link.address, link.may_be_usb) == (address, usb)


@pytest.mark.parametrize(
    ("kind", "changes", "peers", "usb"),
    [
        (BaslerSection, {}, ("10.0.0.2",), False),
        (BaslerSection, {"address": "22955432"}, None, True),
        (GenicamSection, {}, None, True),
        (GenicamSection, {"peer": "10.0.0.7"}, ("10.0.0.7",), False),
    ],
)
def test_section_says_what_it_needs_of_the_box(
    kind: type[MachineSection],
    changes: dict[str, object],
    peers: tuple[str, ...] | None,
    *,
    usb: bool,
) -> None:
    """A camera without an address is looked for everywhere, on USB too."""
    section = made(kind, **changes)
    assert section.peers == peers
    assert section.devices == ((("char-usb_device", "rw"),) if usb else ())


def test_section_of_a_camera_without_a_trigger_runs_free() -> None:
    """There is no other way to have its frames."""
    lacks = ("TriggerMode",)
    assert made(GenicamSection, lacks=lacks, trigger="free-run").trigger == "free-run"
    with pytest.raises(ValidationError, match=r"of a camera without a trigger, got .hardware."):
        made(GenicamSection, lacks=lacks)


def test_section_of_a_camera_that_fills_the_ring_first_says_how_long_that_takes() -> None:
    """Its process is not hung meanwhile."""
    slow, quick = made(BaslerSection, exposure_us=200_000.0), made(BaslerSection)
    assert slow.blocks_s - quick.blocks_s == pytest.approx(65 * 0.2, abs=0.1)
