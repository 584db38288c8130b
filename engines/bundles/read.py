"""Opening a bundle: everything is checked before anything is used, on one descriptor.

The file is opened once and never looked up by its path again, so replacing it on the
disk changes nothing. Each file of the payload is checked again in the very memory that
is handed out, so writing into it in place between check and use changes nothing, either.
It is read, not mapped: a mapped file that somebody cuts off kills its reader (SIGBUS).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import BundleDamaged, BundleError, BundleManifestError, BundleTooLarge
from gonogo.engines.bundles.header import (
    HEADER_BYTES,
    MAX_BUNDLE_BYTES,
    check_manifest,
    parse_header,
)
from gonogo.engines.bundles.manifest import MB, PNG_SIGNATURE, Manifest, check_picture
from gonogo.engines.card import Card

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.engines.bundles.header import Header
    from gonogo.engines.bundles.keys import PublicKey
    from gonogo.engines.bundles.manifest import FileEntry, Role
    from gonogo.engines.bundles.policy import Policy

CHUNK_BYTES = MB


class Bundle:
    """One bundle that `policy` takes, whole; the constructor opens and checks it.

    BundleError says what is wrong, never anything else. `signer` is None when nobody signed.
    """

    header: Header
    raw_manifest: bytes
    manifest: Manifest
    signer: PublicKey | None
    card: Card

    def __init__(self, path: Path, policy: Policy) -> None:
        self.path = path
        self.size_bytes = 0
        with self._about():
            self._fd = _open(path)
            try:
                self._admit(policy)
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go; idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def section(self, role: Role) -> bytes:
        """The bytes of the file of a role, checked as they are now; BundleError without one."""
        with self._about():
            return self._section(self.manifest.entry(role))

    def document(self, role: Role) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value of `proof` or `histogram`."""
        with self._about():
            entry = self.manifest.entry(role)
            return strictjson.decode(self._section(entry), entry.name)

    def self_test_frames(self) -> NDArray[np.uint8]:
        """Frames (frames, height, width[, 3]) uint8 by which an engine proves that it is itself."""
        frames = np.frombuffer(self.section("selftest"), np.uint8)
        return frames.reshape(-1, *self.manifest.input.frame_shape)

    def embeddings(self) -> NDArray[np.float32]:
        """Embeddings (parts, embedding_length) float32 of good parts."""
        rows = np.frombuffer(self.section("embeddings"), "<f4").astype(np.float32)
        return rows.reshape(-1, self.manifest.embedding_length)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The whole file from `start` on, as it is now, at most CHUNK_BYTES at a time."""
        for at in range(start, self.size_bytes, CHUNK_BYTES):
            with self._about():
                yield self._read(at, min(CHUNK_BYTES, self.size_bytes - at))

    def _admit(self, policy: Policy) -> None:
        self.size_bytes = _regular_size(self._fd)
        self.header = parse_header(self._read(0, HEADER_BYTES))
        self.raw_manifest = self._read(HEADER_BYTES, self.header.manifest_bytes)
        self.signer = check_manifest(self.header, self.raw_manifest)
        policy.check_signer(self.signer)
        self.manifest = strictjson.read(self.raw_manifest, Manifest, "manifest")
        policy.check_manifest(self.manifest)
        self._check_size()
        for entry in self.manifest.files:
            self._check_file(entry)
        self._check_card()
        self._check_picture()

    def _check_size(self) -> None:
        expected = self._payload_at + self.manifest.payload_bytes
        if self.size_bytes < expected:
            raise BundleDamaged(
                f"cut off: expected {expected} bytes, got {self.size_bytes}; copy it again"
            )
        if self.size_bytes > expected:
            raise BundleDamaged(
                f"expected {expected} bytes, got {self.size_bytes}: something was appended; "
                "copy it again"
            )

    def _check_file(self, entry: FileEntry) -> None:
        digest = hashlib.sha256()
        start = self._payload_at + entry.offset
        for at in range(start, start + entry.length, CHUNK_BYTES):
            digest.update(self._read(at, min(CHUNK_BYTES, start + entry.length - at)))
        _check_digest(entry, digest.hexdigest())

    def _check_card(self) -> None:
        """The card must describe the very model that it travels with."""
        entry = self.manifest.entry("card")
        self.card = strictjson.read(self._section(entry), Card, entry.name)
        model = self.manifest.find("cpu")
        if model is not None and self.card.sha256 != model.sha256:
            raise BundleManifestError(
                f"{entry.name} describes another model than {model.name}; have it built again"
            )

    def _check_picture(self) -> None:
        """It is shown to people by programs that take it for a picture."""
        entry = self.manifest.find("picture")
        if entry is not None:
            length = min(entry.length, len(PNG_SIGNATURE))
            check_picture(self._read(self._payload_at + entry.offset, length))

    def _section(self, entry: FileEntry) -> bytes:
        content = self._read(self._payload_at + entry.offset, entry.length)
        _check_digest(entry, hashlib.sha256(content).hexdigest())
        return content

    @property
    def _payload_at(self) -> int:
        return HEADER_BYTES + self.header.manifest_bytes

    def _read(self, at: int, length: int) -> bytes:
        """So many bytes; nothing is allocated for what is not there."""
        if at + length > self.size_bytes:
            raise BundleDamaged(
                f"cut off: expected at least {at + length} bytes, got {self.size_bytes}; "
                "copy it again"
            )
        parts = []
        while length:
            part = os.pread(self._fd, length, at)
            if not part:
                raise BundleDamaged("it was cut off while it was read; copy it again")
            parts.append(part)
            at, length = at + len(part), length - len(part)
        return b"".join(parts)

    @contextlib.contextmanager
    def _about(self) -> Iterator[None]:
        """Every refusal begins with the path."""
        try:
            yield
        except BundleError as error:
            raise type(error)(f"{self.path}: {error.args[0]}") from error
        except OSError as error:
            raise BundleError(
                f"{self.path}: expected a bundle that this user may read, got: {error.strerror}"
            ) from error


def _open(path: Path) -> int:
    """Without waiting for the other end of a pipe."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:  # a zero byte in the path
        raise BundleError(f"expected a path, got one that cannot be: {error}") from error


def _regular_size(fd: int) -> int:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise BundleError("expected a bundle file, got a folder or a device; check the path")
    if found.st_size > MAX_BUNDLE_BYTES:
        raise BundleTooLarge(
            f"{found.st_size} bytes, expected at most {MAX_BUNDLE_BYTES}; is it a bundle?"
        )
    return found.st_size


def _check_digest(entry: FileEntry, sha256: str) -> None:
    if sha256 != entry.sha256:
        raise BundleDamaged(
            f"its file {entry.name} was changed or damaged (SHA-256 {sha256[:12]}, the manifest "
            f"says {entry.sha256[:12]}); copy it again"
        )
