"""A process with the rights of the station's unit and no others, which serves Modbus on a port.

    python -I -m gonogo.tests.plc.rights PORT CAPABILITY...

It becomes the user `nobody`, keeps the capabilities named (ambient, as under systemd) and no
other, and prints what came of it: "served" or the error. Then it gives way to another program,
which prints the capabilities that it has inherited, as the supervisor's processes do. Needs root.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from gonogo.base.errors import GonogoError
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection

NOBODY = 65534
CAPABILITIES = {"CAP_NET_BIND_SERVICE": 10, "CAP_IPC_LOCK": 14, "CAP_SYS_NICE": 23}
_HIGHEST = 63
# linux/capability.h and linux/prctl.h
_VERSION_3 = 0x20080522
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 8, 24, 38, 47
_AMBIENT_RAISE = 2
_LIBC = ctypes.CDLL(None, use_errno=True)


def keep_only(names: list[str]) -> None:
    """Become nobody with these capabilities in every set; no others can be had again."""
    numbers = [CAPABILITIES[name] for name in names]
    for number in range(_HIGHEST + 1):
        if number not in numbers:
            _LIBC.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # unknown ones are refused
    _must(_LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    mask = sum(1 << number for number in numbers)
    header = struct.pack("Ii", _VERSION_3, 0)
    _must(_LIBC.capset(header, struct.pack("6I", mask, mask, mask, 0, 0, 0)))
    for number in numbers:
        _must(_LIBC.prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, number, 0, 0))
    _must(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _must(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def serve(port: int) -> str:
    """Listen once, as a station's link does."""
    fd = os.eventfd(0)
    server = ModbusServer(ModbusServerSection(driver="modbus-server", port=port), fd)
    try:
        server.open()
    except GonogoError as error:
        return str(error)
    finally:
        server.close()
    return "served"


if __name__ == "__main__":
    keep_only(sys.argv[2:])
    sys.stdout.write(serve(int(sys.argv[1])) + "\n")
    sys.stdout.flush()
    os.execvp("grep", ["grep", "CapEff", "/proc/self/status"])  # noqa: S606 - no shell is meant
