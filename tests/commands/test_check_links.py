"""`gonogo check` of cameras on links: each finding has its numbers, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.commands.check_links import check_links
from gonogo.commands.report import Report
from gonogo.tests.box import Box
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A network of cameras, and another one."""
    made = Box(tmp_path / "box")
    made.interface("eth1", "192.168.40.1/24", mtu=1500, speed=1000)
    made.interface("eth0", "10.0.0.7/8", mtu=1500, speed=100)
    made.usbfs_mb("16")
    return made


def camera(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Two megapixels of grey, by a photo-eye."""
    return {
        "driver": "aravis", "address": "192.168.40.11", "width_px": 1920, "height_px": 1080,
        "pixel_format": "mono8", "exposure_us": 2000.0, **changes,
    }  # fmt: skip


def station_of(folder: Path, *cameras: dict[str, Any], offset_ms: float = 0.0) -> Station:
    """A view for each; a part every 160 ms, and 75 ms for its frames."""
    views = [
        {"name": f"v{k}", "camera": each, "rule": (DIAMETER,), "offset_ms": offset_ms}
        for k, each in enumerate(cameras)
    ]
    return small_station(folder, *views)


def found(folder: Path, box: Box, *cameras: dict[str, Any], offset_ms: float = 0.0) -> list[str]:
    """What is wrong."""
    report = Report(lambda _: None)
    check_links(report, station_of(folder, *cameras, offset_ms=offset_ms), box.host)
    return report.findings


def test_cameras_that_fit_are_said_with_their_load(tmp_path: Path, box: Box) -> None:
    """One frame of 2 178 862 bytes in 160 ms; what the frame takes is for the latency sum."""
    said: list[str] = []
    report = Report(said.append)
    took_ms = check_links(report, station_of(tmp_path, camera(), synthetic()), box.host)
    assert report.findings == []
    assert said == ["cameras on eth1 (MTU 1500): view 'v0', 108.9 of 1000 Mbit/s"]
    assert took_ms == {"v0": pytest.approx(2.0 + 17.4, abs=0.1)}


def test_cameras_that_share_a_link_are_summed(tmp_path: Path, box: Box) -> None:
    """Each alone has room; both have not. The one on the other network is none of them."""
    fast = {"trigger": "free-run", "rate_hz": 30.0}
    one, two = camera(**fast), camera(address="192.168.40.12", **fast)
    assert [each for each in found(tmp_path, box, one) if "send" in each] == []
    load = [each for each in found(tmp_path, box, one, two) if "send" in each]
    assert len(load) == 1
    assert load[0].startswith(
        "GN204: eth1: its cameras send 1046 Mbit/s (v0 523, v1 523), expected at most 900 of 1000"
    )
    assert "ip link set eth1 mtu 9000" in load[0]
    small = camera(address="10.0.0.9", width_px=320, height_px=240)
    assert found(tmp_path, box, camera(), small) == []


def test_camera_of_no_subnet_of_ours_is_named_with_both_addresses(tmp_path: Path, box: Box) -> None:
    """And with the command that brings this box into its subnet."""
    (said,) = found(tmp_path, box, camera(address="192.168.41.11"))
    assert said.startswith("GN204: view 'v0': camera 192.168.41.11 is in no subnet of this box")
    assert "192.168.40.1 (eth1), 10.0.0.7 (eth0)" in said
    assert "ip address add 192.168.41.1/24 dev INTERFACE" in said


def test_two_interfaces_of_one_subnet_are_named(tmp_path: Path, box: Box) -> None:
    """The kernel would look for both cameras at the same one."""
    box.interface("eth2", "192.168.40.2/24", mtu=1500, speed=1000)
    (said,) = found(tmp_path, box, camera())
    assert "192.168.40.0/24 is on eth1 and eth2, expected on one" in said


def test_packets_above_the_mtu_are_named(tmp_path: Path, box: Box) -> None:
    """Not one of them would come."""
    (said,) = found(tmp_path, box, camera(packet_bytes=9000))
    assert "packet_bytes = 9000: the MTU of eth1 is 1500, expected at least 9000" in said
    assert said.endswith("as root: ip link set eth1 mtu 9000")
    box.interface("eth1", mtu=9000, speed=1000)
    assert found(tmp_path, box, camera(packet_bytes=9000)) == []


def test_memory_that_the_kernel_does_not_grant_is_named(tmp_path: Path, box: Box) -> None:
    """Of sockets once for all cameras, at the largest; of none that is not in a network."""
    box.rmem_max(212_992)
    (said,) = found(tmp_path, box, camera(), camera(socket_buffer_kb=64))
    assert said.startswith("GN204: socket_buffer_kb = 4096: net.core.rmem_max is 212992")
    assert "sysctl -w net.core.rmem_max=4194304" in said
    assert found(tmp_path, box, camera(address="Basler-1")) == []


def test_memory_of_usb_is_for_all_of_its_cameras(tmp_path: Path, box: Box) -> None:
    """Two frames of 10 MB where one would fit into 16."""
    large = camera(address="Basler-1", width_px=4096, height_px=2560)
    assert found(tmp_path, box, large) == []
    (said,) = found(tmp_path, box, large, large | {"address": "Basler-2"})
    assert said.startswith("GN204: views 'v0', 'v1': frames on their way by USB need 20 MB")
    assert "echo 1000 > " in said


def test_cable_that_is_not_there_is_named(tmp_path: Path, box: Box) -> None:
    """An interface without a link says no speed either."""
    box.interface("eth1", mtu=1500, speed=-1, carrier=0)
    (said,) = found(tmp_path, box, camera())
    assert "nothing is at the other end of eth1" in said


def test_pitch_is_held_against_exposure_and_read_out(tmp_path: Path, box: Box) -> None:
    """By the link, or by the sensor where that is slower; a trigger meanwhile is lost."""
    assert found(tmp_path, box, camera(exposure_us=50_000.0)) == []
    # one that runs free: of others the station file itself is refused
    free = {"trigger": "free-run", "exposure_us": 50_000.0, "readout_ms": 115.0}
    slow = found(tmp_path, box, camera(**free))
    assert len(slow) == 2  # and it is not there in half of the budget
    assert "exposure 50 ms and read-out 115.0 ms: a frame every 165.0 ms at best" in slow[0]
    assert "expected one in 160.0 ms" in slow[0]
    usb = found(tmp_path, box, camera(address="Basler-1", readout_ms=80.0))
    assert len(usb) == 1
    assert "its frame is there 82.0 ms after the trigger" in usb[0]


def test_link_that_is_slower_than_the_station_file_says_is_named(tmp_path: Path, box: Box) -> None:
    """By it is reckoned whose a frame is; that of the part before would come as late."""
    slow = camera(address="10.0.0.9", exposure_us=1000.0, width_px=640, height_px=480)
    assert found(tmp_path, box, slow) == []  # 26 ms instead of 3: still none of the part before
    lead = {"trigger_lead_ms": 140.0}
    (said,) = found(tmp_path, box, slow | lead)
    assert "its frame takes 26.8 ms, expected at most the 3.6 ms of exposure_us and" in said
    assert "link_mbit_s = 1000: one of the part before may pass" in said


def test_budget_is_held_against_all_that_send_at_once(tmp_path: Path, box: Box) -> None:
    """Four frames of 17.4 ms each on one link: the last one of them is there after 72 ms."""
    four = [camera(address=f"192.168.40.{11 + k}") for k in range(4)]
    assert found(tmp_path, box, *four) == []
    five = [*four, camera(address="192.168.40.20")]
    said = found(tmp_path, box, *five)
    assert len(said) == 5
    assert "its frame is there 89.1 ms after the trigger" in said[0]
    assert "expected at most 75 ms, half of budget_ms" in said[0]


def test_budget_is_held_against_the_way_of_the_part_too(tmp_path: Path, box: Box) -> None:
    """A camera along the belt begins late: 19.4 ms of 75 ms are left of the way, or not."""
    assert found(tmp_path, box, camera(), offset_ms=55.0) == []
    (said,) = found(tmp_path, box, camera(), offset_ms=60.0)
    assert "its frame is there 79.4 ms after the trigger (the part on its way 60.0 ms, " in said


MAKERS = {
    "aravis": {},
    "basler": {},
    "genicam": {"producer": "/maker.cti", "camera_id": "7"},
}


@pytest.mark.parametrize("driver", MAKERS)
def test_link_is_held_against_the_box_whichever_library_drives_the_camera(
    tmp_path: Path, box: Box, driver: str
) -> None:
    """The network that a GenTL producer's camera is in is known by its `peer`."""
    keys = {**camera(packet_bytes=9000), "driver": driver, **MAKERS[driver]}
    if driver == "genicam":
        keys["peer"] = keys.pop("address")
    (said,) = found(tmp_path, box, keys)
    assert "packet_bytes = 9000: the MTU of eth1 is 1500, expected at least 9000" in said


@pytest.mark.parametrize("peer", [None, "camera.line1"])
def test_wire_that_nobody_tells_is_held_against_nothing_but_the_pace(
    tmp_path: Path, box: Box, peer: str | None
) -> None:
    """Behind a GenTL producer may be a frame grabber: USB's memory is none of its business."""
    large = camera(width_px=6144, height_px=4096, link_mbit_s=10_000.0)
    keys = {**large, "driver": "genicam", **MAKERS["genicam"]}
    del keys["address"]
    assert found(tmp_path, box, {**keys, "peer": peer}) == []
    (said,) = found(tmp_path, box, {**keys, "peer": peer, "exposure_us": 80_000.0})
    assert "its frame is there 80.0 ms after the trigger" in said


def test_frame_of_a_free_runner_may_just_have_begun(tmp_path: Path, box: Box) -> None:
    """A period more; and it cannot run faster than it exposes and reads out."""
    (said,) = found(tmp_path, box, camera(trigger="free-run", rate_hz=16.0))
    assert "81.9 ms after the trigger" in said
    assert "waiting 62.5 ms" in said
    said = found(tmp_path, box, camera(trigger="free-run", rate_hz=45.0, exposure_us=9000.0))[0]
    assert "a frame every 26.4 ms at best, expected one in 22.2 ms" in said
