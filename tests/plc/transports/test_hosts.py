"""Names, numbers, and both protocols: where a PLC is, and where it finds us."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import HostUnknown, LinkRefused, LinkSilent
from gonogo.base.ports import joined
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import D_WORDS
from gonogo.plc.transports.hosts import Endpoint, Host, look_up, plain, serve_at
from gonogo.plc.transports.modbus_client import ModbusClient, ModbusClientSection
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.tcp import connect
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.peers.cells import pdu
from gonogo.proving.peers.raw import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Endpoint(socket.AF_INET, ("127.0.0.1", 502))
PEER = "PLC plc.local:502"
IMAGE = ProcessImage((1,) * D_WORDS, (False,) * 8)


class NameServer:
    """Answers what it is told to; dead, it holds every question until it is let go."""

    def __init__(self, *answers: tuple[Endpoint, ...] | OSError | None) -> None:
        self._answers = list(answers)
        self.asked = 0
        self.let_go = threading.Event()

    def __call__(self, host: str, port: int) -> tuple[Endpoint, ...]:
        """One question."""
        del host, port
        self.asked += 1
        answer = self._answers.pop(0) if self._answers else None
        if answer is None:
            self.let_go.wait()
            return (HERE,)
        if isinstance(answer, OSError):
            raise answer
        return answer


@pytest.fixture
def dead() -> Iterator[NameServer]:
    """A name server that says nothing."""
    server = NameServer()
    yield server
    server.let_go.set()


def host_of(server: NameServer) -> Host:
    """A host whose name that one knows."""
    return Host("plc.local", 502, server)


def six() -> None:
    """Skip where the machine has no IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")


# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["127.0.0.1", "::1"])
def test_an_address_in_numbers_asks_nobody(number: str, dead: NameServer) -> None:
    """A station file without names needs no name server."""
    (found,) = Host(number, 502, dead).find(PEER, 10)
    assert found.address[:2] == (number, 502)
    assert dead.asked == 0


def test_a_dead_name_server_is_said_in_time_and_asked_once(dead: NameServer) -> None:
    """Each try to connect would leave one more thread behind."""
    host = host_of(dead)
    for _ in range(3):
        with pytest.raises(HostUnknown, match=r"plc\.local.*not known after 20 ms.*/etc/hosts"):
            host.find(PEER, 0.02)
    assert dead.asked == 1


def test_an_answer_that_comes_late_is_taken_the_next_time(dead: NameServer) -> None:
    """It was slow, not dead."""
    host = host_of(dead)
    with pytest.raises(HostUnknown):
        host.find(PEER, 0.01)
    dead.let_go.set()
    assert host.find(PEER, 60) == (HERE,)


def test_what_a_name_led_to_is_remembered_while_the_name_server_is_dead() -> None:
    """A link that was there comes back without it."""
    failing = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    server = NameServer((HERE,), failing)
    host = host_of(server)
    for _ in range(4):
        assert host.find(PEER, 60) == (HERE,)
    assert server.asked == 3
    server.let_go.set()


def test_a_name_that_is_no_more_is_forgotten() -> None:
    """It may be somebody else's address by now."""
    gone = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    host = host_of(NameServer((HERE,), gone))
    assert host.find(PEER, 60) == (HERE,)
    with pytest.raises(HostUnknown, match="Name or service not known"):
        host.find(PEER, 60)


@pytest.mark.parametrize("name", ["a..b", "no such name", "x" * 300, "anlage-süd", "nul\0"])
def test_what_can_be_no_name_is_refused(name: str) -> None:
    """In words, and as any other name that leads nowhere."""
    with pytest.raises(HostUnknown, match="address of"):
        Host(name, 502).find(PEER, 60)


def test_link_with_a_dead_name_server_says_so_and_can_be_closed(
    dead: NameServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The thread of the link is never in the hands of a name server."""
    section = ModbusClientSection(driver="modbus-client", host="plc.local", port=502)

    def wire(wake_fd: int) -> ModbusClient:
        return ModbusClient(section, wake_fd, host_of(dead))

    caplog.set_level("INFO", "gonogo.plc")
    link = PlcLink(section, LinkedStation(100_000_000), transport=wire)
    link.start()
    end_s = time.monotonic() + 60
    while not any("GN405" in line for line in caplog.messages):
        assert time.monotonic() < end_s
        time.sleep(0.01)
    link.close()
    assert not dead.let_go.is_set()  # it still hangs
    assert dead.asked == 1


# -- several addresses ---------------------------------------------------------------------


def free(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> Endpoint:
    """Where nobody listens."""
    with socket.create_server((host, 0), family=family) as listener:
        return Endpoint(family, listener.getsockname())


def test_the_next_address_is_tried_where_one_refuses() -> None:
    """A name may lead to IPv6 first, and the PLC speaks IPv4 only."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = Endpoint(socket.AF_INET, listener.getsockname())
        host = host_of(NameServer((free(), there)))
        with connect(PEER, host, 60, "server") as sock:
            assert sock.getpeername() == there.address


def test_of_several_failures_the_one_nearest_to_a_plc_is_told() -> None:
    """Refused by the last says more than no way to the first."""
    nowhere = Endpoint(socket.AF_INET, ("255.255.255.255", 502))
    with full_backlog() as quiet:
        with pytest.raises(LinkRefused):
            connect(PEER, host_of(NameServer((nowhere, quiet, free()))), 0.1, "server")
        with pytest.raises(LinkSilent):
            connect(PEER, host_of(NameServer((nowhere, quiet))), 0.1, "server")


@contextlib.contextmanager
def full_backlog() -> Iterator[Endpoint]:
    """A listener that accepts nobody, and whose queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)  # noqa: FBT003 - the library's own signature
            caller.connect_ex(listener.getsockname())
        yield Endpoint(socket.AF_INET, listener.getsockname())


# -- IPv6 ----------------------------------------------------------------------------------


def test_station_as_client_reaches_a_plc_by_ipv6() -> None:
    """And calls it as people write it."""
    six()
    section = ModbusClientSection(driver="modbus-client", host="::1", port=1)
    assert section.place == "[::1]:1, unit 1"
    client = ModbusClient(section, -1)
    with pytest.raises(LinkRefused, match=r"PLC \[::1\]:1 unit 1: connection refused"):
        client.open()


@pytest.mark.parametrize(
    ("host", "callers"),
    [("::1", ("::1",)), ("::", ("::1", "127.0.0.1")), ("localhost", ("127.0.0.1",))],
)
def test_station_as_server_is_reached_by_ipv6(host: str, callers: tuple[str, ...]) -> None:
    """`::` takes both, and `allow` knows an IPv4 address that came in over it."""
    six()
    section = ModbusServerSection(
        driver="modbus-server", host=host, port=0, allow=("127.0.0.0/8", "::1")
    )
    for caller in callers:
        assert answered(section, caller)


def test_an_address_that_is_not_allowed_is_turned_away_over_both(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And named as its owner knows it, not as ::ffff:127.0.0.1."""
    six()
    section = ModbusServerSection(driver="modbus-server", host="::", port=0, allow=("10.0.0.1",))
    for caller in ("127.0.0.1", "::1"):
        assert not answered(section, caller)
    said = [line for line in caplog.messages if "turned away" in line]
    assert ["::ffff" in line for line in said] == [False, False]


def answered(section: ModbusServerSection, caller: str) -> bool:
    """Whether a request to the station comes back, asked over this address."""
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
    server = ModbusServer(section, wake_fd)
    replies: list[bytes] = []
    try:
        server.open()
        server.exchange(IMAGE)
        port = server.port

        def call() -> None:
            with contextlib.suppress(OSError), socket.create_connection((caller, port), 60) as sock:
                sock.sendall(frame(1, pdu(3, 0, 1)))
                replies.append(sock.recv(64))

        thread = threading.Thread(target=call)
        thread.start()
        while thread.is_alive():
            server.wait(0.01)
        thread.join()
    finally:
        server.close()
        os.close(wake_fd)
    return bool(replies and replies[0])


def test_port_of_the_server_is_said_with_the_address_in_brackets() -> None:
    """Where somebody else listens already."""
    six()
    with serve_at(look_up("::1", 0)[0]) as listener:
        port = listener.getsockname()[1]
        section = ModbusServerSection(driver="modbus-server", host="::1", port=port)
        with pytest.raises(OSError, match=rf"Modbus server on \[::1\]:{port}: another program"):
            ModbusServer(section, -1).open()


@pytest.mark.parametrize(
    ("address", "text"),
    [("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("fe80::1%3", "fe80::1%3")],
)
def test_addresses_are_told_as_their_owner_knows_them(address: str, text: str) -> None:
    """Unwrapped, and whole."""
    assert plain(address) == text


def test_host_and_port_are_joined_as_browsers_do() -> None:
    """Without brackets nobody can tell where the address ends."""
    assert (joined("10.0.0.1", 502), joined("::1", 502)) == ("10.0.0.1:502", "[::1]:502")
