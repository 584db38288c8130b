"""The box's CA as a person compares it: the SHA-256 of its certificate, without the TLS of it."""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING

from gonogo.base.errors import TlsError

if TYPE_CHECKING:
    from pathlib import Path


def beside_records(records: Path) -> Path:
    """The folder of a station's TLS files, from the `path` of its [records]."""
    return records.with_name(f"{records.stem}.tls")


def fingerprint_of(records: Path) -> str | None:
    """As browsers show it, AB:CD:...; None where there is no CA yet. TlsError."""
    path = beside_records(records) / "ca.crt"
    try:
        der = ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TlsError(
            f"{path}: cannot be read as a certificate ({error}); the screen writes it anew at its "
            "next start"
        ) from error
    return hashlib.sha256(der).digest().hex(":").upper()
