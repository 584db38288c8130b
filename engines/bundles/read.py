"""Opening a bundle, and what it says.

How its bytes are had stands in gonogo.engines.bundles.bundle_file, what is checked before
anything is used in gonogo.engines.bundles.admission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base import strict_json as strictjson
from gonogo.engines.bundles.admission import admit
from gonogo.engines.bundles.bundle_file import BundleFile, about
from gonogo.engines.bundles.header import MAX_BUNDLE_BYTES
from gonogo.engines.bundles.patch_bank import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.engines.bundles.manifest import Role
    from gonogo.engines.bundles.patch_bank import PatchBank
    from gonogo.engines.bundles.policy import Policy


class Bundle:
    """One bundle that `policy` takes, whole; the constructor opens and checks it.

    BundleError says what is wrong, never anything else. `signer` is None when nobody signed.
    """

    def __init__(self, path: Path, policy: Policy, *, limit_bytes: int = MAX_BUNDLE_BYTES) -> None:
        self.path = path
        with about(path):  # all that is refused from here on names the path
            self.file = BundleFile(path, limit_bytes)
            try:
                admitted = admit(self.file, policy)
            except BaseException:
                # a stick with a thousand bad ones must not use the descriptors up
                self.close()
                raise
        self.raw_manifest, self.signer = admitted.raw_manifest, admitted.signer
        self.manifest, self.card = admitted.manifest, admitted.card
        self._payload = admitted.payload

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
        self.file.close()

    @property
    def size_bytes(self) -> int:
        """Of the whole file."""
        return self.file.size_bytes

    def section(self, role: str) -> bytes:
        """The bytes of the file of a role, checked as they are now; BundleError without one."""
        with about(self.path):
            return self._payload.content(self.manifest.entry(role))

    def document(self, role: Role) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value of `proof` or `histogram`."""
        with about(self.path):
            entry = self.manifest.entry(role)
            return strictjson.decode(self._payload.content(entry), entry.name)

    def self_test_frames(self) -> NDArray[np.uint8]:
        """Frames (frames, height, width[, 3]) uint8 by which an engine proves that it is itself."""
        # a view of the very bytes that were checked, and read-only as they are
        frames = np.frombuffer(self.section("selftest"), np.uint8)
        return frames.reshape(-1, *self.manifest.input.frame_shape)

    def embeddings(self) -> NDArray[np.float32]:
        """Embeddings (parts, embedding_length) float32 of good parts."""
        # little-endian in the file, in this machine's order from here on
        rows = np.frombuffer(self.section("embeddings"), "<f4").astype(np.float32)
        return rows.reshape(-1, self.manifest.embedding_length)

    def patches(self) -> PatchBank:
        """Patches of good parts; BundleError without them, PatchBankUnusable."""
        return decode(self.section("patches"))

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The whole file from `start` on, as it is now, at most CHUNK_BYTES at a time."""
        # not checked again: who copies it opens the copy (installed/install.py, sign_bundle)
        with about(self.path):
            yield from self.file.chunks(start, self.size_bytes)
