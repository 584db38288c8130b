"""What is taken away from the root of a box."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from gonogo.build.box.bare import COMPILERS, compilers, installed, privileged, strip
from gonogo.build.box.data import listed

if TYPE_CHECKING:
    from pathlib import Path

STATUS = """\
Package: zstd
Status: install ok installed
Version: 1.5.4
Description: it
 Package: not this one

Package: apt
Status: deinstall ok config-files
Version: 2.6

Package: dbus
Status: install ok installed
Version: 1.14
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with some of what Debian leaves in one."""
    for name in (
        "var/lib/dpkg/status", "var/log/dpkg.log", "var/cache/apt/x", "etc/machine-id",
        "root/.bash_history", "usr/bin/apt-get", "usr/bin/python3", "usr/share/doc/zstd/copyright",
        "etc/resolv.conf","etc/apt/sources.list", "tmp/left", "dev/null",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("here\n")
    (tmp_path / "var/lib/dpkg/status").write_text(STATUS)
    su = tmp_path / "usr/bin/su"
    su.touch()
    su.chmod(0o4755)
    return tmp_path


def test_installed_lists_what_dpkg_has_and_no_more(root: Path) -> None:
    """Package and version, in order."""
    assert installed(root) == "dbus 1.14\nzstd 1.5.4\n"


def test_strip_leaves_neither_history_nor_identity_nor_foreign_rights(root: Path) -> None:
    """And the licences."""
    strip(root)
    left = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert left == {
        "etc/machine-id", "usr/bin/python3", "usr/bin/su", "usr/share/doc/zstd/copyright"
    }  # fmt: skip
    assert (root / "etc/machine-id").read_bytes() == b""
    assert stat.S_IMODE((root / "usr/bin/su").stat().st_mode) == 0o755
    assert list(privileged(root)) == []


def test_compilers_are_found_by_name_also_as_links(root: Path) -> None:
    """A name such as cc is mostly one, and leads nowhere in a tree."""
    assert compilers(root) == []
    (root / "usr/bin/cc").symlink_to("/etc/alternatives/cc")
    assert compilers(root) == [str(root / "usr/bin/cc")]


def test_packages_bring_no_compiler_no_server_for_logins_and_no_second_clock() -> None:
    """What is asked for; what comes of it is looked at in the tree itself, in each build."""
    asked = listed("packages")
    assert len(asked) == len(set(asked))
    assert not set(asked) & {*COMPILERS, "binutils", "build-essential", "clang", "tcc", "llvm"}
    assert not [each for each in asked if "ssh" in each or each in {"sudo", "chrony", "ntp"}]
