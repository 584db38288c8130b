"""The certificates of a box: its own CA, and what that signs for the screen. Values in, values out.

The CA may sign for private networks, for `.local` and for the names that the box had when it was
made, and for nothing else (name constraints, RFC 5280 4.2.1.10): a browser that trusts a box whose
key was stolen is still safe at its bank. Times have a floor: a box without a clock that runs
believes it is 1970.
"""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from gonogo.console.access.box_names import BoxNames

FLOOR = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
_CA_FROM = dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)
_CA_UNTIL = dt.datetime(2055, 1, 1, tzinfo=dt.timezone.utc)
LASTS = dt.timedelta(days=397)  # browsers take no more
RENEWED = LASTS / 3  # before its end
_EARLY = dt.timedelta(days=1)  # the clock of a browser may be behind ours
_DOMAINS = ("local", "localhost")
_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
_Network = IPv4Network | IPv6Network


class Pair(NamedTuple):
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_ca(station: str, names: BoxNames) -> Pair:
    """The CA of a box, for thirty years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"gonogo {station} CA")
    builder = (
        _builder(name, name, key.public_key())
        .not_valid_before(_CA_FROM)
        .not_valid_after(_CA_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
    )
    return Pair(key, builder.sign(key, hashes.SHA256()))


def new_server(station: str, names: BoxNames, ca: Pair, now: dt.datetime) -> Pair:
    """What the screen shows to browsers: for those names that the CA may sign for."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = max(now, FLOOR) - _EARLY
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = (
        _builder(_name(f"gonogo {station}"), ca.certificate.subject, key.public_key())
        .not_valid_before(start)
        .not_valid_after(min(start + LASTS, _CA_UNTIL))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(server_auth, critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(signable(names, ca))), critical=False)
    )
    return Pair(key, builder.sign(ca.key, hashes.SHA256()))


def signable(names: BoxNames, ca: Pair) -> BoxNames:
    """Those names that the CA may sign for; the others stand in `strange`."""
    found = ca.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = [each.value for each in found.value.permitted_subtrees or ()]
    domains = [each for each in permitted if isinstance(each, str)]
    networks = [each for each in permitted if isinstance(each, (IPv4Network, IPv6Network))]

    def is_in_domain(host: str) -> bool:
        return any(host == each or host.endswith(f".{each}") for each in domains)

    hosts = tuple(each for each in names.hosts if is_in_domain(each))
    addresses = tuple(
        each for each in names.addresses if any(ip_address(each) in net for net in networks)
    )
    left = {*names.hosts, *names.addresses} - {*hosts, *addresses}
    return type(names)(hosts, addresses, (*names.strange, *sorted(left)))


def is_good(server: Pair, names: BoxNames, ca: Pair, now: dt.datetime) -> bool:
    """Whether it still serves: signed by that CA, for these names, and not near its end."""
    certificate = server.certificate
    at = max(now, FLOOR)
    in_time = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc - RENEWED
    try:
        certificate.verify_directly_issued_by(ca.certificate)
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    wanted = set(_general(signable(names, ca)))
    ours = server.key.public_key() == certificate.public_key()
    return in_time and ours and set(found.value) == wanted


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as browsers show it: AB:CD:..."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def in_pem(pair: Pair, *above: x509.Certificate) -> bytes:
    """The key, its certificate and those above it in one text: never one without the other."""
    key = pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key + b"".join(each.public_bytes(_PEM) for each in (pair.certificate, *above))


def of_pem(raw: bytes) -> Pair:
    """Back from the text; ValueError where it is none, or key and certificate do not fit."""
    try:
        key = serialization.load_pem_private_key(raw, None)
        certificate = x509.load_pem_x509_certificates(raw)[0]
    except (TypeError, IndexError) as error:
        raise ValueError(str(error)) from error
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key():
        return Pair(key, certificate)
    raise ValueError("expected an EC key and the certificate of that key")


def public_pem(certificate: x509.Certificate) -> bytes:
    """What a browser is given to trust."""
    return certificate.public_bytes(_PEM)


_PEM = serialization.Encoding.PEM


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(names: BoxNames) -> list[x509.GeneralName]:
    addresses = (x509.IPAddress(ip_address(each)) for each in names.addresses)
    return [*(x509.DNSName(each) for each in names.hosts), *addresses]


def _permitted(names: BoxNames) -> list[x509.GeneralName]:
    # a name that is in one of them already needs no entry of its own
    own = (each for each in names.hosts if not each.endswith(".local") and each not in _DOMAINS)
    domains = [x509.DNSName(each) for each in (*_DOMAINS, *own)]
    fixed = [ip_network(each) for each in _NETWORKS]
    alone = [ip_network(each) for each in names.addresses]
    more = [net for net in alone if not any(_is_within(net, wide) for wide in fixed)]
    return [*domains, *(x509.IPAddress(each) for each in (*fixed, *more))]


def _is_within(net: _Network, wide: _Network) -> bool:
    return net.version == wide.version and net.network_address in wide


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
