"""The file of a release (.gnr): an image that can be mounted as it is, and who signed it.

    image      a squashfs, which says its own length: bytes behind it do it no harm
    manifest   JSON (gonogo.build.release.manifest), with the SHA-256 of the image
    trailer    144 bytes, little-endian, the last of the file
               0    signer           32  Ed25519 public key, or zeros
               32   signature        64  of the manifest's very bytes, or zeros
               96   manifest digest  32  SHA-256: tells a damaged file from a forged one
               128  manifest length  4   at most MAX_MANIFEST_BYTES
               132  format version   2   1
               134  zero             2
               136  magic            8   89 47 4E 52 0D 0A 1A 0A

Magic and format stand at the very end, where they will be found whatever comes to stand
before them. This module is bytes to values and back.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReleaseDamaged, ReleaseTooNew, ReleaseUntrusted
from gonogo.engines.bundles.keys import KEY_BYTES, PublicKey

if TYPE_CHECKING:
    from gonogo.engines.bundles.keys import PrivateKey

MAGIC = b"\x89GNR\r\n\x1a\n"  # built as that of an engine's bundle
FORMAT = 1
MAX_MANIFEST_BYTES = 1 << 18  # read into memory before anybody is trusted
SIGNATURE_BYTES = 64
_LAYOUT = struct.Struct("<32s64s32sIHH8s")
TRAILER_BYTES = _LAYOUT.size
_NO_KEY, _NO_SIGNATURE = bytes(KEY_BYTES), bytes(SIGNATURE_BYTES)


class Trailer(NamedTuple):
    """The fixed part at the end; signer and signature are zeros when nobody has signed."""

    signer: bytes
    signature: bytes
    manifest_sha256: bytes
    manifest_bytes: int

    @property
    def signed(self) -> bool:
        """Whether somebody claims to have signed it."""
        # or: with one half wiped out it is a bad signature, and not an unsigned release
        return self.signer != _NO_KEY or self.signature != _NO_SIGNATURE

    def pack(self) -> bytes:
        """Its bytes."""
        return _LAYOUT.pack(*self, FORMAT, 0, MAGIC)


def trailer_of(manifest: bytes, key: PrivateKey | None) -> Trailer:
    """What stands behind these bytes, signed where there is a key."""
    signer, signature = _NO_KEY, _NO_SIGNATURE
    if key is not None:
        signer, signature = key.public.raw, key.sign(manifest)
    return Trailer(signer, signature, hashlib.sha256(manifest).digest(), len(manifest))


def parse_trailer(raw: bytes) -> Trailer | None:
    """From TRAILER_BYTES bytes; None for what does not end as a release does. ReleaseError."""
    *fields, version, zero, magic = _LAYOUT.unpack(raw)
    if magic != MAGIC:
        return None
    if version > FORMAT:  # before anything else, which may mean something else there
        raise ReleaseTooNew(
            f"release format {version}, this gonogo reads {FORMAT}; "
            "take a release between this one and that one"
        )
    found = Trailer(*fields)
    if version != FORMAT or zero or found.manifest_bytes > MAX_MANIFEST_BYTES:
        raise ReleaseDamaged("its last bytes were changed; copy it again")
    return found


def check_manifest(trailer: Trailer, manifest: bytes) -> PublicKey | None:
    """Who has signed these bytes, None for nobody; ReleaseError unless they are as they were."""
    # no protection, for nobody signs the trailer: it tells an accident from a forgery
    if hashlib.sha256(manifest).digest() != trailer.manifest_sha256:
        raise ReleaseDamaged("its manifest was changed or damaged on the way; copy it again")
    if not trailer.signed:
        return None
    signer = PublicKey(trailer.signer)
    if not signer.verifies(trailer.signature, manifest):
        raise ReleaseUntrusted(
            f"the signature is not that of key {signer.fingerprint} under this manifest: "
            "it was changed after signing; copy it again, or ask its maker"
        )
    return signer
