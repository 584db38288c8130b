"""Between a guest's connection, on standard input and output, and a port of this machine.

QEMU starts one for each connection to the one address that its network has (guestfwd). Standard
library alone.
"""

from __future__ import annotations

import os
import select
import socket
import sys


def main(port: int) -> None:
    """Until either side ends."""
    try:
        far = socket.create_connection(("127.0.0.1", port), 2)
    except OSError:
        return
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ends: list[socket.socket | int] = [0, far]
    while True:
        for ready in select.select(ends, [], [])[0]:
            came = os.read(0, 65536) if ready == 0 else far.recv(65536)
            if not came:
                return
            if ready == 0:
                far.sendall(came)
            else:
                os.write(1, came)


if __name__ == "__main__":
    main(int(sys.argv[1]))
