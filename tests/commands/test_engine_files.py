"""The commands for keys, bundles and installed engines: what they say, and how they end."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.engines.bundles.keys import read_public
from gonogo.engines.bundles.manifest import PNG_SIGNATURE
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.installed.layout import BUNDLE
from gonogo.tests.engines.bundles.parcels import MAKER, STRANGER, for_hailo, make

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

HOUR = timedelta(hours=1)


def gonogo(*words: str | Path, ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result: Result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == ends, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture
def now() -> datetime:
    """An hour ago, so that bundles of then are of age."""
    return datetime.now(timezone.utc) - HOUR


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    """The public key file of the maker."""
    path = tmp_path / "maker.pub"
    path.write_text(f"{MAKER.public.line} the maker\n")
    return path


def test_keys_new_makes_a_pair_once(tmp_path: Path) -> None:
    """And says where, with the fingerprint."""
    out = tmp_path / "line3.key"
    said = gonogo("keys", "new", "--out", out, "--comment", "line 3")
    public = read_public(tmp_path / "line3.key.pub")
    assert public.fingerprint in said
    assert public.comment == "line 3"
    assert "GN330" in gonogo("keys", "new", "--out", out, ends=1)


def test_bundle_show_tells_people_what_it_is(tmp_path: Path, now: datetime) -> None:
    """Whoever signed it, of whatever age, and without a signature."""
    about: dict[str, Any] = {"note": "for line 3", "picture": PNG_SIGNATURE + b"pixels"}
    path = make(tmp_path, created=now, expires=now + HOUR / 2, key=STRANGER, **about)
    said = gonogo("bundle", "show", path)
    for words in (
        "bolt 1.0.0, engine ",
        f"made {now:%Y-%m-%d %H:%M} UTC, expires ",
        f"signed by {STRANGER.public.fingerprint}",
        "wants gonogo 0.1.0 or newer and 100 MB of memory",
        "takes 16 x 16 px, 3 planes (rgb), uint8",
        "onnxruntime: recheck above 240, reject above 252; self-test 200.5, 251.25 within 2 %",
        "for line 3",
        "selftest.u8            1536 bytes  sha256 ",
        "histogram.png            14 bytes  sha256 ",
    ):
        assert words in said
    assert "NOT SIGNED" in gonogo("bundle", "show", make(tmp_path, key=None))


def test_bundle_verify_fails_on_damage_age_and_strangers(
    tmp_path: Path, now: datetime, trusted: Path
) -> None:
    """Exit code 0 only for what this box would take."""
    path = make(tmp_path, created=now)
    assert "--trust" in gonogo("bundle", "verify", path)
    assert "whole, signed by" in gonogo("bundle", "verify", path, "--trust", trusted)
    assert "GN326" in gonogo("bundle", "verify", path, "--memory-mb", "50", ends=1)
    os.truncate(path, path.stat().st_size - 1)
    assert "GN321" in gonogo("bundle", "verify", path, ends=1)
    assert "GN321" in gonogo("bundle", "show", path, ends=1)
    strange = make(tmp_path, created=now, key=STRANGER)
    gonogo("bundle", "verify", strange)
    assert "GN323" in gonogo("bundle", "verify", strange, "--trust", trusted, ends=1)
    unsigned = make(tmp_path, created=now, key=None)
    assert "GN323" in gonogo("bundle", "verify", unsigned, ends=1)
    assert "NOT SIGNED" in gonogo("bundle", "verify", unsigned, "--unsigned")
    old = make(tmp_path, created=now, expires=now + HOUR / 2)
    assert "GN324" in gonogo("bundle", "verify", old, ends=1)
    assert "GN320" in gonogo("bundle", "verify", tmp_path / "none.gng", ends=1)
    assert "GN330" in gonogo("bundle", "verify", path, "--trust", tmp_path / "none", ends=1)


def test_bundle_sign_signs_and_signs_anew(tmp_path: Path, now: datetime) -> None:
    """With the key of a file, so that whoever trusts it takes the bundle."""
    key = tmp_path / "line3.key"
    gonogo("keys", "new", "--out", key)
    for before in (None, STRANGER):
        path = make(tmp_path, created=now, key=before)
        public = tmp_path / "line3.key.pub"
        assert "GN323" in gonogo("bundle", "verify", path, "--trust", public, ends=1)
        gonogo("bundle", "sign", path, "--key", key)
        gonogo("bundle", "verify", path, "--trust", public)
    assert "GN330" in gonogo("bundle", "sign", path, "--key", public, ends=1)


def test_engines_are_installed_activated_taken_back_and_removed(
    tmp_path: Path, now: datetime, trusted: Path
) -> None:
    """The way of a technician with a stick."""
    root = ("--root", tmp_path / "engines")
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        path = make(tmp_path, version=version, created=now)
        assert f"bolt {version} is installed" in gonogo(
            "engines", "install", path, *root, "--trust", trusted
        )
    assert "active 1.0.0\n" in gonogo("engines", "activate", "bolt", "1.0.0", *root)
    said = gonogo("engines", "activate", "bolt", "1.2.0", *root, "--trust", trusted)
    assert "active 1.2.0; before it: 1.0.0" in said
    assert "active 1.0.0; before it: 1.2.0" in gonogo("engines", "rollback", "bolt", *root)
    assert "GN343" in gonogo("engines", "remove", "bolt", "1.0.0", *root, ends=1)
    gonogo("engines", "remove", "bolt", "1.1.0", *root)
    os.truncate(tmp_path / "engines" / "bolt" / "1.2.0" / "bundle.gng", 9)
    active, previous = gonogo("engines", "list", *root).splitlines()
    assert active.split()[:3] == ["bolt", "1.0.0", "active"]
    assert f"signed by {MAKER.public.fingerprint}" in active
    assert previous.split()[:3] == ["bolt", "1.2.0", "previous"]
    assert "CANNOT BE USED: GN321" in previous


def test_bundle_for_an_accelerator_alone_is_shown_signed_and_installed(
    tmp_path: Path, now: datetime, trusted: Path
) -> None:
    """Nobody asks for a form for CPUs that it does not have, or opens what is no ONNX file."""
    path, root = for_hailo(tmp_path, created=now, key=None), ("--root", tmp_path / "engines")
    gonogo("keys", "new", "--out", tmp_path / "other.key")
    assert "NOT SIGNED" in (said := gonogo("bundle", "show", path))
    gonogo("bundle", "sign", path, "--key", tmp_path / "other.key")
    assert "GN323" in gonogo("bundle", "verify", path, "--trust", trusted, ends=1)
    path = for_hailo(tmp_path, created=now)
    assert "whole, signed by" in gonogo("bundle", "verify", path, "--trust", trusted)
    assert "hailo: recheck above 240, reject above 252; self-test 200.5, 251.25 within 10 %" in said
    assert "hailo.hef" in said
    assert "onnx" not in said
    gonogo("engines", "install", path, *root, "--trust", trusted)
    gonogo("engines", "activate", "bolt", "1.0.0", *root)
    assert "bolt" in gonogo("engines", "list", *root)
    with Bundle(tmp_path / "engines" / "bolt" / "1.0.0" / BUNDLE, INSPECTION) as found:
        assert f"engine {found.card.engine_id:016x}" in said


def test_engines_install_asks_whom_to_trust(tmp_path: Path, now: datetime, trusted: Path) -> None:
    """A stranger's engine gets in by no default."""
    root = ("--root", tmp_path / "engines")
    path = make(tmp_path, created=now, key=STRANGER)
    assert "expected --trust" in gonogo("engines", "install", path, *root, ends=1)
    refused = gonogo("engines", "install", path, *root, "--trust", trusted, "--unsigned", ends=1)
    assert "GN323" in refused
    path = make(tmp_path, created=now, key=None)
    gonogo("engines", "install", path, *root, "--trust", trusted, "--unsigned")
    gonogo("engines", "activate", "bolt", "1.0.0", *root)
    assert "GN323" in gonogo(
        "engines", "activate", "bolt", "1.0.0", *root, "--trust", trusted, ends=1
    )


def test_engines_commands_say_what_is_missing(tmp_path: Path) -> None:
    """In one line with a number."""
    root = ("--root", tmp_path)
    assert "nothing is installed" in gonogo("engines", "list", *root)
    assert "GN342" in gonogo("engines", "activate", "bolt", "1.0.0", *root, ends=1)
    assert "GN342" in gonogo("engines", "rollback", "bolt", *root, ends=1)
    assert "GN340" in gonogo("engines", "list", "--root", tmp_path / "none", ends=1)
