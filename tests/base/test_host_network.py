"""What the kernel's files say, read from folders that look like /sys and /proc."""

from __future__ import annotations

import socket
from contextlib import closing
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from gonogo.base.host_network import HostNetwork
from gonogo.tests.box import Box

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Two interfaces, one of them with two subnets, and a way out by a gateway."""
    made = Box(tmp_path)
    made.interface("eth0", "10.1.2.3/16", mtu=1500, speed=1000)
    made.interface("eth1", "192.168.40.1/24", "10.1.7.1/24", mtu=9000, speed=10_000)
    made.gateway("eth0", "0.0.0.0/0", "10.1.0.1")
    return made


def names(ways: Iterable[object]) -> list[str]:
    """Of the interfaces."""
    return [way.interface for way in ways]  # type: ignore[attr-defined]


def test_way_is_by_the_narrowest_subnet_that_has_the_address(box: Box) -> None:
    """A gateway's is none: a camera's packets do not pass it."""
    assert names(box.host.ways_to("192.168.40.11")) == ["eth1"]
    assert names(box.host.ways_to("10.1.9.9")) == ["eth0"]
    assert names(box.host.ways_to("10.1.7.9")) == ["eth1"]
    assert names(box.host.ways_to("127.0.0.1")) == ["lo"]
    assert box.host.ways_to("8.8.8.8") == []


def test_way_has_both_interfaces_where_two_share_a_subnet(box: Box) -> None:
    """The kernel takes one of them for all."""
    box.interface("eth2", "192.168.40.2/24", mtu=1500, speed=1000)
    assert names(box.host.ways_to("192.168.40.11")) == ["eth1", "eth2"]


def test_subnet_says_which_address_is_ours(box: Box) -> None:
    """Of each; every one of this box is in one of them."""
    ours = {str(net.network): net.ours for net in box.host.subnets()}
    assert ours["192.168.40.0/24"] == (IPv4Address("192.168.40.1"),)
    assert ours["10.1.7.0/24"] == (IPv4Address("10.1.7.1"),)
    assert IPv4Address("10.1.2.3") in ours["10.1.0.0/16"]


def test_interface_says_its_speed_where_it_has_one(box: Box) -> None:
    """Without a cable it is -1, or the file cannot be read."""
    box.interface("eth3", mtu=1500, speed=-1, carrier=0)
    box.interface("dummy0", mtu=1400)
    assert box.host.interface("eth1") == ("eth1", 9000, 10_000, True)
    assert box.host.interface("eth3") == ("eth3", 1500, None, False)
    assert box.host.interface("dummy0") == ("dummy0", 1400, None, True)
    assert box.host.interface("nobody") == ("nobody", 1500, None, True)


def test_box_without_such_files_says_nothing(tmp_path: Path) -> None:
    """No network, no USB: no error either."""
    host = HostNetwork(tmp_path, tmp_path)
    assert (names(host.subnets()), host.rmem_max()) == (["lo"], 0)
    assert host.usb_memory_short(1 << 40) == ""


@pytest.mark.parametrize(("limit", "short"), [("16", True), ("20", False), ("0", False)])
def test_usb_memory_is_named_where_frames_do_not_fit(box: Box, limit: str, *, short: bool) -> None:
    """The kernel's default, 16 MB, is less than a frame of 20 megapixels; 0 is no limit."""
    box.usbfs_mb(limit)
    said = box.host.usb_memory_short(20 << 20)
    assert bool(said) is short
    if short:
        assert "need 20 MB" in said
        assert "is 16, expected at least 20; as root: echo 1000 > " in said


def test_way_is_the_one_that_the_kernel_takes() -> None:
    """This box's own files, against a socket that is connected: nothing is sent."""
    for net in HostNetwork().subnets():
        peer = str(net.network.broadcast_address - 1)
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
            probe.connect((peer, 9))
            ours = IPv4Address(probe.getsockname()[0])
        assert ours in {each for way in HostNetwork().ways_to(peer) for each in way.ours}
