"""The commands for releases: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.tests.build.release.fabricated import facts, raw_manifest, whole, written
from gonogo.tests.build.release.parcels import MAKER, STRANGER, needs, parcel

if TYPE_CHECKING:
    from click.testing import Result


def gonogo(*words: str | Path, ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result: Result = CliRunner().invoke(main, ["release", *map(str, words)])
    assert result.exit_code == ends, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    """A folder with the public key of the maker."""
    folder = tmp_path / "trust"
    (folder / "revoked").mkdir(parents=True)
    (folder / "maker.pub").write_text(f"{MAKER.public.line} the maker\n")
    return folder


def test_verify_says_name_version_target_and_who_signed(tmp_path: Path, trusted: Path) -> None:
    """And what to say to be sure whose it is."""
    path = written(tmp_path)
    whole_one = f"{path}: whole, gonogo 1.2.3 for x86_64-debian12, signed by "
    said = gonogo("verify", path, "--trust", trusted)
    assert said == f"{whole_one}{MAKER.public.fingerprint}\n"
    assert "say --trust KEY.pub" in gonogo("verify", path)
    (trusted / "revoked" / "maker.pub").write_text(f"{MAKER.public.line}\n")
    assert "GN684" in gonogo("verify", path, "--trust", trusted, ends=1)


def test_verify_refuses_each_with_its_own_number(tmp_path: Path, trusted: Path) -> None:
    """One line a refusal, which names the file."""
    given = {
        681: whole()[:-1],
        682: b"\1" + whole()[1:],
        683: whole(key=STRANGER),
        685: whole(raw_manifest(facts(expires="2026-03-02T00:00:00Z"))),
        686: whole()[:-12] + b"\2\0" + whole()[-10:],
        687: b"something else",
        688: whole(b"{}\n"),
    }
    for number, data in given.items():
        said = gonogo("verify", written(tmp_path, data), "--trust", trusted, ends=1)
        assert said.startswith(f"GN{number}: {tmp_path}"), said
        assert len(said.splitlines()) == 1
    assert "GN680" in gonogo("verify", tmp_path / "gone.gnr", ends=1)
    other = ("--target", "aarch64-debian12")
    assert "GN687" in gonogo("verify", written(tmp_path), *other, ends=1)


def test_verify_takes_an_unsigned_one_only_when_told(tmp_path: Path) -> None:
    """For trials."""
    path = written(tmp_path, whole(key=None))
    assert "GN683" in gonogo("verify", path, ends=1)
    assert "NOT SIGNED" in gonogo("verify", path, "--unsigned")


def test_show_lists_what_is_in_it_whoever_signed_it(tmp_path: Path) -> None:
    """For people, and as it is for a program."""
    path = written(tmp_path, whole(key=STRANGER))
    said = gonogo("show", path)
    for words in (
        "gonogo 1.2.3 for x86_64-debian12\n",
        f"signed by {STRANGER.public.fingerprint}",
        "commit " + "a" * 40 + " of 2026-03-01 12:00 UTC\n",
        "for Python 3.11, x86_64, glibc 2.36; 3 files compiled by Python 3.11.2",
        "locked by newest.txt, sha256 " + "b" * 64,
        "licence not said  NO LICENCE TEXT",
    ):
        assert words in said
    assert json.loads(gonogo("show", path, "--json")) == json.loads(raw_manifest())


def test_show_says_loudly_what_is_odd(tmp_path: Path) -> None:
    """A dirty checkout, nothing compiled, an end."""
    odd = facts(
        source={"commit": "a" * 40, "time": "2026-03-01T12:00:00Z", "dirty": True},
        bytecode={"python": None, "files": 0, "note": "no Python 3.10 here"},
        expires="2026-03-02T00:00:00Z",
    )
    said = gonogo("show", written(tmp_path, whole(raw_manifest(odd))))
    assert "NOT OF A CLEAN CHECKOUT" in said
    assert "NOT COMPILED: no Python 3.10 here" in said
    assert "expires 2026-03-02 00:00 UTC" in said


def test_build_verify_and_unpack_go_together(
    tmp_path: Path, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a checkout to a folder that a box could start, with paths from where one stands."""
    needs()
    small, out, key = parcel(tmp_path), Path("out"), tmp_path / "maker.key"
    monkeypatch.chdir(tmp_path)
    out.mkdir()
    key.touch(0o600)
    key.write_bytes(MAKER.pem)
    words = ("--source", "source", "--lock", "lock.txt", "--wheels", "wheels")
    given = ("build", "--target", "x86_64-debian12", "--out", out, "--key", key, *words)
    said = gonogo(*given, "--expires", "2099-12-31")
    path = out / "gonogo-1.2.3-x86_64-debian12.gnr"
    assert f"{path}: gonogo 1.2.3 for x86_64-debian12, 0.0 MB, signed by " in said
    assert "without a licence text in their wheels: " in said
    assert "expires 2099-12-31 23:59 UTC" in gonogo("show", path)
    said = gonogo("unpack", path, "box", "--trust", trusted)
    assert "begin it with box/bin/gonogo" in said
    (small.source / "new.txt").write_text("")
    assert "GN246" in gonogo(*given, ends=1)
    for day in ("2020-01-01", "2100-01-01"):
        assert "expected a day to come" in gonogo(*given, "--dirty", "--expires", day, ends=1)


def test_build_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    """Another target, another folder."""
    assert "GN246" in gonogo("build", "--target", "amiga", "--out", tmp_path, ends=1)
    words = ("build", "--target", "x86_64-debian12", "--out", tmp_path, "--source", tmp_path)
    assert "expected a checkout of gonogo" in gonogo(*words, ends=1)
