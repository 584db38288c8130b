"""What this box allows: packets, memory of sockets and of USB."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from gonogo.base.errors import CameraLinkError
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.network import (
    Way,
    grant_receive,
    packet_bytes,
    way_to,
)
from gonogo.tests.descriptors import nothing_left_open


def udp() -> socket.socket:
    """One of this process, on a port of its own."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    return opened


def test_way_to_an_address_has_ours_and_the_mtu_of_its_interface() -> None:
    """As the kernel's own file says; nothing is sent."""
    mtu_bytes = int(Path("/sys/class/net/lo/mtu").read_text(encoding="ascii"))
    way = way_to("127.0.0.9")
    assert way.ours == "127.0.0.1"
    assert way.mtu_bytes in {mtu_bytes, 0xFFFF}  # an IPv4 packet is no longer than that


def test_receive_buffer_is_what_the_kernel_granted() -> None:
    """Of the socket on that port alone; above the limit it is less, without an error."""
    with closing(udp()) as one, closing(udp()) as other:
        before = other.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        port = one.getsockname()[1]
        assert grant_receive(port, 65536) == 65536
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 2 * 65536
        assert grant_receive(port, 2 * HostNetwork().rmem_max()) == HostNetwork().rmem_max()
        assert other.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == before


def test_receive_buffer_of_no_socket_is_none() -> None:
    """And nothing is left open by the search."""
    with closing(udp()) as gone:
        port = gone.getsockname()[1]
    with nothing_left_open():
        assert grant_receive(port, 65536) == 0


def size(mtu_bytes: int, wanted: int | None = None) -> int:
    """Of the packets over an interface of that MTU."""
    name, host = "view 'top': camera 10.0.0.2", "10.0.0.2"
    return packet_bytes(name, host, wanted, lambda host: Way(host[:-1] + "1", mtu_bytes))


def test_packets_are_as_large_as_the_interface_and_no_larger() -> None:
    """The library's own choice may lie above the MTU: then not one comes."""
    assert size(1500) == 1500
    assert size(1499) == 1496
    assert size(9000) == 9000
    assert size(65536) == 9000
    assert size(9000, 1440) == 1440


def test_packets_above_the_mtu_are_refused_with_the_remedy() -> None:
    """Rather than every part without a picture."""
    with pytest.raises(CameraLinkError, match=r"9000 is above 1500, the MTU of .* 10\.0\.0\.1"):
        size(1500, 9000)
