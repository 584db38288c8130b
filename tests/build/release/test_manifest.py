"""What a release may say of itself."""

from __future__ import annotations

import json

import pytest

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import BundleManifestError
from gonogo.build.release.manifest import Manifest
from gonogo.tests.build.release.fabricated import facts, raw_manifest


def test_manifest_is_read_as_it_was_written() -> None:
    """To the field."""
    found = strictjson.read(raw_manifest(), Manifest, "manifest")
    assert found.facts == facts()
    assert found.facts.without_licence == ["small"]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("name", "../gonogo"),
        ("version", "1.2"),
        ("distributions", []),
        ("bytecode", {"python": "3.11", "files": 1}),
        ("source", {"commit": "main", "time": "2026-03-01T12:00:00Z", "dirty": False}),
        ("more", 1),
    ],
)
def test_manifest_takes_nothing_else(where: str, value: object) -> None:
    """No path for a name, no unknown key."""
    said = json.loads(raw_manifest())
    said["facts"][where] = value
    with pytest.raises(BundleManifestError, match="have it built again"):
        strictjson.read(json.dumps(said).encode(), Manifest, "manifest")
