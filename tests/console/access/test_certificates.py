"""What the box's CA signs, as OpenSSL judges it."""

from __future__ import annotations

import datetime as dt
import hashlib
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gonogo.console.access.box_names import BoxNames, box_names
from gonogo.console.access.certificates import (
    FLOOR,
    LASTS,
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
from gonogo.tests.console.access.handshakes import shaken

NAMES = box_names("box7", ["192.168.1.7"], ["qa.example.com"])
NOW = dt.datetime.now(dt.timezone.utc)
CA = new_ca("bolts", NAMES)
SERVER = new_server("bolts", NAMES, CA, NOW)


@pytest.mark.parametrize("name", ["box7", "box7.local", "localhost", "qa.example.com",
                                  "127.0.0.1", "::1", "192.168.1.7"])  # fmt: skip
def test_server_is_trusted_by_whoever_trusts_the_ca(name: str) -> None:
    """A whole handshake of OpenSSL, for each name and address."""
    assert shaken(CA, SERVER, name) in {"TLSv1.3", "TLSv1.2"}


@pytest.mark.parametrize("name", ["box8", "evil.example", "192.168.1.8", "10.0.0.1"])
def test_server_is_nobody_else(name: str) -> None:
    """A name that it is not for."""
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(CA, SERVER, name)


def test_server_is_nothing_without_its_ca() -> None:
    """Another box's CA does not stand for it."""
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(new_ca("bolts", NAMES), SERVER, "box7")


@pytest.mark.parametrize("name", ["bank.example", "93.184.216.34", "localevil"])
def test_ca_is_good_for_this_box_alone(name: str) -> None:
    """Whoever steals its key cannot be somebody's bank: OpenSSL holds it to its constraints."""
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted"):
        shaken(CA, forged(name), name)


def forged(name: str) -> Pair:
    """Signed with the key of CA for a name for which CA may not sign."""
    names = box_names("box7", [], [name])
    # our own way of signing would leave the name out: asked of a CA that may, then signed by CA
    other = Pair(CA.key, new_ca("thief", names).certificate)
    made = new_server("thief", names, other, NOW)
    old = made.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(CA.certificate.subject)
        .public_key(made.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
    )
    for each in old.extensions:
        builder = builder.add_extension(each.value, critical=each.critical)
    return Pair(made.key, builder.sign(CA.key, hashes.SHA256()))


def test_signable_sets_aside_what_the_ca_may_not_sign_for() -> None:
    """A name that the box got later, outside of private networks and .local."""
    later = box_names("box7", ["192.168.1.7", "10.1.2.3", "198.51.100.7"], ["new.example.com"])
    found = signable(later, CA)
    assert found.strange == ("198.51.100.7", "new.example.com")
    assert "10.1.2.3" in found.addresses
    assert "box7.local" in found.hosts
    assert shaken(CA, new_server("bolts", later, CA, NOW), "10.1.2.3")


def test_is_good_until_a_third_of_its_time_is_left() -> None:
    """Then another one is made, long before a browser complains; nor before its time."""
    made = FLOOR + LASTS
    server = new_server("bolts", NAMES, CA, made)
    assert is_good(server, NAMES, CA, made)
    assert is_good(server, NAMES, CA, made + LASTS / 2)
    assert not is_good(server, NAMES, CA, made + LASTS * 3 / 4)
    assert not is_good(server, NAMES, CA, made + LASTS * 27)
    assert not is_good(server, NAMES, CA, made - LASTS / 2)


def test_is_good_for_these_names_and_this_ca_alone() -> None:
    """An address that the box got or lost, a key of another certificate."""
    assert not is_good(SERVER, box_names("box7", ["192.168.1.8"], ["qa.example.com"]), CA, NOW)
    assert not is_good(SERVER, NAMES, new_ca("bolts", NAMES), NOW)
    other = new_server("bolts", NAMES, CA, NOW)
    assert not is_good(Pair(other.key, SERVER.certificate), NAMES, CA, NOW)
    assert is_good(SERVER, BoxNames(NAMES.hosts[::-1], NAMES.addresses[::-1], ("x y",)), CA, NOW)


def test_server_of_a_box_that_believes_it_is_1970_is_good_now() -> None:
    """Its clock does not run without current, and nobody has set it yet."""
    old = dt.datetime(1970, 1, 1, 0, 5, tzinfo=dt.timezone.utc)
    server = new_server("bolts", NAMES, CA, old)
    assert is_good(server, NAMES, CA, old)
    assert server.certificate.not_valid_before_utc <= FLOOR
    assert CA.certificate.not_valid_before_utc < FLOOR


def test_pem_brings_back_key_and_certificate() -> None:
    """With those above it behind; and nothing that is no such text is taken for one."""
    text = in_pem(SERVER, CA.certificate)
    found = of_pem(text)
    assert found.certificate == SERVER.certificate
    assert found.key.private_numbers() == SERVER.key.private_numbers()
    assert x509.load_pem_x509_certificates(text)[1] == CA.certificate
    key = text[: text.index(b"-----BEGIN CERT")]
    for wrong in (b"", b"\x00", key, text[len(key) :], key + public_pem(CA.certificate)):
        with pytest.raises(ValueError, match=r"."):
            of_pem(wrong)


def test_pem_that_was_cut_is_none() -> None:
    """At every tenth byte of what it needs."""
    text = in_pem(SERVER)
    for end in range(0, len(text.rstrip()) - 1, 10):
        with pytest.raises(ValueError, match=r"."):
            of_pem(text[:end])


def test_fingerprint_is_as_a_browser_shows_it() -> None:
    """SHA-256 of the certificate, in pairs."""
    der = ssl.PEM_cert_to_DER_cert(public_pem(CA.certificate).decode())
    assert fingerprint(CA.certificate).replace(":", "").lower() == hashlib.sha256(der).hexdigest()
    assert fingerprint(CA.certificate).count(":") == 31
