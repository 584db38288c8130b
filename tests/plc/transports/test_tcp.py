"""TCP as all links use it: acknowledged at once, also where the peer waits for that."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import threading

import pytest

from gonogo.base.errors import LinkError, PortInUse, PortNotPermitted
from gonogo.base.ports import cannot_serve
from gonogo.plc.register_map import D_WORDS
from gonogo.plc.transports.modbus_client import ModbusClient, ModbusClientSection
from gonogo.plc.transports.modbus_io import ModbusIo, ModbusIoSection
from gonogo.plc.transports.s7_wire import S7Wire
from gonogo.plc.transports.tcp import receive
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.peers.apart import TPKT, Apart, careless_s, took_s
from gonogo.proving.peers.raw import Station, frame, read_frame
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.softplc import SoftPlc

REQUESTS = 30
IMAGE = ProcessImage((1,) * D_WORDS, (False,) * 8)


class Spy(socket.socket):
    """A socket that notes in which order it was used."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(fileno=sock.detach())
        self.calls: list[object] = []

    def setsockopt(self, *args: object) -> None:
        """Note the option, and set it."""
        self.calls.append(args)
        super().setsockopt(*args)  # type: ignore[call-overload]

    def recv(self, *args: int) -> bytes:
        """Note the receive."""
        self.calls.append("recv")
        return super().recv(*args)


def test_each_receive_is_preceded_by_the_wish_to_acknowledge_at_once() -> None:
    """Linux forgets the option whenever it likes: once at the start would not do."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        spy = Spy(socket.create_connection(listener.getsockname()))
        peer, _ = listener.accept()
        with peer, spy:
            peer.sendall(b"ab")
            assert (receive(spy, 1), receive(spy, 1)) == (b"a", b"b")
    quick = (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    assert spy.calls == [quick, "recv", quick, "recv"]


def test_modbus_client_does_not_wait_for_a_stack_that_waits_for_it() -> None:
    """As many exchanges as a careless client has requests, three each, in half of its time."""
    with (
        SoftPlc() as plc,
        contextlib.closing(Apart(plc.section.port)) as apart,
        contextlib.closing(os.fdopen(os.eventfd(0))) as wake,
    ):
        control_s = careless_s(apart.port, REQUESTS)
        section = ModbusClientSection(
            driver="modbus-client", host="127.0.0.1", port=apart.port, timeout_ms=1000
        )
        client = ModbusClient(section, wake.fileno())
        client.open()
        ours_s = took_s(lambda: [client.exchange(IMAGE) for _ in range(REQUESTS)])
        client.close()
    assert 2 * ours_s < control_s


def test_modbus_io_does_not_wait_either() -> None:
    """A remote I/O module's stack is no better than a PLC's."""
    with (
        SoftPlc() as plc,
        contextlib.closing(Apart(plc.section.port)) as apart,
        contextlib.closing(os.fdopen(os.eventfd(0))) as wake,
    ):
        control_s = careless_s(apart.port, REQUESTS)
        section = ModbusIoSection(
            driver="modbus-io", host="127.0.0.1", port=apart.port, timeout_ms=1000
        )
        module = ModbusIo(section, wake.fileno())
        module.open()
        images = [
            ProcessImage(IMAGE.words, (*IMAGE.bits[:-1], bool(k % 2))) for k in range(REQUESTS)
        ]
        ours_s = took_s(lambda: [module.exchange(image) for image in images])
        module.close()
    assert 2 * ours_s < control_s


def test_s7_link_does_not_wait_either() -> None:
    """The library's framing receives the header and the rest apart, over a socket of ours."""
    with (
        contextlib.closing(S7Plc()) as plc,
        SoftPlc() as modbus,
        contextlib.closing(Apart(modbus.section.port)) as control,
        contextlib.closing(Apart(plc.port, TPKT)) as apart,
    ):
        control_s = careless_s(control.port, REQUESTS)
        sock = socket.create_connection(("127.0.0.1", apart.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.closing(S7Wire(sock, 0, 1, 10.0)) as wire:
            ours_s = took_s(lambda: [wire.read(DB, 0, 20) for _ in range(REQUESTS)])
    assert 2 * ours_s < control_s


def careless_master(port: int) -> None:
    """Requests whose header and body are sent apart, with Nagle on."""
    request = frame(1, struct.pack(">BHH", 3, 0, 2))
    with socket.create_connection(("127.0.0.1", port)) as sock:
        for _ in range(REQUESTS):
            sock.sendall(request[:6])
            sock.sendall(request[6:])
            read_frame(sock)


class CarelessServer:
    """Answers reads of two words, and leaves its acknowledgements to the kernel."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        peer, _ = self._listener.accept()
        with peer:
            while read_frame(peer):
                peer.sendall(frame(1, b"\x03\x04\0\0\0\0"))

    def close(self) -> None:
        """Wait for the peer to hang up."""
        self._thread.join()
        self._listener.close()


def test_server_does_not_keep_a_master_waiting_that_waits_for_it() -> None:
    """A PLC that polls us with such a stack is answered in half of the time at most."""
    with contextlib.closing(CarelessServer()) as other:
        control_s = took_s(lambda: careless_master(other.port))
    with contextlib.closing(Station()) as station:
        ours_s = took_s(lambda: station.serve(lambda: careless_master(station.port)))
    assert 2 * ours_s < control_s


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.EADDRINUSE, PortInUse, 410),
        (errno.EACCES, PortNotPermitted, 411),
        (errno.EADDRNOTAVAIL, LinkError, 400),
    ],
)
def test_port_that_cannot_be_served_has_a_number_of_its_own(
    number: int, kind: type[Exception], code: int
) -> None:
    """Three causes, three numbers, each with what to do."""
    error = cannot_serve("Modbus server on x:502", 502, OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert str(error).startswith(f"GN{code}: Modbus server on x:502: ")
