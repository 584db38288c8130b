"""The fingerprint of a box's CA, as people compare it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import TlsError
from gonogo.console.access.box_names import box_names
from gonogo.console.access.ca_shown import beside_records, fingerprint_of
from gonogo.console.access.tls import BoxTls

if TYPE_CHECKING:
    from pathlib import Path


def test_fingerprint_is_the_one_that_openssl_shows(tmp_path: Path) -> None:
    """None before there is a CA; an error for a file that is no certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    records = tmp_path / "parts.sqlite"
    assert fingerprint_of(records) is None
    served = BoxTls(beside_records(records), "bolts").ready(box_names("box7", []))
    ca = beside_records(records) / "ca.crt"
    openssl = ["openssl", "x509", "-in", str(ca), "-noout", "-fingerprint", "-sha256"]
    shown = subprocess.run(openssl, check=True, capture_output=True, text=True).stdout
    assert fingerprint_of(records) == shown.strip().partition("=")[2] == served.fingerprint
    ca.write_bytes(b"-----BEGIN")
    with pytest.raises(TlsError, match=r"ca\.crt"):
        fingerprint_of(records)
