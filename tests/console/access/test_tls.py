"""The TLS files of a box: made, kept, renewed, and never trusted where they are not private."""

from __future__ import annotations

import datetime as dt
import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import TlsError
from gonogo.console.access.box_names import box_names
from gonogo.console.access.ca_shown import beside_records
from gonogo.console.access.certificates import LASTS
from gonogo.console.access.tls import BoxTls, server_context
from gonogo.tests.console.access.disks import Failing
from gonogo.tests.console.access.handshakes import shaken_with

if TYPE_CHECKING:
    from pathlib import Path

NAMES = box_names("box7", ["192.168.1.7"])
NOW = dt.datetime.now(dt.timezone.utc)


def box(tmp_path: Path, now: dt.datetime = NOW) -> BoxTls:
    """Of the station `bolts`."""
    return BoxTls(beside_records(tmp_path / "parts.sqlite"), "bolts", now=lambda: now)


def test_ready_makes_what_a_server_needs(tmp_path: Path) -> None:
    """A browser that was given ca.crt agrees; what is secret is this user's alone."""
    served = box(tmp_path).ready(NAMES)
    folder = tmp_path / "parts.tls"
    assert shaken_with(served.path, (folder / "ca.crt").read_text(), "box7")
    assert served.left_out == ()
    assert NOW + LASTS / 2 < served.until <= NOW + LASTS
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_ready_makes_nothing_twice(tmp_path: Path) -> None:
    """Asked every day: the same fingerprint, the same bytes."""
    first = box(tmp_path).ready(NAMES)
    before = {each.name: each.read_bytes() for each in first.path.parent.iterdir()}
    assert box(tmp_path).ready(NAMES) == first
    assert {each.name: each.read_bytes() for each in first.path.parent.iterdir()} == before


@pytest.mark.parametrize("why", ["time", "address", "damaged", "gone", "clock"])
def test_ready_renews_and_stays_who_it_was(tmp_path: Path, why: str) -> None:
    """Whoever trusted the CA goes on without being asked anything."""
    first = box(tmp_path).ready(NAMES)
    old = first.path.read_bytes()
    now, names = NOW, NAMES
    if why == "time":
        now = NOW + LASTS * 3 / 4
    elif why == "clock":  # set back, so that the certificate is not valid yet
        first = box(tmp_path, NOW + LASTS * 3).ready(NAMES)
        old = first.path.read_bytes()
    elif why == "address":
        names = box_names("box7", ["192.168.1.9"])
    elif why == "damaged":
        first.path.write_bytes(old[:500])
    else:
        first.path.unlink()
    second = box(tmp_path, now).ready(names)
    assert second.fingerprint == first.fingerprint
    assert second.path.read_bytes() != old
    server_context(second.path)  # it can be served
    assert stat.S_IMODE(second.path.stat().st_mode) == 0o600


def test_ready_never_makes_another_ca_by_itself(tmp_path: Path) -> None:
    """Browsers would have to be shown a new fingerprint: somebody decides that."""
    first = box(tmp_path).ready(NAMES)
    path = tmp_path / "parts.tls" / "ca.pem"
    raw = path.read_bytes()
    for wrong in (b"", raw[:100], raw[:-30], b"\x00" * 1000):
        path.write_bytes(wrong)
        with pytest.raises(TlsError, match="GN667"):
            box(tmp_path).ready(NAMES)
        assert path.read_bytes() == wrong
    path.unlink()
    assert box(tmp_path).ready(NAMES).fingerprint != first.fingerprint


@pytest.mark.parametrize("name", ["ca.pem", "server.pem"])
def test_ready_trusts_no_key_that_others_may_read(tmp_path: Path, name: str) -> None:
    """Nor one behind a link."""
    path = box(tmp_path).ready(NAMES).path.parent / name
    path.chmod(0o644)
    with pytest.raises(TlsError, match="0600"):
        box(tmp_path).ready(NAMES)
    path.chmod(0o600)
    path.rename(tmp_path / "real")
    path.symlink_to(tmp_path / "real")
    with pytest.raises(TlsError):
        box(tmp_path).ready(NAMES)
    path.unlink()
    os.mkfifo(path, 0o600)  # nobody waits for what comes out of it
    with pytest.raises(TlsError):
        box(tmp_path).ready(NAMES)


def test_ready_of_a_full_disk_says_so_and_goes_on_later(tmp_path: Path) -> None:
    """At every call; what is there then is whole or not there."""
    for at in range(40):
        files = Failing(at, errno.ENOSPC)
        try:
            BoxTls(tmp_path / "tls", "bolts", files, lambda: NOW).ready(NAMES)
        except TlsError:
            continue
        break
    else:
        pytest.fail("it never got through")
    assert at > 10
    served = BoxTls(tmp_path / "tls", "bolts").ready(NAMES)
    assert shaken_with(served.path, (tmp_path / "tls" / "ca.crt").read_text(), "box7")


def test_ready_leaves_out_names_that_it_may_not_sign_for(tmp_path: Path) -> None:
    """And says which: the CA was made before the box had them."""
    box(tmp_path).ready(NAMES)
    later = box_names("box7", ["192.168.1.7"], ["qa.example.com", "a b"])
    assert box(tmp_path).ready(later).left_out == ("a b", "qa.example.com")


def test_server_context_says_what_is_wrong(tmp_path: Path) -> None:
    """With its number."""
    for text in (b"", b"nonsense"):
        (tmp_path / "server.pem").write_bytes(text)
        with pytest.raises(TlsError, match="GN667"):
            server_context(tmp_path / "server.pem")
    with pytest.raises(TlsError):
        server_context(tmp_path / "none.pem")
