"""What every transport does alike, each against a third-party peer."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import pytest
from pymodbus.client import ModbusSerialClient

from gonogo.base.errors import UnknownDriver
from gonogo.plc.register_map import D_WORDS
from gonogo.plc.transports.catalogue import TRANSPORTS, make_transport
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClientSection
from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServerSection
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.s7_section import S7Section
from gonogo.testing.transports import TransportContract, served
from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.serial_lines import Cable, SerialPlc

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.client import ModbusClient as ThirdPartyClient
from pyModbusTCP.server import ModbusServer as ThirdPartyServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport
    from gonogo.testing.transports import Plc

WAIT_S = 10


class Rig(Protocol):
    """The PLC at the other end, and what the station says of it."""

    @property
    def section(self) -> TransportSection:
        """Where it is."""
        ...

    def plc(self, transport: Transport) -> Plc:
        """What its program sees, once there is a transport to speak with."""
        ...

    def end(self) -> None:
        """Take everything down; idempotent."""
        ...


class ClientRig:
    """The PLC serves, we write and read."""

    def __init__(self) -> None:
        self._plc = ThirdPartyServer("127.0.0.1", 0, no_block=True)
        self._plc.start()
        port = self._plc._service.server_address[1]
        self.section = ModbusClientSection(driver="modbus-client", host="127.0.0.1", port=port)

    def plc(self, transport: Transport) -> Plc:
        """Its memory is at hand."""
        del transport
        return self

    def words(self) -> list[int]:
        """What was written into the PLC."""
        words: list[int] = self._plc.data_bank.get_holding_registers(0, D_WORDS)
        return words

    def say(self, words: list[int]) -> None:
        """The PLC program sets its words."""
        self._plc.data_bank.set_holding_registers(100, words)

    def end(self) -> None:
        """Stop the PLC."""
        self._plc.stop()


class IoRig:
    """A module of coils: no words at all."""

    def __init__(self) -> None:
        self._module = ThirdPartyServer("127.0.0.1", 0, no_block=True)
        self._module.start()
        port = self._module._service.server_address[1]
        self.section = ModbusIoSection(driver="modbus-io", host="127.0.0.1", port=port)

    def plc(self, transport: Transport) -> Plc:
        """There is none."""
        raise NotImplementedError(f"a module behind {transport} has no words")

    def end(self) -> None:
        """Power off."""
        self._module.stop()


class GpioRig:
    """A line of the kernel's simulated chip."""

    def __init__(self) -> None:
        pytest.importorskip("gpiod", reason="gpiod is not installed")
        self._stack = ExitStack()
        self._chip = self._stack.enter_context(sim_chip())
        self.section = GpioIoSection(driver="gpio-io", chip=self._chip.label, line="0")

    def plc(self, transport: Transport) -> Plc:
        """There is none."""
        raise NotImplementedError(f"a line behind {transport} has no words")

    def end(self) -> None:
        """Unplugged for good."""
        self._stack.close()


class ServerRig:
    """We serve, the PLC writes and reads."""

    def __init__(self) -> None:
        self.section = ModbusServerSection(driver="modbus-server", port=0)

    def plc(self, transport: Transport) -> Plc:
        """It asks the transport."""
        return PollingPlc(transport)

    def end(self) -> None:
        """It holds nothing."""


class PollingPlc:
    """A PLC that connects for each request."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _ask(self, request: str, *arguments: object) -> object:
        assert isinstance(self._transport, ModbusServer)
        client = ThirdPartyClient("127.0.0.1", self._transport.port, timeout=WAIT_S)
        answer: object = served(self._transport, lambda: getattr(client, request)(*arguments))
        client.close()
        return answer

    def words(self) -> list[int]:
        """What the PLC reads."""
        words = self._ask("read_holding_registers", 0, D_WORDS)
        assert isinstance(words, list)
        return words

    def say(self, words: list[int]) -> None:
        """The PLC writes its words."""
        assert self._ask("write_multiple_registers", 100, words)


class RtuClientRig:
    """The PLC serves on a serial line, we are its master."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._cable = Cable(Path(self._folder.name))
        self._plc = SerialPlc(self._cable.plc)
        self.section = ModbusRtuClientSection(
            driver="modbus-rtu-client",
            device=str(self._cable.station),
            parity="none",
            timeout_ms=5000,
        )

    def plc(self, transport: Transport) -> Plc:
        """Its memory is at hand."""
        del transport
        return self

    def words(self) -> list[int]:
        """What was written into the PLC."""
        return self._plc.words(0, D_WORDS)

    def say(self, words: list[int]) -> None:
        """The PLC program sets its words."""
        self._plc.set_words(100, words)

    def end(self) -> None:
        """Stop the PLC."""
        self._plc.close()
        self._cable.close()
        self._folder.cleanup()


class RtuServerRig:
    """We serve on a serial line, the PLC is its master."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._cable = Cable(Path(self._folder.name))
        self._plc = ModbusSerialClient(
            str(self._cable.plc), baudrate=115200, timeout=WAIT_S, retries=0
        )
        assert self._plc.connect()
        self.section = ModbusRtuServerSection(
            driver="modbus-rtu-server", device=str(self._cable.station), parity="none"
        )

    def plc(self, transport: Transport) -> Plc:
        """It asks the transport."""
        self._transport = transport
        return self

    def words(self) -> list[int]:
        """What the PLC reads."""
        return served(
            self._transport,
            lambda: list(self._plc.read_holding_registers(0, count=D_WORDS).registers),
        )

    def say(self, words: list[int]) -> None:
        """The PLC writes its words."""
        assert served(self._transport, lambda: not self._plc.write_registers(100, words).isError())

    def end(self) -> None:
        """Stop serving."""
        self._plc.close()  # type: ignore[no-untyped-call]
        self._cable.close()
        self._folder.cleanup()


class S7Rig:
    """The PLC has a data block, we write and read."""

    def __init__(self) -> None:
        self._plc = S7Plc()
        self.section = S7Section(driver="s7", host="127.0.0.1", port=self._plc.port, db=DB)

    def plc(self, transport: Transport) -> Plc:
        """Its memory is at hand."""
        del transport
        return self

    def words(self) -> list[int]:
        """What was written into the block."""
        return self._plc.words(0, D_WORDS)

    def say(self, words: list[int]) -> None:
        """The PLC program sets its words."""
        self._plc.say(192, words)

    def end(self) -> None:
        """Stop the PLC."""
        self._plc.close()


RIGS: dict[str, Callable[[], Rig]] = {
    "gpio-io": GpioRig,
    "modbus-client": ClientRig,
    "modbus-io": IoRig,
    "modbus-server": ServerRig,
    "modbus-rtu-client": RtuClientRig,
    "modbus-rtu-server": RtuServerRig,
    "s7": S7Rig,
}
WORDLESS = {"gpio-io", "modbus-io"}  # outputs have no words to bring: test_{gpio,modbus}_io.py
# of the others: a PLC that asks us is not missed by an exchange, and that a serial line is silent
# shows after a whole timeout (test_modbus_rtu_client.py, with a short one)
MISSED = {"gpio-io", "modbus-client", "modbus-io", "s7"}


class EveryTransport(TransportContract):
    """One rig for each driver in the table; a driver without one fails here."""

    @pytest.fixture
    def rig(self, driver: str) -> Iterator[Rig]:
        """The other end."""
        rig = RIGS[driver]()
        yield rig
        rig.end()

    @pytest.fixture
    def section(self, rig: Rig) -> TransportSection:
        """As the rig is."""
        return rig.section

    @pytest.fixture
    def plc(self, rig: Rig, transport: Transport) -> Plc:
        """As the rig is."""
        return rig.plc(transport)

    @pytest.fixture
    def take_away(self, driver: str, rig: Rig) -> Callable[[], object] | None:
        """Power off."""
        return rig.end if driver in MISSED else None


@pytest.mark.parametrize("driver", sorted(set(TRANSPORTS.names) - WORDLESS))
class TestTransport(EveryTransport):
    """Those that bring words."""


@pytest.mark.parametrize("driver", sorted(WORDLESS))
class TestCoils(EveryTransport):
    """Those that bring a coil."""

    brings_words = False


def test_unknown_driver_names_the_known_ones() -> None:
    """A driver that no table holds is an error that lists what there is."""
    section = ModbusServerSection.model_construct(driver="profinet")  # type: ignore[arg-type]
    with pytest.raises(UnknownDriver, match="'profinet'; known: modbus-client, modbus-server, "):
        make_transport(section, 0)
