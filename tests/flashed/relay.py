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
    near = 0
    while True:
        for ready in select.select([near, far], [], [])[0]:
            came = os.read(near, 65536) if ready == near else far.recv(65536)
            if not came:
                return
            if ready == near:
                far.sendall(came)
            else:
                os.write(1, came)


if __name__ == "__main__":
    main(int(sys.argv[1]))
