"""A small JSON file of ours that changes a verdict: sealed, bounded, of one version.

One that was edited, damaged or cut off is refused, and so is one of another version: whoever wrote
it makes it again in a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gonogo.base import atomic_file, strict_json
from gonogo.base.errors import BundleManifestError, GonogoError, OutputError
from gonogo.base.section import Section

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.seal import Seal

S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class SealedFile(Generic[S]):
    """A kind of such files: `model` has a `version`; `again` says how one is made anew."""

    model: type[S]
    seal: Seal
    version: int
    max_bytes: int
    error: type[GonogoError]
    again: str

    def write(self, path: Path, value: S) -> None:
        """The file, whole or not at all; OutputError where it cannot be."""
        try:
            atomic_file.replace(path, strict_json.sealed(value, self.seal))
        except OSError as error:
            raise OutputError(
                f"{path}: cannot be written: {error.strerror}; expected a folder that is there and "
                "takes files of this user"
            ) from error

    def read(self, path: Path) -> S:
        """What it says, or the kind's error with the reason and the remedy."""
        body = strict_json.unsealed(self._raw(path), self.seal)
        if body is None:
            raise self.error(
                f"{path}: not as it was written (its digest says so): damaged or edited; "
                f"{self.again}"
            )
        try:
            # its version first: a file of another one is not damaged
            found = strict_json.decode(body, str(path))
            version = found.get("version") if isinstance(found, dict) else None
            if version != self.version:
                raise self.error(
                    f"{path}: expected version {self.version}, got {version!r}; {self.again}"
                )
            return strict_json.read(body, self.model, str(path))
        except BundleManifestError as error:
            why = str(error.args[0]).removesuffix("; have it built again")
            raise self.error(f"{why}; {self.again}") from error

    def _raw(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                # one more tells that there is more, without reading it all
                raw = file.read(self.max_bytes + 1)
        except OSError as error:
            raise self.error(f"{path}: cannot be read: {error.strerror}; {self.again}") from error
        if len(raw) > self.max_bytes:
            raise self.error(
                f"{path}: expected at most {self.max_bytes} bytes, got more; {self.again}"
            )
        return raw
