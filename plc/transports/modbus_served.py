"""What the station serves as Modbus server, whatever the wire: PDU in, PDU out.

    holding registers   0-95 D, read only (FC3)   100-119 P (FC3, FC6, FC16, FC22, FC23)
    input registers     0-95 D (FC4)
    discrete inputs     0-7 DI0-DI7 (FC2); DI7 where the station ejects itself
    coils               0 ack toggle, 1 enable (FC1, FC5, FC15)   16-23 DI0-DI7, read only (FC1)

A write anywhere else is answered with exception 2. FC43 says who we are.

A small PLC may do with bits alone (modbus_bits.py, modbus_spoken.py). A write of somebody who is
not the PLC is answered with exception 6 (masters.py).

Whether a request is well formed: modbus_pdu.py. PDUs are decoded, executed and encoded by pymodbus.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from pymodbus.constants import ExcCodes
from pymodbus.pdu import DecodePDU, ExceptionResponse
from pymodbus.pdu.device import ModbusControlBlock, ModbusDeviceIdentification
from pymodbus.pdu.register_message import ReadWriteMultipleRegistersRequest
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.simulator.simcore import SimCore

from gonogo.plc.disturbance import FAILED, REFUSED, Disturbances
from gonogo.plc.register_map import D_WORDS, MAP_VERSION, P_FIRST, P_WORDS
from gonogo.plc.transports.masters import Asker
from gonogo.plc.transports.modbus_bits import COIL_ENABLE
from gonogo.plc.transports.modbus_pdu import (
    READ_COILS,
    READ_DISCRETE,
    WRITE_COIL,
    WRITE_COILS,
    flaw,
)
from gonogo.plc.transports.modbus_spoken import Spoken, Write
from gonogo.plc.transports.transport import Callers, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from pymodbus.datastore import ModbusServerContext
    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.transport import ProcessImage

COIL_MIRROR = 16  # first coil of DI0-DI7, for a PLC that cannot read discrete inputs (FC2)
_ERROR_BIT = 0x80
_READ_INPUT = 4
_COIL_CODES = (READ_COILS, WRITE_COIL, WRITE_COILS)
# busy: named as FOREIGN by masters.py; failure: as FAILED, with the error
_NAMED_ELSEWHERE = frozenset({ExcCodes.DEVICE_BUSY, ExcCodes.DEVICE_FAILURE})
_BIT_READS = (READ_COILS, READ_DISCRETE)
_IDENTITY = {"VendorName": "gonogo", "ProductCode": "gonogo", "MajorMinorRevision": MAP_VERSION}


class ServedMap:
    """The words and bits that a PLC reads and writes, and when it did.

    `spoke` is called after each write of the PLC. `server` is what the log calls us.
    """

    def __init__(self, spoke: Callable[[], None], server: str = "modbus server") -> None:
        self._spoke = spoke
        self.disturbances = Disturbances(server)
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our errors say it all
        # the whole map lives in the link's thread: no lock, and a PLC never reads half an image
        self._decoder = DecodePDU(is_server=True)
        self._decoder.register(_ReadWrite)
        _introduce()
        self.reset()

    # -- the link's side ---------------------------------------------------------------

    def reset(self) -> None:
        """Forget both sides, as at the start: what was shown must not be read again."""
        self.callers = Callers()
        # the library checks addresses against these blocks; their values come from `_serve`
        self._core = SimCore(SimDevice(id=0, simdata=_blocks(), action=self._serve))
        self._words: list[int] = [0] * D_WORDS
        self._mirror = 0  # the bits as one word, DI0 lowest
        self._spoken = Spoken(self.disturbances)
        self._asker = self._only = Asker("the PLC's side")  # of a wire with one master
        self._entered_ns = self._since_ns = time.monotonic_ns()
        self._spoken_ns = self._entered_ns  # when the PLC last wrote
        self._fresh = False  # the PLC was cut off, and has not written since
        self._reach_ns = 0  # how far back its last write reaches beyond _since_ns; 0: not

    def enter(self) -> None:
        """A wait begins: what arrives in it may have been there since the one before."""
        self.disturbances.sweep()
        # requests are taken only while we wait: what came during an exchange lay in the kernel,
        # and may be as old as the beginning of the wait before
        self._since_ns, self._entered_ns = self._entered_ns, time.monotonic_ns()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Serve `image` from now on, and take what the PLC has written."""
        self._words = list(image.words)
        self._mirror = sum(bit << k for k, bit in enumerate(image.bits))
        # once: what reached back was said in this exchange
        since_ns, self._reach_ns = self._reach_ns or self._since_ns, 0
        now_ns = time.monotonic_ns()
        faults = self._spoken.masters.faults(now_ns)
        return Inputs(self._spoken.words(), since_ns, now_ns, faults)

    # -- the PLC's side ----------------------------------------------------------------

    def greet(self) -> None:
        """A PLC that was cut off may bring news that is as old as its last words before."""
        self._fresh = True
        self.callers.came += 1

    def answer(self, pdu: bytes, wire_ns: int = 0, asker: Asker | None = None) -> bytes:
        """Execute a request and return its reply; `wire_ns` is how long it was on its way."""
        self._asker = asker or self._only
        self.callers.asked += 1
        self.callers.who = self._asker.name
        reply = self._answer(pdu, wire_ns)
        # here alone, so that each refusal is counted once, whoever found it
        if reply[0] & _ERROR_BIT and reply[1] not in _NAMED_ELSEWHERE:
            self.disturbances.count(REFUSED, self._asker.address, pdu[0], reply[1])
        return reply

    def _answer(self, pdu: bytes, wire_ns: int) -> bytes:
        # before the library decodes it: it would fill up or cut off a wrong length
        fault = flaw(pdu)
        if fault is not None:
            return refuse(pdu, fault)
        request = self._decoder.decode(pdu)
        if request is None:  # well formed for us, but not for the library
            return refuse(pdu, ExcCodes.ILLEGAL_VALUE)
        # compared after it: a read, or a write that meant nothing, reaches back nowhere
        spoken_ns = self._spoken_ns
        reply = self._execute(request)
        if wire_ns and self._spoken_ns != spoken_ns:
            self._reach_ns = min(self._reach_ns or self._since_ns, self._since_ns - wire_ns)
        return reply

    def _execute(self, request: ModbusPDU) -> bytes:
        try:
            reply = _finish(request.datastore_update(self._core, 0))  # type: ignore[arg-type]
            return reply.function_code.to_bytes(1, "big") + reply.encode()
        except Exception as error:  # noqa: BLE001 - no request may end the link
            self.disturbances.count(FAILED, self._asker.address, request.function_code, repr(error))
        return refuse(request.function_code.to_bytes(1, "big"), ExcCodes.DEVICE_FAILURE)

    async def _serve(
        self,
        code: int,
        _start: int,
        address: int,
        _count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Called by the library, with its arguments, before it reads or writes its `registers`."""
        # None: the library reads
        if values is not None:
            return self._write(code, address, values)
        # the library's registers of bits hold 16 each: DI0 is the lowest bit of the first
        if code == READ_DISCRETE:
            registers[0] = self._mirror
        elif code in _COIL_CODES:
            # two registers of 16 coils: 0-15 what the PLC writes, 16-31 the mirror
            registers[:2] = self._spoken.bits.coils, self._mirror
        else:
            registers[:D_WORDS] = self._words
            # input registers have no P: FC4 reads what we say
            if code != _READ_INPUT:
                registers[P_FIRST:] = self._spoken.p
        # after the values were taken: what this read proves counts from the next image on
        if code in _BIT_READS:
            self._spoken.asked_bits(self._asker, self._words, time.monotonic_ns())
        return None

    def _write(self, code: int, address: int, values: Sequence[int]) -> ExcCodes | None:
        coils, asker, now_ns = code in _COIL_CODES, self._asker, time.monotonic_ns()
        self.callers.wrote += 1
        # the coils of the mirror are for reading
        if coils and address + len(values) > COIL_ENABLE + 1:
            return ExcCodes.ILLEGAL_ADDRESS
        if coils:
            write = Write(asker, code, address, values, now_ns)
            meant = self._spoken.write_coils(write, self._words)
        else:
            write = Write(asker, code, address - P_FIRST, values, now_ns)
            meant = self._spoken.write_words(write)
        # refused is "busy": a standby PLC tries again, and gets in once the first is dead
        if not meant:
            return ExcCodes.DEVICE_BUSY if meant is None else None
        # the first write after a pause may tell of a part that came before it
        if self._fresh:
            self._fresh, self._reach_ns = False, self._spoken_ns
        self._spoken_ns = time.monotonic_ns()
        # last: it ends the wait, and the link takes what stands by then
        self._spoke()
        return None


def _blocks() -> tuple[list[SimData], list[SimData], list[SimData], list[SimData]]:
    """Coils, discrete inputs, holding registers, input registers; the rest is no address."""
    words = DataType.REGISTERS
    return (
        [SimData(0, values=[False] * 2 * COIL_MIRROR, datatype=DataType.BITS)],
        [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
        [
            SimData(0, count=D_WORDS, datatype=words, readonly=True),
            SimData(P_FIRST, count=P_WORDS, datatype=words),
        ],
        [SimData(0, count=D_WORDS, datatype=words, readonly=True)],
    )


class _ReadWrite(ReadWriteMultipleRegistersRequest):
    """FC23 that writes nothing when it will be refused for what it wants to read."""

    async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
        """Called to carry the request out."""
        # the standard writes first and reads then; but a read that will be refused must leave
        # the registers as they were, or a PLC would believe that nothing was written
        values = await context.async_getValues(
            device_id, self.function_code, self.read_address, self.read_count
        )
        if isinstance(values, ExcCodes):
            return ExceptionResponse(self.function_code, values)
        return await super().datastore_update(context, device_id)


def _finish(work: Coroutine[None, None, ModbusPDU]) -> ModbusPDU:
    """The map never suspends, so that a request runs to its reply here and now."""
    try:
        # the library's methods are coroutines for its own server; none of them awaits anything here
        work.send(None)
    except StopIteration as end:
        reply: ModbusPDU = end.value
        return reply
    raise RuntimeError("a request was suspended")


def refuse(pdu: bytes, reason: ExcCodes) -> bytes:
    """The reply that says why a request is not carried out."""
    return bytes((pdu[0] | _ERROR_BIT, reason))


def _introduce() -> None:
    """What FC43 answers; the library keeps it for the whole process."""
    names = {name: str(value) for name, value in _IDENTITY.items()}
    identity = ModbusDeviceIdentification(info_name=names)  # type: ignore[no-untyped-call]
    ModbusControlBlock().Identity.update(identity)  # type: ignore[no-untyped-call]
