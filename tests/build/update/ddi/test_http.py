"""HTTP to a server: whom the token is for, TLS, and answers that never end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gonogo.base.errors import UpdateServerAway, UpdateServerRefused, UpdateSettingsWrong
from gonogo.build.update.ddi import http as http_module
from gonogo.build.update.ddi.http import Http
from gonogo.tests.build.update.ddi.server import TOKEN, serving

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.ddi.server import Ddi


def certified(folder: Path, address: str = "127.0.0.1") -> Path:
    """A key and its own certificate for an address, in one file."""
    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(timezone.utc)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(encoding) + secret)
    return path


def speaking(pem: Path) -> ssl.SSLContext:
    """What the server speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_server_is_believed_by_the_ca_of_the_settings_alone(tmp_path: Path) -> None:
    """Another CA, another address, and no CA: refused before the token is sent."""
    pem, other = certified(tmp_path / "a"), certified(tmp_path / "b")
    with serving(speaking(pem)) as ddi:
        assert Http(ddi.section(tmp_path, ca=pem)).json("GET", "/x").status == 200
        for ca in (other, None):
            with pytest.raises(UpdateServerAway, match="CA of the settings"):
                Http(ddi.section(tmp_path, ca=ca)).json("GET", "/x")
        assert len(ddi.tokens) == 1
    elsewhere = certified(tmp_path / "c", "127.0.0.9")
    with (
        serving(speaking(elsewhere)) as ddi,
        pytest.raises(UpdateServerAway, match="another address"),
    ):
        Http(ddi.section(tmp_path, ca=elsewhere)).json("GET", "/x")


def test_a_ca_that_is_none_is_told_before_anything_is_asked(ddi: Ddi, tmp_path: Path) -> None:
    """Absent, or no PEM."""
    (tmp_path / "ca").write_text("no")
    url = ddi.url.replace("http:", "https:")
    for ca in (tmp_path / "ca", tmp_path / "absent"):
        with pytest.raises(UpdateSettingsWrong, match="expected a CA"):
            Http(ddi.section(tmp_path, url=url, ca=ca))


def test_the_token_goes_to_the_server_alone(ddi: Ddi, tmp_path: Path) -> None:
    """Not where a link of it leads."""
    with serving() as other:
        http = Http(ddi.section(tmp_path))
        with http.asked("GET", f"{other.url}/files/x", {}) as response:
            response.read()
        assert other.tokens == [None]
        with http.asked("GET", f"{ddi.url}/x", {}) as response:
            response.read()
        assert ddi.tokens == [f"TargetToken {TOKEN}"]
    gateway = Http(ddi.section(tmp_path, token="gateway"))  # noqa: S106 - whose
    gateway.json("GET", "/x")
    assert ddi.tokens[1:] == [f"GatewayToken {TOKEN}"]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "file:///etc/passwd", "nothing"])
def test_a_link_that_is_no_http_is_refused(ddi: Ddi, tmp_path: Path, url: str) -> None:
    """Of a server that is believed otherwise."""
    with pytest.raises(UpdateServerRefused), Http(ddi.section(tmp_path)).asked("GET", url, {}):
        pass


def test_a_server_with_encryption_may_not_lead_away_from_it(tmp_path: Path) -> None:
    """A download without."""
    pem = certified(tmp_path / "a")
    with serving() as plain, serving(speaking(pem)) as ddi:
        http = Http(ddi.section(tmp_path, ca=pem))
        with (
            pytest.raises(UpdateServerRefused, match="without encryption"),
            http.asked("GET", f"{plain.url}/files/x", {}),
        ):
            pass
        assert plain.asked == []


def test_a_server_that_is_not_there_is_away(tmp_path: Path) -> None:
    """Refused by the kernel."""
    with serving() as ddi:
        section = ddi.section(tmp_path)
    with pytest.raises(UpdateServerAway):
        Http(section).json("GET", "/x")


def test_an_answer_that_is_no_http_or_never_ends_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded in silence, in time and in size."""
    monkeypatch.setattr(http_module, "ANSWER_S", 0.3)
    endless = b"HTTP/1.1 200 OK\r\n\r\n"
    for first, then in (
        (b"garbage\r\n\r\n", b""),
        (b"", b""),
        (endless, b"x"),
        (endless, b"x" * 99_999),
    ):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            stop = threading.Event()
            thread = threading.Thread(target=_says, args=(server, first, then, stop))
            thread.start()
            with serving() as ddi:
                section = ddi.section(tmp_path, url=url)
            with pytest.raises(UpdateServerAway):
                Http(section, quiet_s=0.5).json("GET", "/x")
            stop.set()
            thread.join()


def _says(server: socket.socket, first: bytes, then: bytes, stop: threading.Event) -> None:
    """The first, and the second again and again."""
    client, _ = server.accept()
    with client:
        client.recv(4096)
        client.sendall(first)
        with contextlib.suppress(OSError):  # nobody listens any more
            while then and not stop.wait(0.01):
                client.sendall(then)
        stop.wait(5)
