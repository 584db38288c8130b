"""What frames take of a wire, by the standards' own numbers."""

from __future__ import annotations

import pytest

from gonogo.drivers.camera_link import CameraLink


def link(**changes: object) -> CameraLink:
    """Two megapixels of grey."""
    fields = {"address": "10.0.0.2", "frame_bytes": 1920 * 1080, "exposure_ms": 2.0}
    return CameraLink(**(fields | changes))  # type: ignore[arg-type]


def test_frame_of_one_packet_is_a_leader_a_packet_and_a_trailer() -> None:
    """By hand: 38 bytes of Ethernet around each; 72 for a leader, 46 for a trailer, 136 for 100."""
    assert link(frame_bytes=100).wire_bytes(1500) == (38 + 72) + (38 + 46) + (38 + 36 + 100)


@pytest.mark.parametrize(("mtu_bytes", "packets"), [(1500, 1417), (9000, 232), (65536, 232)])
def test_packets_are_as_large_as_the_interface_allows(mtu_bytes: int, packets: int) -> None:
    """Less 36 bytes of headers in each; 9000 at most, as switches pass them."""
    assert link().packets(mtu_bytes) == packets
    assert link(packet_bytes=1500).packets(mtu_bytes) == 1417


def test_small_packets_cost_more_of_the_wire() -> None:
    """One of 576 bytes has 540 of pixels, and takes 614."""
    assert link(packet_bytes=576).wire_bytes(1500) / link().frame_bytes == pytest.approx(
        614 / 540, rel=1e-3
    )


def test_load_is_by_its_own_rate_or_by_the_parts() -> None:
    """Twenty parts a second or fifty frames a second of 2.18 MB."""
    assert link().load_mbit_s(1500, 50.0) == pytest.approx(
        link().wire_bytes(1500) * 8 * 20 / 1e6, rel=1e-9
    )
    assert link(rate_hz=50.0).load_mbit_s(1500, 50.0) == pytest.approx(
        2.5 * link().load_mbit_s(1500, 50.0)
    )


def test_transfer_takes_what_the_link_and_the_pauses_take() -> None:
    """2 179 000 bytes at 1 Gbit/s are 17.4 ms; a pause of 10 us after each of 1417 packets 14.2."""
    alone_ms = link().transfer_ms(1500, 1000)
    assert alone_ms == pytest.approx(17.43, abs=0.01)
    paused_ms = link(packet_delay_us=10.0).transfer_ms(1500, 1000)
    assert paused_ms - alone_ms == pytest.approx(14.17)
