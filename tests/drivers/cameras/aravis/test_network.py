"""What this box allows: packets, memory of sockets and of USB."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.aravis.network import (
    grant_receive,
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
