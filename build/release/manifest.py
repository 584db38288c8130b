"""What a release says of itself: in its signed manifest, and in `release.json` inside the image.

No unknown key is taken. How its bytes are read stands in gonogo.base.strict_json.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.engines.bundles.manifest import Exact, Instant, OneLine, Sha256
from gonogo.engines.bundles.version import Version  # noqa: TC001 - pydantic evaluates it

PRODUCT = "gonogo"
PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"

Word = Annotated[str, Field(pattern=PATTERN)]
Count = Annotated[int, Field(ge=0)]


class Source(Exact):
    """Of which checkout: its commit, when that was made, and whether files differed from it."""

    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
    time: Instant
    dirty: bool


class Box(Exact):
    """What it runs on."""

    target: Word
    machine: Literal["x86_64", "aarch64"]
    python: Annotated[str, Field(pattern=r"^3\.[0-9]{1,2}$")]
    glibc: Annotated[str, Field(pattern=r"^2\.[0-9]{1,2}$")]


class Lock(Exact):
    """The lock file that every wheel was held against."""

    name: OneLine
    sha256: Sha256


class Bytecode(Exact):
    """What was compiled beforehand: by which Python, how many files; `python` None: nothing."""

    python: Annotated[str, Field(pattern=r"^3(\.[0-9]{1,3}){2}$")] | None
    files: Count
    note: OneLine = ""


class Distribution(Exact):
    """One wheel that went in; `licence` as its metadata has it, `texts` how many files of it."""

    name: OneLine
    version: OneLine
    wheel: OneLine
    sha256: Sha256
    licence: OneLine
    texts: Count


class Facts(Exact):
    """What is inside: `release.json`."""

    name: Word
    version: Version
    box: Box
    source: Source
    lock: Lock
    bytecode: Bytecode
    expires: Instant | None = None
    distributions: Annotated[tuple[Distribution, ...], Field(min_length=1, max_length=500)]

    @property
    def without_licence(self) -> list[str]:
        """Distributions that bring no licence text, by name."""
        return [each.name for each in self.distributions if not each.texts]


class Image(Exact):
    """The squashfs before the manifest, to the last byte."""

    length: Annotated[int, Field(ge=1)]
    sha256: Sha256


class Manifest(Exact):
    """The signed part."""

    format: Literal["gonogo release 1"] = "gonogo release 1"
    image: Image
    facts: Facts
