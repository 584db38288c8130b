"""Opening the file of a release: everything is checked before anything is used, in this order.

trailer     a release of this format
manifest    the very bytes whose digest and signature the trailer has
signer      one of those that are trusted
manifest    read, and only now: a stranger's JSON is not parsed
for whom    gonogo, of this target, of age
image       as long as the manifest says, to the byte, and with its digest
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import (
    BundleDamaged,
    BundleError,
    BundleManifestError,
    ReleaseCut,
    ReleaseDamaged,
    ReleaseError,
    ReleaseManifestError,
    ReleaseOther,
)
from gonogo.build.release.footer import TRAILER_BYTES, check_manifest, parse_trailer
from gonogo.build.release.kinds import what_else
from gonogo.build.release.manifest import PRODUCT, Manifest
from gonogo.engines.bundles.bundle_file import BundleFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.build.release.trust import Trust
    from gonogo.engines.bundles.keys import PublicKey

MAX_BYTES = 1 << 33  # no release is near it; more is a disk, or another kind of file


class Release:
    """A release that `trust` takes, whole; the constructor opens it and reads every byte.

    ReleaseError says what is wrong, never anything else. `target`: the only one that will do.
    `signer` is None when nobody signed.
    """

    def __init__(self, path: Path, trust: Trust, target: str | None = None) -> None:
        self.path = path
        with _about(path):
            self._file = BundleFile(path, MAX_BYTES)
            try:
                self.manifest, self.signer = _admit(self._file, trust)
                _check_kind(self.manifest, target)
                trust.check_age(self.manifest.facts)
                _check_image(self._file, self.manifest)
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

    @property
    def size_bytes(self) -> int:
        """Of the whole file."""
        return self._file.size_bytes

    def fileno(self) -> int:
        """The descriptor of what was checked, whatever stands under the path by now."""
        return self._file.fileno()

    def close(self) -> None:
        """Let the file go; idempotent."""
        self._file.close()


def _admit(file: BundleFile, trust: Trust) -> tuple[Manifest, PublicKey | None]:
    size = file.size_bytes
    trailer = parse_trailer(file.read(size - TRAILER_BYTES, TRAILER_BYTES)) if _fits(file) else None
    if trailer is None:
        raise what_else(file)
    begins_at = size - TRAILER_BYTES - trailer.manifest_bytes
    if begins_at < 0:  # longer than all of the file
        raise ReleaseDamaged("its last bytes were changed; copy it again")
    raw = file.read(begins_at, trailer.manifest_bytes)
    signer = check_manifest(trailer, raw)
    trust.check_signer(signer)  # before a word of the manifest is believed
    manifest = strictjson.read(raw, Manifest, "manifest")
    expected = manifest.image.length
    if begins_at < expected:
        raise ReleaseCut(
            f"bytes are missing: expected an image of {expected} bytes, got {begins_at}; "
            "copy it again"
        )
    if begins_at > expected:
        raise ReleaseDamaged(
            f"bytes were added: expected an image of {expected} bytes, got {begins_at}; "
            "copy it again"
        )
    return manifest, signer


def _fits(file: BundleFile) -> bool:
    return file.size_bytes >= TRAILER_BYTES


def _check_kind(manifest: Manifest, target: str | None) -> None:
    """Of this product, and for this box."""
    facts = manifest.facts
    if facts.name != PRODUCT:
        raise ReleaseOther(f"a release of {facts.name}, expected one of {PRODUCT}; check the path")
    if target is not None and facts.box.target != target:
        raise ReleaseOther(
            f"made for {facts.box.target}, expected {target}; "
            f"take {PRODUCT}-{facts.version}-{target}.gnr"
        )


def _check_image(file: BundleFile, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    for chunk in file.chunks(0, manifest.image.length):
        digest.update(chunk)
    found, expected = digest.hexdigest(), manifest.image.sha256
    if found != expected:
        raise ReleaseDamaged(
            f"its image was changed or damaged (SHA-256 {found[:12]}, the manifest says "
            f"{expected[:12]}); copy it again"
        )


@contextlib.contextmanager
def _about(path: Path) -> Iterator[None]:
    """Every refusal begins with the path, and is one of a release."""
    try:
        yield
    except ReleaseError as error:
        raise type(error)(f"{path}: {error.args[0]}") from error
    except BundleManifestError as error:
        raise ReleaseManifestError(f"{path}: {error.args[0]}") from error
    except BundleDamaged as error:  # shorter now than when it was opened
        raise ReleaseCut(f"{path}: {error.args[0]}") from error
    except BundleError as error:
        message = str(error.args[0]).replace("a bundle file", "a release file (.gnr)")
        message = message.replace("is it a bundle", "is it a release")
        raise ReleaseError(f"{path}: {message}") from error
    except OSError as error:
        raise ReleaseError(
            f"{path}: expected a release file (.gnr) that this user may read, got: {error.strerror}"
        ) from error
