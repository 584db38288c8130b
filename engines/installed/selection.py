"""Which version of an engine is active, and which one was before it: one small file an engine.

Both stand in one file that is switched by one rename. Two links would survive a kill
each, but not together: after one between them, active and previous were the same, and
nothing was left to go back to. And a file, not a link, because a file can be brought to
the disk before its name is (fsync), and can carry the name of its engine and a digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base import strict_json as strictjson
from gonogo.base.atomic_file import replace
from gonogo.base.errors import BundleManifestError, RegistryError
from gonogo.engines.bundles.version import is_version

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_file import Files

FILE = "selected"
SEAL = strictjson.seal_of("gonogo selected 1")
_MAX_BYTES = 4096  # many times what is written: more is no selection of ours


class Selection(NamedTuple):
    """Versions of one engine; None for none."""

    active: str | None = None
    previous: str | None = None

    def mark(self, version: str) -> str:
        """What a version is here: "active", "previous" or nothing."""
        # active last: it counts where a version is both
        return {self.previous: "previous", self.active: "active"}.get(version, "")


def write_selection(folder: Path, selection: Selection, files: Files) -> None:
    """Switch; OSError leaves the old one, or is told after the new one is there."""
    content = {"engine": folder.name, "selected": selection._asdict()}
    replace(folder / FILE, strictjson.sealed(content, SEAL), files)


def read_selection(folder: Path) -> Selection:
    """The versions that are selected; RegistryError for a damaged file, or another engine's."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            # what the seal does not fit becomes an empty text, and so no JSON
            text = strictjson.unsealed(file.read(_MAX_BYTES), SEAL) or b""
        content = strictjson.decode(text, str(path))
        found = content["selected"]
        if content["engine"] == folder.name and all(map(_is_choice, found.values())):
            return Selection(**found)
    except FileNotFoundError:
        return Selection()  # nobody has chosen yet
    except (BundleManifestError, LookupError, TypeError, AttributeError):
        pass
    raise RegistryError(
        f"{path} is damaged, of another engine or of an earlier gonogo, so nobody knows which "
        "version was active; "
        f"choose one: gonogo engines activate {folder.name} VERSION"
    )


def _is_choice(value: object) -> bool:
    return value is None or (isinstance(value, str) and is_version(value))
