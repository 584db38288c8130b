"""Releases as bytes, without a program that makes images.

Import as `gonogo.tests.build.release.fabricated`.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any

from gonogo.base import strict_json as strictjson
from gonogo.build.release.footer import trailer_of
from gonogo.build.release.manifest import Facts, Image, Manifest
from gonogo.tests.build.release.parcels import MAKER

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.bundles.keys import PrivateKey

# a superblock that says how long it is, and something behind it, filled up to whole blocks
USED = 9000
IMAGE = (struct.pack("<4s36xQ", b"hsqs", USED) + bytes(range(256)) * 40)[:USED].ljust(12288, b"\0")


def facts(**changed: Any) -> Facts:  # noqa: ANN401 - any field
    """Of a release of today."""
    return Facts.model_validate(
        {
            "name": "gonogo",
            "version": "1.2.3",
            "box": {
                "target": "x86_64-debian12", "machine": "x86_64", "python": "3.11",
                "glibc": "2.36",
            },
            "source": {"commit": "a" * 40, "time": "2026-03-01T12:00:00Z", "dirty": False},
            "lock": {"name": "newest.txt", "sha256": "b" * 64},
            "bytecode": {"python": "3.11.2", "files": 3},
            "distributions": [
                {
                    "name": "gonogo", "version": "1.2.3", "wheel": "gonogo-1.2.3-py3-none-any.whl",
                    "sha256": "c" * 64, "licence": "Apache-2.0", "texts": 1,
                },
                {
                    "name": "small", "version": "1.0+x", "wheel": "small-1.0-py3-none-any.whl",
                    "sha256": "d" * 64, "licence": "", "texts": 0,
                },
            ],
            **changed,
        }
    )  # fmt: skip


def raw_manifest(said: Facts | None = None, image: bytes = IMAGE) -> bytes:
    """The bytes of a manifest."""
    digest = hashlib.sha256(image).hexdigest()
    found = Image(length=len(image), sha256=digest)
    return strictjson.encode(Manifest(image=found, facts=said or facts()))


def whole(raw: bytes | None = None, key: PrivateKey | None = MAKER) -> bytes:
    """The bytes of a release."""
    raw = raw_manifest() if raw is None else raw
    return IMAGE + raw + trailer_of(raw, key).pack()


def written(folder: Path, data: bytes | None = None) -> Path:
    """A file of it."""
    path = folder / "gonogo-1.2.3-x86_64-debian12.gnr"
    path.write_bytes(whole() if data is None else data)
    return path
