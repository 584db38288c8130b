"""A GigE Vision camera of registers and packets alone, for what Aravis' fake one does not send.

Import as `gonogo.tests.drivers.cameras.aravis.registers`. It sends the bytes that a test gives it,
in any format, and chunks behind them; control, resends and events are not simulated. Layouts: GigE
Vision 2.0 (GVCP, GVSP, bootstrap registers), GenICam SFNC for the names.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.drivers.cameras.formats import SOURCES
from gonogo.proving.peers.network_camera import port_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

_XML_AT = 0x20000
_URL, _CHANNELS, _TICKS_LOW = 0x0200, 0x0904, 0x0940
_PORT, _PACKET, _TO = 0x0D00, 0x0D04, 0x0D18  # of stream channel 0
WIDTH, HEIGHT, FORMAT = 0x1000, 0x1004, 0x1010
_EXPOSURE, _TRIGGER, _PAYLOAD = 0x1020, 0x1030, 0x1034
_CHUNKS, _SELECTOR, _ENABLE = 0x1038, 0x103C, 0x1040
# what a camera may come up with from a user set of its own
_CHOICES = (
    ("ExposureAuto", 0x1050, {"Off": 0, "Continuous": 1}),
    ("ExposureMode", 0x1054, {"Timed": 0, "TriggerWidth": 1}),
    ("GainAuto", 0x1058, {"Off": 0, "Continuous": 1}),
    ("BalanceWhiteAuto", 0x105C, {"Off": 0, "Continuous": 1}),
)
_MIRRORS, DELAY = (("ReverseX", 0x1060), ("ReverseY", 0x1064)), 0x1068
_HEADERS_BYTES = 36
_IMAGE, _WITH_CHUNKS = 0x0001, 0x4000
CHUNK_IMAGE, CHUNK_EXPOSURE, CHUNK_FRAME = 0xA5A50001, 0xA5A50002, 0xA5A50003
_DISCOVER, _READ, _WRITE, _READ_MEMORY, _WRITE_MEMORY = 0x02, 0x80, 0x82, 0x84, 0x86


def _register(name: str, at: int, mode: str = "RW", port: str = "Device", length: int = 4) -> str:
    return (
        f'<IntReg Name="{name}Reg"><Address>{at}</Address><Length>{length}</Length>'
        f"<AccessMode>{mode}</AccessMode><pPort>{port}</pPort><Sign>Unsigned</Sign>"
        "<Endianess>BigEndian</Endianess></IntReg>"
    )


def _integer(name: str, register: str, most: int = 4096) -> str:
    value = f"<pValue>{name}Reg</pValue><Min>0</Min><Max>{most}</Max>"
    return f'<Integer Name="{name}">{value}</Integer>{register}'


def _enumeration(name: str, at: int, entries: dict[str, int]) -> str:
    rows = "".join(
        f'<EnumEntry Name="{entry}"><Value>{value}</Value></EnumEntry>'
        for entry, value in entries.items()
    )
    value = f"{rows}<pValue>{name}Reg</pValue>"
    return f'<Enumeration Name="{name}">{value}</Enumeration>{_register(name, at)}'


def _switch(name: str, at: int) -> str:
    value = f"<pValue>{name}Reg</pValue><OnValue>1</OnValue><OffValue>0</OffValue>"
    return f'<Boolean Name="{name}">{value}</Boolean>{_register(name, at)}'


def _command(name: str, at: int) -> str:
    value = f"<pValue>{name}Reg</pValue><CommandValue>1</CommandValue>"
    return f'<Command Name="{name}">{value}</Command>{_register(name, at)}'


def _float(name: str, at: int, length: int = 4, port: str = "Device", mode: str = "RW") -> str:
    return (
        f'<Float Name="{name}"><pValue>{name}Reg</pValue><Min>0</Min><Max>1000000</Max></Float>'
        f'<FloatReg Name="{name}Reg"><Address>{at}</Address><Length>{length}</Length>'
        f"<AccessMode>{mode}</AccessMode><pPort>{port}</pPort><Endianess>BigEndian</Endianess>"
        "</FloatReg>"
    )


def description() -> str:
    """What the camera says of its registers."""
    formats = {each.name: each.code for row in SOURCES.values() for each in row}
    nodes = [
        _integer("Width", _register("Width", WIDTH)),
        _integer("Height", _register("Height", HEIGHT)),
        _integer("OffsetX", _register("OffsetX", 0x1008)),
        _integer("OffsetY", _register("OffsetY", 0x100C)),
        _enumeration("PixelFormat", FORMAT, formats),
        _enumeration("AcquisitionMode", 0x1014, {"Continuous": 1}),
        _command("AcquisitionStart", 0x1018),
        _command("AcquisitionStop", 0x101C),
        _float("ExposureTime", _EXPOSURE),
        *(_enumeration(name, at, entries) for name, at, entries in _CHOICES),
        *(_switch(name, at) for name, at in _MIRRORS),
        _float("TriggerDelay", DELAY),
        _enumeration("TriggerSelector", 0x1024, {"FrameStart": 0}),
        _enumeration("TriggerMode", 0x1028, {"Off": 0, "On": 1}),
        _enumeration("TriggerSource", 0x102C, {"Software": 0, "Line1": 1}),
        _command("TriggerSoftware", _TRIGGER),
        _integer("PayloadSize", _register("PayloadSize", _PAYLOAD, "RO"), 1 << 30),
        _switch("ChunkModeActive", _CHUNKS),
        _enumeration("ChunkSelector", _SELECTOR, {"ExposureTime": 0, "FrameID": 1}),
        _switch("ChunkEnable", _ENABLE),
        _float("ChunkExposureTime", 0, 8, "ExposurePort", "RO"),
        _integer("ChunkFrameID", _register("ChunkFrameID", 0, "RO", "FramePort", 8), 1 << 62),
        f'<Port Name="ExposurePort"><ChunkID>{CHUNK_EXPOSURE:x}</ChunkID></Port>',
        f'<Port Name="FramePort"><ChunkID>{CHUNK_FRAME:x}</ChunkID></Port>',
        '<Port Name="Device"></Port>',
    ]
    head = (
        '<?xml version="1.0" encoding="utf-8"?><RegisterDescription ModelName="Registers" '
        'VendorName="Nobody" StandardNameSpace="GEV" SchemaMajorVersion="1" '
        'SchemaMinorVersion="1" SchemaSubMinorVersion="0" MajorVersion="1" MinorVersion="0" '
        'SubMinorVersion="0" ProductGuid="1" VersionGuid="1" '
        'xmlns="http://www.genicam.org/GenApi/Version_1_1">'
    )
    names = ("Width", "Height", "PixelFormat", "ExposureTime", "PayloadSize", "ChunkModeActive")
    root = "".join(f"<pFeature>{name}</pFeature>" for name in names)
    body = f'<Category Name="Root" NameSpace="Standard">{root}</Category>{"".join(nodes)}'
    return f"{head}{body}</RegisterDescription>"


class RegisterCamera(threading.Thread):
    """Answers commands in a thread of its own, and sends `image` when it is triggered."""

    def __init__(self, where: tuple[str, int]) -> None:
        super().__init__(name="register camera", daemon=True)
        self._xml = description().encode()
        self._memory = bytearray(0x2000)
        self._enabled = [0, 0]
        self.image = b""
        self.used_us: float | None = None  # what it exposed, where that is not what was ordered
        self.frame_id = 0x1_0000_0000  # of its own count: more than 32 bits
        self._block = 0
        self._ended = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(where)
        self._socket.settimeout(0.05)
        self._stream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        url = f"Local:registers.xml;{_XML_AT:x};{len(self._xml):x}".encode()
        self._memory[_URL : _URL + len(url)] = url
        for at, value in {
            0x0000: 0x00010002, 0x0004: 0x80000001, _CHANNELS: 1, 0x0938: 3000,
            _TICKS_LOW: 1_000_000_000, 0x0024: 0x7F000001,
        }.items():  # fmt: skip
            self._put(at, value)

    @property
    def odd(self) -> dict[str, int]:
        """Of what a user set may have changed, all that is not nought or off."""
        places = {name: at for name, at, *_ in (*_CHOICES, *_MIRRORS, ("TriggerDelay", DELAY))}
        return {name: self._get(at) for name, at in places.items() if self._get(at)}

    def load_user_set(self) -> None:
        """One in which all of it is on."""
        for _, at, *_ in (*_CHOICES, *_MIRRORS):
            self._put(at, 1)
        struct.pack_into(">f", self._memory, DELAY, 20_000.0)

    def run(self) -> None:
        """Until it is ended."""
        while not self._ended:
            try:
                command, peer = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            _, _, kind, length, number = struct.unpack(">BBHHH", command[:8])
            said = self._said(kind, command[8 : 8 + length])
            if said is not None:
                self._socket.sendto(
                    struct.pack(">HHHH", 0, kind + 1, len(said), number) + said, peer
                )

    def end(self) -> None:
        """Switched off."""
        self._ended = True
        self.join()
        self._socket.close()
        self._stream.close()

    def _said(self, kind: int, rest: bytes) -> bytes | None:
        if kind == _DISCOVER:
            return bytes(self._memory[:0xF8])
        if kind == _READ:
            return b"".join(
                struct.pack(">I", self._get(at)) for (at,) in struct.iter_unpack(">I", rest)
            )
        if kind == _WRITE:
            for at, value in struct.iter_unpack(">II", rest):
                self._write(at, value)
            return struct.pack(">HH", 0, len(rest) // 8)
        if kind == _WRITE_MEMORY:
            (at,) = struct.unpack(">I", rest[:4])
            for step in range(4, len(rest), 4):
                self._write(at + step - 4, struct.unpack(">I", rest[step : step + 4])[0])
            return struct.pack(">HH", 0, len(rest) - 4)
        if kind == _READ_MEMORY:
            at, _, count = struct.unpack(">IHH", rest)
            return rest[:4] + self._read(at, count)
        return None

    def _read(self, at: int, count: int) -> bytes:
        if at >= _XML_AT:
            return self._xml[at - _XML_AT : at - _XML_AT + count].ljust(count, b"\0")
        if count == 4:
            return struct.pack(">I", self._get(at))
        return bytes(self._memory[at : at + count])

    def _put(self, at: int, value: int) -> None:
        struct.pack_into(">I", self._memory, at, value)

    def _get(self, at: int) -> int:
        if at == _ENABLE:
            return self._enabled[self._get(_SELECTOR)]
        if at == _PAYLOAD:
            bits = self._get(FORMAT) >> 16 & 0xFF
            return self._get(WIDTH) * self._get(HEIGHT) * bits // 8 + len(self._chunks())
        value: int = struct.unpack_from(">I", self._memory, at)[0]
        return value

    def _write(self, at: int, value: int) -> None:
        if at == _ENABLE:
            self._enabled[self._get(_SELECTOR)] = value
        elif at == _TRIGGER:
            self._send()
        else:
            self._put(at, value)

    def _chunks(self) -> bytes:
        """Each with its id and length behind it; that of the image has its bytes before all."""
        if not self._get(_CHUNKS):
            return b""
        (ordered_us,) = struct.unpack_from(">f", self._memory, _EXPOSURE)
        used_us = ordered_us if self.used_us is None else self.used_us
        text = struct.pack(">II", CHUNK_IMAGE, len(self.image))
        if self._enabled[0]:
            text += struct.pack(">dII", used_us, CHUNK_EXPOSURE, 8)
        if self._enabled[1]:
            text += struct.pack(">QII", self.frame_id, CHUNK_FRAME, 8)
        return text

    def _send(self) -> None:
        """Leader, payload and trailer, to where the stream channel says."""
        to = ("127.0.0.1", self._get(_PORT))
        chunks = self._chunks()
        kind = _IMAGE | (_WITH_CHUNKS if chunks else 0)
        self._block = self._block % 0xFFFF + 1
        self.frame_id += 1
        stamp_ns = time.monotonic_ns()
        size = self._get(WIDTH), self._get(HEIGHT)
        leader = struct.pack(">HHQIIIIIHH", 0, kind, stamp_ns, self._get(FORMAT), *size, 0, 0, 0, 0)
        step = (self._get(_PACKET) & 0xFFFF) - _HEADERS_BYTES
        data = self.image + chunks
        pieces = [data[at : at + step] for at in range(0, len(data), step)]
        packets = [(1, leader), *((3, each) for each in pieces)]
        packets.append((2, struct.pack(">HHI", 0, kind, size[1])))
        for number, (form, content) in enumerate(packets):
            head = struct.pack(">HHI", 0, self._block, form << 24 | number)
            self._stream.sendto(head + content, to)


@contextmanager
def register_camera() -> Iterator[RegisterCamera]:
    """One that listens, where any camera listens."""
    with port_alone() as where:
        camera = RegisterCamera(where)
        camera.start()
        try:
            yield camera
        finally:
            camera.end()
