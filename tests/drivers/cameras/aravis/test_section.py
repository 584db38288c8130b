"""The section of an Aravis camera: what it takes, and what the line asks of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.tests.drivers.cameras.aravis.fake import HEIGHT_PX, WIDTH_PX, keys


def test_section_says_its_frames_and_that_it_holds_a_device() -> None:
    """A process of its own, that may be in a call for as long as the library waits."""
    grey = AravisSection.model_validate(keys())
    colour = AravisSection.model_validate(keys(pixel_format="bgr8"))
    assert grey.geometry == FrameShape(HEIGHT_PX, WIDTH_PX, 1)
    assert colour.geometry == FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    assert not grey.shareable
    assert grey.blocks_s > 12.5  # 5 register writes of 2.5 s


@pytest.mark.parametrize(
    "changes",
    [
        {"pixel_format": "mono8", "source_format": "RGB8"},
        {"pixel_format": "bgr8", "source_format": "Mono8"},
        {"source_format": "Mono14"},
        {"source_format": "Mono10p", "width_px": 130},
        {"trigger": "photo-eye"},
        {"exposure_us": 0.0},
        {"heartbeat_ms": 500},
        {"address": ""},
    ],
)
def test_section_refuses_what_no_camera_can_do(changes: dict[str, object]) -> None:
    """At the station file, before a camera is asked."""
    with pytest.raises(ValidationError, match=next(reversed(changes))):
        AravisSection.model_validate(keys(**changes))


def test_section_says_how_its_frames_come() -> None:
    """By the photo-eye: for a part alone, and ahead of the PLC's word by as much as is said."""
    wired = AravisSection.model_validate(keys(trigger="hardware", trigger_lead_ms=12.5))
    asked = AravisSection.model_validate(keys())
    assert (wired.needs_part, wired.lead_ms) == (True, 12.5)
    assert (asked.needs_part, asked.lead_ms) == (False, 2.0)
    assert not wired.alone


@pytest.mark.parametrize(
    ("address", "peers", "devices"),
    [
        ("192.168.7.2", ("192.168.7.2",), ()),
        ("Basler-22955432", None, (("char-usb_device", "rw"),)),
        ("192.168.7", None, (("char-usb_device", "rw"),)),
    ],
)
def test_section_says_what_it_needs_of_the_box(
    address: str, peers: tuple[str, ...] | None, devices: tuple[tuple[str, str], ...]
) -> None:
    """An address is that of a network camera; an id is looked for everywhere, on USB too."""
    section = AravisSection.model_validate(keys(address=address))
    assert (section.peers, section.devices) == (peers, devices)


def test_section_says_what_its_frames_ask_of_the_link() -> None:
    """By the format that is named, or the first that the camera may have."""
    named = AravisSection.model_validate(keys(source_format="Mono12p", packet_delay_us=5.0))
    assert named.link.frame_bytes == WIDTH_PX * HEIGHT_PX * 3 // 2
    assert (named.link.address, named.link.packet_delay_us) == ("127.0.0.1", 5.0)
    assert named.link.exposure_ms == 5.0
    colour = AravisSection.model_validate(keys(pixel_format="bgr8", address="Basler-1"))
    assert (colour.link.address, colour.link.frame_bytes) == ("", 3 * WIDTH_PX * HEIGHT_PX)


def test_section_counts_the_rate_of_a_free_runner_alone() -> None:
    """One that is triggered has the rate of the parts, whatever else is said."""
    free = AravisSection.model_validate(keys(trigger="free-run", rate_hz=30.0))
    asked = AravisSection.model_validate(keys(rate_hz=30.0))
    assert (free.link.rate_hz, asked.link.rate_hz) == (30.0, None)
