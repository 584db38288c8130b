"""`gonogo box`: the image that a whole box is flashed with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path)
THERE = click.Path(path_type=Path, exists=True, dir_okay=False)
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")


@click.group()
def box() -> None:
    """Make the image that a box is flashed with: Debian, the program, two slots to roll back."""


@box.command("build")
@click.option("--program", required=True, type=click.Path(path_type=Path, exists=True),
              help="a release (.gnr), or a folder with bin/gonogo and site/")  # fmt: skip
@click.option("--trust", multiple=True, type=FILE,
              help="whose releases to take: key files, or folders of them")  # fmt: skip
@click.option("--unsigned", is_flag=True, help="take a release that nobody signed: for trials")
@click.option("--version", "version", required=True, help="of the image, as 1.4.0")
@click.option("--cert", required=True, type=THERE, help="what it is signed with (PEM)")
@click.option("--key", required=True, type=THERE, help="the key of it: RSA or ECDSA (PEM)")
@click.option("--keyring", type=THERE, help="whom the box trusts from then on; left out, --cert")
@click.option("--out", type=FILE, default=Path(), help="the folder to write it to")
@click.option("--work", type=FILE, default=Path("var/box"), show_default=True,
              help="what is kept until the next build: Debian's tar, the tree")  # fmt: skip
@click.option("--sources", type=THERE, default=SOURCES, show_default=True,
              help="apt's sources of Debian 12")  # fmt: skip
@click.option("--slot-mib", type=click.IntRange(256, 65_536), default=1536, show_default=True,
              help="of each of the two slots, MiB; those of boxes in the field stay")  # fmt: skip
@click.option("--epoch", envvar="SOURCE_DATE_EPOCH", required=True, type=click.IntRange(0),
              help="the time that it bears, s since 1970; or SOURCE_DATE_EPOCH")  # fmt: skip
def build_command(**given: Any) -> None:  # noqa: ANN401 - what click hands over
    """Build the flash image of an x86-64 box; by root, on Debian 12, from a checkout."""
    from gonogo.build.box.disk import MIB
    from gonogo.build.box.epoch import Epoch
    from gonogo.build.box.make import build
    from gonogo.build.box.order import Order
    from gonogo.build.release.trust import read_trust

    certificate = given.pop("cert")
    order = Order(
        certificate=certificate,
        keyring=given.pop("keyring") or certificate,
        epoch=Epoch(given.pop("epoch")),
        trust=read_trust(given.pop("trust"), unsigned=given.pop("unsigned")),
        **given,
    )
    built = build(order, click.echo)
    click.echo(
        f"{built.flash_image}: {built.flash_image.stat().st_size / 1e6:.0f} MB; "
        f"its root {built.rootfs_bytes // MIB} MiB of a slot of {order.slot_mib} MiB"
    )


COMMANDS: tuple[click.Command, ...] = (box,)
