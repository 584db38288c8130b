"""The root of a box: Debian's tree, what lies over it, the program, and what is taken away."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import BoxNotBuilt
from gonogo.build.box import bare, program
from gonogo.build.box.data import ROOT, listed
from gonogo.build.box.prune import prune
from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from gonogo.build.box.order import Order

GUEST = "usr/lib/gonogo-box"  # what runs in the image beside the program
SCRIPTS = ("gate.py", "port.py")
MOUNTED = ("data", "boot/env", "var/lib/gonogo")


def assemble(order: Order, tar: Path, root: Path) -> None:
    """Make the tree; a folder of that name is replaced. BoxNotBuilt and below, ReleaseError."""
    if os.geteuid() != 0:
        raise BoxNotBuilt("an image is built by root: its files belong to root and others; sudo")
    if root.exists():
        shutil.rmtree(root)
    root.mkdir(parents=True)
    run(["tar", "-C", root, "-xf", tar])
    overlay(order, root)
    program.put(order.program, root, order.trust, order.target)
    _in_it(order, root)
    (root / GUEST / "packages.txt").write_text(bare.installed(root), encoding="utf-8")
    identify(order, root)
    bare.strip(root)
    for each in MOUNTED:
        (root / each).mkdir(parents=True, exist_ok=True)


def overlay(order: Order, root: Path) -> None:
    """packaging/box/rootfs over Debian's tree, the scripts, and the keyring."""
    shutil.copytree(ROOT, root, symlinks=True, dirs_exist_ok=True)
    for path in (root / each.relative_to(ROOT) for each in ROOT.rglob("*")):
        # whoever has the checkout, and however it was made
        os.lchown(path, os.geteuid(), os.getegid())
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
    config = root / "etc/rauc/system.conf"
    text = config.read_text(encoding="ascii").replace("@compatible@", order.compatible)
    config.write_text(text, encoding="ascii")
    shutil.copyfile(order.keyring, root / "etc/rauc/keyring.pem")
    for name in SCRIPTS:
        shutil.copyfile(Path(__file__).with_name(name), root / GUEST / name)


def _in_it(order: Order, root: Path) -> None:
    """What only the tree's own programs can do: users, units, modules, the first file system."""
    kernel = kernel_of(root)
    prune(root / "lib/modules" / kernel, listed("modules"))
    further = order.epoch.environment
    inside: list[str | Path] = ["chroot", root]
    run([*inside, "systemd-sysusers"], further=further)
    run([*inside, "usermod", "--lock", "root"])
    run([*inside, "systemctl", "preset-all"])
    run([*inside, "systemctl", "mask", *listed("masked")])
    run([*inside, "depmod", kernel])
    # its /proc goes with the namespace, whatever fails
    apart = ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root.absolute()}/proc"]
    run([*apart, *inside, "update-initramfs", "-c", "-k", kernel], further=further)
    for name, link in (("vmlinuz", "vmlinuz"), ("initrd.img", "initrd.img")):
        (root / link).unlink(missing_ok=True)
        (root / link).symlink_to(f"boot/{name}-{kernel}")
    if not program.compiled(root / program.PLACE):
        run([*inside, "python3", "-m", "compileall", "-q", "--invalidation-mode",
             "unchecked-hash", f"/{program.PLACE}/site"])  # fmt: skip


def kernel_of(root: Path) -> str:
    """The version of its kernel; BoxNotBuilt where there is not exactly one."""
    found = sorted(path.name for path in (root / "lib/modules").iterdir())
    if len(found) != 1:
        raise BoxNotBuilt(f"{root}: expected one kernel, got {', '.join(found) or 'none'}")
    return found[0]


def identify(order: Order, root: Path) -> None:
    """image.json: what the health gate knows an image by, the same for the same content."""
    digest = hashlib.sha256((root / GUEST / "packages.txt").read_bytes())
    for path in sorted((root / program.PLACE).rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(root)}\0".encode())
            digest.update(path.read_bytes())
    for path in sorted(ROOT.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    for name in SCRIPTS:
        digest.update((root / GUEST / name).read_bytes())
    kept = {"version": order.version, "target": order.target}
    digest.update(json.dumps(kept).encode())
    text = json.dumps({**kept, "image": digest.hexdigest()}, indent=1)
    (root / GUEST / "image.json").write_text(text + "\n", encoding="ascii")
