"""A TLS handshake in memory: OpenSSL on both sides, no socket."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.console.access.certificates import in_pem, public_pem
from gonogo.console.access.tls import server_context

if TYPE_CHECKING:
    from gonogo.console.access.certificates import Pair


def shaken(ca: Pair, server: Pair, name: str) -> str | None:
    """The version on which a client agrees that trusts that CA alone; SSLError where not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(in_pem(server, ca.certificate))
        return shaken_with(path, public_pem(ca.certificate).decode(), name)


def shaken_with(path: Path, ca_text: str, name: str) -> str | None:
    """The same, from the files of a server."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    client_context.load_verify_locations(cadata=ca_text)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context(path).wrap_bio(to_server, to_client, server_side=True)
    done = [False, False]
    for _ in range(10):
        done = [
            is_done or _is_through(side)
            for is_done, side in zip(done, (client, server), strict=True)
        ]
    return client.version() if all(done) else None


def _is_through(side: ssl.SSLObject) -> bool:
    """Or it waits for what the other side has to say."""
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
