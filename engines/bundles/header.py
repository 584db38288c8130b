"""The bundle: one file that carries an engine with all that proves it, signed.

    header     144 bytes, little-endian
               0   magic            8   89 47 4E 47 0D 0A 1A 0A: shows a transfer as text
               8   format version   2   1
               10  zero             2
               12  manifest length  4   at most MAX_MANIFEST_BYTES
               16  manifest digest  32  SHA-256: tells a damaged file from a forged one
               48  signer           32  Ed25519 public key, or zeros
               80  signature        64  of the manifest's very bytes, or zeros
    manifest   JSON (gonogo.engines.bundles.manifest), with the SHA-256 of every file
    payload    the files, one right after another, to the very end; nothing is compressed

This module is the header: bytes to values and back. gonogo.engines.bundles.read opens
bundles, gonogo.engines.bundles.write makes them.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BundleDamaged, BundleTooLarge, BundleTooNew, BundleUntrusted
from gonogo.engines.bundles.keys import KEY_BYTES, PublicKey

if TYPE_CHECKING:
    from gonogo.engines.bundles.keys import PrivateKey

# built as PNG's signature is (PNG, "Rationale"): a byte that no 7-bit transfer lets through, both
# line ends, which a transfer as text would change, and the end of a text for DOS between them
MAGIC = b"\x89GNG\r\n\x1a\n"
FORMAT = 1
MAX_MANIFEST_BYTES = 1 << 18  # read into memory before anybody is trusted
MAX_BUNDLE_BYTES = 1 << 31
SIGNATURE_BYTES = 64
_LAYOUT = struct.Struct("<8sHHI32s32s64s")
HEADER_BYTES = _LAYOUT.size
_NO_KEY, _NO_SIGNATURE = bytes(KEY_BYTES), bytes(SIGNATURE_BYTES)


class Header(NamedTuple):
    """The fixed part in front; signer and signature are zeros when nobody has signed."""

    manifest_bytes: int
    manifest_sha256: bytes
    signer: bytes = _NO_KEY
    signature: bytes = _NO_SIGNATURE

    @property
    def signed(self) -> bool:
        """Whether somebody claims to have signed it."""
        # or: with one half wiped out it is a bad signature, and not an unsigned bundle
        return self.signer != _NO_KEY or self.signature != _NO_SIGNATURE

    def pack(self) -> bytes:
        """Its bytes."""
        return _LAYOUT.pack(MAGIC, FORMAT, 0, *self)


def header_of(manifest: bytes, key: PrivateKey | None) -> Header:
    """The header in front of these bytes, signed where there is a key."""
    header = Header(len(manifest), hashlib.sha256(manifest).digest())
    if key is None:
        return header
    return header._replace(signer=key.public.raw, signature=key.sign(manifest))


def parse_header(raw: bytes) -> Header:
    """From HEADER_BYTES bytes; BundleError for what is no bundle of this format."""
    magic, version, zero, length, digest, signer, signature = _LAYOUT.unpack(raw)
    if magic != MAGIC:
        raise BundleDamaged(
            "it does not begin as a bundle does: another kind of file, or copied as text; "
            "copy the .gng file again"
        )
    if version > FORMAT:  # before anything else of the header, which may mean something else there
        raise BundleTooNew(
            f"bundle format {version}, this gonogo reads {FORMAT}; update gonogo on this box"
        )
    if version != FORMAT or zero:  # no format 0 was ever written, nor anything into these bytes
        raise BundleDamaged("its header was changed; copy it again")
    if length > MAX_MANIFEST_BYTES:
        raise BundleTooLarge(
            f"a manifest of {length} bytes, expected at most {MAX_MANIFEST_BYTES}; "
            "copy it again, or have it built again"
        )
    return Header(length, digest, signer, signature)


def check_manifest(header: Header, manifest: bytes) -> PublicKey | None:
    """Who has signed these bytes, None for nobody; BundleError unless they are as they were."""
    # no protection, for nobody signs the header: it tells an accident from a forgery
    if hashlib.sha256(manifest).digest() != header.manifest_sha256:
        raise BundleDamaged("its manifest was changed or damaged on the way; copy it again")
    if not header.signed:
        return None
    signer = PublicKey(header.signer)
    if not signer.verifies(header.signature, manifest):
        raise BundleUntrusted(
            f"the signature is not that of key {signer.fingerprint} under this manifest: "
            "it was changed after signing; copy it again, or ask its maker"
        )
    return signer
