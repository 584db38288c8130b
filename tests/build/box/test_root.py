"""The root of a box, as far as it can be tried without one."""

from __future__ import annotations

import json
import os
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BoxNotBuilt, BoxTooLarge
from gonogo.build.box import make, port, root
from gonogo.build.box.data import ROOT, listed
from gonogo.engines.backends.tensorrt.plan_cache import plans_folder
from gonogo.launch.service import TEMPLATE
from gonogo.tests.build.box.test_flash_image import order_of
from gonogo.tests.build.box.test_grub import needs

if TYPE_CHECKING:
    from gonogo.build.box.order import Order

UNITS = sorted((ROOT / "etc/systemd/system").glob("gonogo-*.service"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root with the overlay over nothing, and a program of two files."""
    made = tmp_path / "root"
    root.overlay(order_of(tmp_path), made)
    (made / "usr/lib/gonogo/site").mkdir(parents=True)
    (made / "usr/lib/gonogo/site/it.py").write_text("1\n")
    (made / "usr/lib/gonogo-box/packages.txt").write_text("dbus 1\n")
    return made


def test_overlay_fills_in_the_boxs_kind_and_whom_it_trusts(tree: Path, tmp_path: Path) -> None:
    """And no place is left open."""
    config = ConfigParser()
    config.read(tree / "etc/rauc/system.conf")
    assert config["system"]["compatible"] == "gonogo-x86_64-debian12"
    assert {each["bootname"] for name, each in config.items() if "slot" in name} == {"A", "B"}
    left = [each for each in tree.rglob("*") if each.is_file() and b"@" in each.read_bytes()]
    assert [each.name for each in left if re.search(rb"@\w+@", each.read_bytes())] == []
    keyring = (tmp_path / "maker.cert.pem").read_bytes()
    assert (tree / "etc/rauc/keyring.pem").read_bytes() == keyring


def test_overlay_has_the_rights_of_a_root_whatever_the_checkout_had(tree: Path) -> None:
    """Scripts run; nothing is writable by others."""
    handler = tree / "usr/lib/gonogo-box/before-install"
    assert os.access(handler, os.X_OK)
    assert not [each for each in tree.rglob("*") if each.stat().st_mode & 0o022]


def test_identify_names_the_same_content_by_the_same_image(tree: Path, tmp_path: Path) -> None:
    """And another program by another one; byte code says nothing."""
    order = order_of_again(tmp_path)

    def image() -> str:
        root.identify(order, tree)
        found: str = json.loads((tree / "usr/lib/gonogo-box/image.json").read_text())["image"]
        return found

    first = image()
    (tree / "usr/lib/gonogo/site/it.pyc").write_text("x")
    assert image() == first
    (tree / "usr/lib/gonogo/site/it.py").write_text("2\n")
    assert image() != first


def order_of_again(folder: Path) -> Order:
    """The same order in a folder of its own."""
    (folder / "again").mkdir()
    return order_of(folder / "again")


def test_kernel_is_one_or_the_build_ends(tmp_path: Path) -> None:
    """Two would boot whichever."""
    modules = tmp_path / "lib/modules"
    (modules / "6.1.0-57-amd64").mkdir(parents=True)
    assert root.kernel_of(tmp_path) == "6.1.0-57-amd64"
    (modules / "6.1.0-58-amd64").mkdir()
    with pytest.raises(BoxNotBuilt, match=r"expected one kernel, got 6\.1\.0-57-amd64, 6"):
        root.kernel_of(tmp_path)


def test_root_that_is_larger_than_its_slot_is_refused(tmp_path: Path) -> None:
    """Before the file system is made."""
    (tmp_path / "tree").mkdir()
    with (tmp_path / "tree" / "large").open("wb") as file:
        file.truncate(300 << 20)
    with pytest.raises(BoxTooLarge, match="342 MiB, and the slot has 256 MiB"):
        make.write_root(order_of(tmp_path), tmp_path / "tree", tmp_path / "it.ext4")


def test_size_is_what_a_tree_just_fits_into(tmp_path: Path) -> None:
    """By mke2fs itself, of many small files."""
    needs("mke2fs", "debugfs")
    order = order_of(tmp_path)
    for number in range(3000):
        path = tmp_path / "tree" / f"{number % 50}" / f"{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 3000)
    size = make.write_root(order, tmp_path / "tree", tmp_path / "it.ext4")
    assert size == (tmp_path / "it.ext4").stat().st_size
    assert size < 48 << 20


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_unit_is_one_to_systemd(unit: Path, tmp_path: Path) -> None:
    """systemd-analyze verify, with programs of a box that a test machine has not replaced."""
    needs("systemd-analyze")
    text = unit.read_text(encoding="ascii")
    text = re.sub(r"^(ExecStart=)(\S+)", r"\1/bin/true", text, flags=re.MULTILINE)
    # of the box alone
    text = re.sub(r"^(User|WorkingDirectory)=.*\n", "", text, flags=re.MULTILINE)
    copy = tmp_path / unit.name.replace("@", "@ttyS0")
    copy.write_text(text, encoding="ascii")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_every_unit_of_ours_is_switched_on() -> None:
    """A unit that nobody starts is none; and nothing is both on and masked."""
    preset = (ROOT / "etc/systemd/system-preset/00-gonogo-box.preset").read_text()
    enabled = set(re.findall(r"^enable (\S+)", preset, re.MULTILINE))
    # a stick's is started by its rule, when one is plugged in
    assert {each.name for each in UNITS if "[Install]" in each.read_text()} <= enabled
    rule = (ROOT / "etc/udev/rules.d/70-gonogo-stick.rules").read_text()
    assert 'ENV{SYSTEMD_WANTS}+="gonogo-stick@%k.service"' in rule
    assert not enabled & set(listed("masked"))


def test_gate_counts_as_a_failed_boot_where_it_cannot_run() -> None:
    """Python broken, or the script: GRUB's counter has the next word."""
    text = (ROOT / "etc/systemd/system/gonogo-health.service").read_text()
    assert "FailureAction=reboot\n" in text
    for name in ("emergency", "rescue"):
        drop_in = ROOT / f"etc/systemd/system/{name}.service.d/gonogo-box.conf"
        assert "systemctl --force reboot" in drop_in.read_text()


def test_station_waits_for_its_engines_and_nothing_else_does() -> None:
    """Not the gate, which bounds it; and one that is started anew does not make them again."""
    units = ROOT / "etc/systemd/system"
    name = "gonogo-prepare.service"
    drop_in = (units / "gonogo.service.d/gonogo-box.conf").read_text()
    assert f"[Unit]\nAfter={name}\n" in drop_in
    assert "Wants" not in drop_in
    starter = (units / "gonogo-station.service").read_text()
    assert f"Wants={name}\n" in starter
    waits = re.compile(rf"^(After|Requires|BindsTo)=.*{name}", re.MULTILINE)
    assert [each.name for each in UNITS if waits.search(each.read_text())] == []
    text = (units / name).read_text()
    assert "RemainAfterExit=yes\n" in text
    # where the port reads, and where the station's own unit keeps its plans
    folder = re.findall(r"^RuntimeDirectory=(.+)$", text, re.MULTILINE)[0]
    assert f"--told {port.PREPARE}\n" in text
    assert Path("/run", folder, "progress.json") == port.PREPARE
    plans = re.findall(r"^Environment=GONOGO_PLANS=(.+)$", text, re.MULTILINE)[0]
    state = re.findall(r"^StateDirectory=(.+)$", TEMPLATE.read_text(), re.MULTILINE)[0]
    of_service = Path("/var/lib", state.replace("%N", "gonogo"))
    assert Path(plans) == plans_folder({"STATE_DIRECTORY": str(of_service)})


def test_what_is_written_lies_in_memory_or_on_the_data_partition() -> None:
    """The table mounts no root, and what it mounts from the disk may be missing."""
    rows = [
        line.split()
        for line in (ROOT / "etc/fstab").read_text().splitlines()
        if line and line[0] != "#"
    ]
    assert "/" not in {row[1] for row in rows}
    for device, place, kind, options, *_ in rows:
        assert kind == "tmpfs" or "nofail" in options.split(","), place
        assert "nosuid" in options.split(",") or "bind" in options.split(","), device
