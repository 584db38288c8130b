"""The files in a bundle, each held against the digest that the signed manifest has of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gonogo.base.errors import BundleDamaged

if TYPE_CHECKING:
    from gonogo.engines.bundles.bundle_file import BundleFile
    from gonogo.engines.bundles.manifest import FileEntry


class Payload:
    """What lies behind the manifest, from byte `begins_at` of the file on; BundleDamaged.

    A file is checked again in the very memory that is handed out, so writing into it in place
    between check and use changes nothing.
    """

    def __init__(self, file: BundleFile, begins_at: int) -> None:
        self._file = file
        self._begins_at = begins_at

    def check_size(self, payload_bytes: int) -> None:
        """Refuse a bundle that does not end where its last file ends."""
        # what hides behind the last file is covered by no digest
        expected, size = self._begins_at + payload_bytes, self._file.size_bytes
        if size < expected:
            raise BundleDamaged(f"cut off: expected {expected} bytes, got {size}; copy it again")
        if size > expected:
            raise BundleDamaged(
                f"expected {expected} bytes, got {size}: something was appended; copy it again"
            )

    def check(self, entry: FileEntry) -> None:
        """Refuse a file that is not as it was bundled, without having all of it in memory."""
        # in chunks: a file may have 1 GB, and only one of them is wanted in memory in the end
        digest = hashlib.sha256()
        start = self._begins_at + entry.offset
        for chunk in self._file.chunks(start, start + entry.length):
            digest.update(chunk)
        _check_digest(entry, digest.hexdigest())

    def content(self, entry: FileEntry) -> bytes:
        """The bytes of a file, checked as they are now."""
        content = self._file.read(self._begins_at + entry.offset, entry.length)
        _check_digest(entry, hashlib.sha256(content).hexdigest())
        return content

    def beginning(self, entry: FileEntry, length: int) -> bytes:
        """At most so many of its first bytes, unchecked, and never those of the next file."""
        return self._file.read(self._begins_at + entry.offset, min(entry.length, length))


def _check_digest(entry: FileEntry, sha256: str) -> None:
    if sha256 != entry.sha256:
        raise BundleDamaged(
            f"its file {entry.name} was changed or damaged (SHA-256 {sha256[:12]}, the manifest "
            f"says {entry.sha256[:12]}); copy it again"
        )
