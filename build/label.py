"""What stands on a bundle beside its engine: name, version, and from when until when it holds."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError
from gonogo.engines.bundles.version import is_version
from gonogo.engines.section import NAME

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "1.0.0"  # of a file whose name says none
NOTE_MAX = 1000


class Label(NamedTuple):
    """What stands on the bundle; times are aware. Without `expires` it holds for ever."""

    name: str
    version: str
    created: datetime
    expires: datetime | None = None
    note: str = ""

    def check(self) -> None:
        """What the bundle's manifest would refuse at the end; BuildError names the option."""
        # the name is that of a folder where the bundle is installed
        if not re.fullmatch(NAME, self.name):
            raise BuildError(
                f"--name {self.name!r}: expected 1 to 40 letters, digits and _ . - that begin with "
                "a letter or digit; without --name it is that of --out"
            )
        if not is_version(self.version):
            raise BuildError(f"--version {self.version!r}: expected one as 1.2.0 or 1.2.0-rc.1")
        if self.expires is not None and self.expires <= self.created:
            raise BuildError(f"--expires {self.expires:%Y-%m-%d}: expected a day to come")
        if len(self.note) > NOTE_MAX or not self.note.isprintable():
            raise BuildError(f"--note: expected one line of at most {NOTE_MAX} characters")


def label_of(out: Path) -> Label:
    """Of a bundle that is made now, by the name of its file; BuildError."""
    label = Label(*name_and_version(out), datetime.now(timezone.utc))
    label.check()
    return label


def name_and_version(out: Path) -> tuple[str, str]:
    """Of bolt-1.2.0.gng: bolt and 1.2.0; of a name without a version: VERSION."""
    name, _, last = out.stem.partition("-")
    # a name may hold dashes (top-view-1.2.0), and a version, too (1.2.0-rc.1): what follows the
    # first dash behind which all is a version
    while last:
        if is_version(last):
            return name, last
        more, _, last = last.partition("-")
        name = f"{name}-{more}"
    return out.stem, VERSION
