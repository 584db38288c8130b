"""TLS by the box's own CA: its files, made when they are wanted and renewed before their end.

    parts.tls/ca.pem         the CA's key and certificate: this user's alone
    parts.tls/ca.crt         its certificate, for browsers
    parts.tls/server.pem     key and certificate of the screen, and the CA's: this user's alone

A browser is told once whom to trust, by the fingerprint that the console shows. Therefore a CA
that cannot be read is never replaced by itself, and one that is there is never made anew; what it
signs is made whenever names, addresses or the time want it.
"""

from __future__ import annotations

import datetime as dt
import os
import ssl
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base import atomic_file
from gonogo.base.errors import TlsError
from gonogo.console.access.certificates import (
    Pair,
    fingerprint,
    in_pem,
    is_good,
    new_ca,
    new_server,
    of_pem,
    public_pem,
    signable,
)
from gonogo.console.access.lock import locked
from gonogo.console.access.private_file import read_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.box_names import BoxNames

MAX_BYTES = 64 * 1024
PATIENCE_S = 5.0


class Served(NamedTuple):
    """What a server needs: `path` has key and chain; `left_out`: names that it is not for.

    `fingerprint` is the CA's; `until` the end of the certificate, by when another one is there.
    """

    path: Path
    fingerprint: str
    until: dt.datetime
    left_out: tuple[str, ...]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class BoxTls:
    """The files in `folder`, for the station of that name."""

    def __init__(
        self,
        folder: Path,
        station: str,
        files: atomic_file.Files = atomic_file.SYSTEM,
        now: Callable[[], dt.datetime] = _now,
    ) -> None:
        self.folder = folder
        self._station = station
        self._files = files
        self._now = now

    def ready(self, names: BoxNames) -> Served:
        """All that is needed, made or renewed where it has to be; TlsError. To be asked daily."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(self.folder / "lock", PATIENCE_S):
                ca = self._ca(names)
                server = self._server(names, ca)
        except OSError as error:
            if isinstance(error, TlsError):
                raise
            raise TlsError(
                f"{self.folder}: {error.strerror or error}; expected a folder that is this user's "
                "to write, and free space"
            ) from error
        return Served(
            self.folder / "server.pem",
            fingerprint(ca.certificate),
            server.certificate.not_valid_after_utc,
            signable(names, ca).strange,
        )

    def _ca(self, names: BoxNames) -> Pair:
        path = self.folder / "ca.pem"
        found = _read(path)
        if found is None:
            ca = new_ca(self._station, names)
            atomic_file.replace(path, in_pem(ca), self._files)
        else:
            ca = _pair(path, found)
        self._publish(ca)
        return ca

    def _publish(self, ca: Pair) -> None:
        path, text = self.folder / "ca.crt", public_pem(ca.certificate)
        try:
            same = path.read_bytes() == text
        except OSError:
            same = False
        if not same:
            atomic_file.replace(path, text, self._files)

    def _server(self, names: BoxNames, ca: Pair) -> Pair:
        path = self.folder / "server.pem"
        found, now = _read(path), self._now()
        try:
            server = of_pem(found or b"")
        except ValueError:  # none, or a damaged one: it carries no trust of its own
            server = None
        if server is None or not is_good(server, names, ca, now):
            server = new_server(self._station, names, ca, now)
            atomic_file.replace(path, in_pem(server, ca.certificate), self._files)
        return server


def server_context(path: Path) -> ssl.SSLContext:
    """TLS 1.2 and newer with what lies in `path`; TlsError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        raise TlsError(
            f"{path}: {error.strerror or error}; expected a key and its chain"
        ) from error
    return context


def _pair(path: Path, raw: bytes) -> Pair:
    try:
        return of_pem(raw)
    except ValueError as error:
        raise TlsError(
            f"{path}: cannot be read as a key and its certificate; put a copy back. Removed, "
            "another one is made, and every browser has to be shown the new fingerprint"
        ) from error


def _read(path: Path) -> bytes | None:
    """The bytes of a private file; None where there is none; TlsError where it is not private."""
    try:
        found = read_private(path, MAX_BYTES)
    except FileNotFoundError:
        return None
    if not found.is_of(os.geteuid()):
        raise TlsError(
            f"{path}: {found.in_words()}; expected a file of this user alone, mode 0600. Ask "
            "yourself who has seen the key; to make another one remove it"
        )
    return found.raw
