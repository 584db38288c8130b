"""Commands for releases: the program as one signed file for a kind of box."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime

    from gonogo.build.release.trust import Trust

FILE = click.Path(path_type=Path)
_trust = click.option(
    "--trust", multiple=True, type=FILE,
    help="a public key file, or a folder of them (revoked/ in it: keys taken back); again for more",
)  # fmt: skip
_unsigned = click.option(
    "--unsigned", is_flag=True, help="take one without a signature: for trials"
)
_target = click.option("--target", help="the only kind of box for which it will do")


@click.group()
def release() -> None:
    """Build, verify and show releases (.gnr): the program as one signed file for a kind of box."""


@release.command("build")
@click.option("--target", required=True, help="x86_64-debian12, aarch64-debian12, aarch64-jetpack6")
@click.option("--out", required=True, type=FILE, help="the folder to write into")
@click.option("--key", type=FILE, help="the private key file that signs it")
@click.option("--lock", type=FILE, help="another lock file than requirements/newest.txt")
@click.option("--wheels", type=FILE, help="a folder of wheels; no package index is asked")
@click.option("--source", type=FILE, default=".", help="the checkout (this folder)")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="no box takes it after that day")
@click.option("--dirty", is_flag=True, help="although files differ from the commit")
def build_release(target: str, out: Path, *, source: Path, dirty: bool, **given: Any) -> None:  # noqa: ANN401 - click's
    """Make a release of a clean checkout; two builds of one commit give the same bytes."""
    from gonogo.build.release.building import Order, build
    from gonogo.build.release.checkout import checkout
    from gonogo.build.release.targets import target_of
    from gonogo.commands.show.releases import built
    from gonogo.engines.bundles.keys import read_private

    order = Order(
        target=target_of(target),
        source=checkout(source, dirty=dirty),
        out=out,
        key=None if given["key"] is None else read_private(given["key"]),
        lock=given["lock"],
        wheels=given["wheels"],
        expires=_end_of(given["expires"]),
    )
    manifest = build(order, lambda line: click.echo(line, err=True))
    for line in built(order.file, manifest, order.key.public if order.key else None):
        click.echo(line)


@release.command()
@click.argument("file", type=FILE)
@_trust
@_unsigned
@_target
def verify(file: Path, trust: tuple[Path, ...], unsigned: bool, target: str | None) -> None:  # noqa: FBT001 - a click flag
    """Check every byte of a release: whole, of age, for this box, signed by whom it trusts."""
    from gonogo.build.release.read import Release
    from gonogo.commands.show.releases import verified

    with Release(file, _policy(trust, unsigned=unsigned), target) as found:
        click.echo(verified(found, trusted=bool(trust)))


@release.command()
@click.argument("file", type=FILE)
@click.option("--json", "plain", is_flag=True, help="the manifest for a program, as JSON")
def show(file: Path, *, plain: bool) -> None:
    """Print what a whole release is and what is in it, whoever signed it."""
    from gonogo.base import strict_json
    from gonogo.build.release.read import Release
    from gonogo.build.release.trust import INSPECTION
    from gonogo.commands.show.releases import describe

    # whole, but of any age and by anybody: to look at it is no reason to trust it
    with Release(file, INSPECTION) as found:
        if plain:
            click.echo(strict_json.encode(found.manifest).decode(), nl=False)
            return
        for line in describe(found):
            click.echo(line)


@release.command()
@click.argument("file", type=FILE)
@click.argument("folder", type=FILE)
@_trust
@_unsigned
@_target
def unpack(
    file: Path, folder: Path, trust: tuple[Path, ...], *, unsigned: bool, target: str | None
) -> None:
    """Verify a release, and unpack it into a new FOLDER: for a box that cannot mount its image."""
    from gonogo.build.release.read import Release
    from gonogo.build.release.unpacking import unpack as unpack_release
    from gonogo.commands.show.releases import verified

    with Release(file, _policy(trust, unsigned=unsigned), target) as found:
        click.echo(verified(found, trusted=bool(trust)))
        unpack_release(found, folder)
    click.echo(f"{folder}: begin it with {folder / 'bin' / 'gonogo'}")


@release.command()
@click.option("--out", required=True, type=FILE, help="the folder to write into")
@click.option("--wheels", type=FILE, help="a folder of wheels; no package index is asked")
@click.option("--source", type=FILE, default=".", help="the checkout (this folder)")
@click.option("--dirty", is_flag=True, help="although files differ from the commit")
def field_tool(out: Path, wheels: Path | None, *, source: Path, dirty: bool) -> None:
    """Make gonogo as one folder for a laptop without Python (by PyInstaller)."""
    from gonogo.build.release.checkout import checkout
    from gonogo.build.release.field_tool import make

    made = make(checkout(source, dirty=dirty), out, lambda line: click.echo(line, err=True), wheels)
    click.echo(f"{made}: begin it with {made / 'gonogo'}")


def _policy(trust: tuple[Path, ...], *, unsigned: bool) -> Trust:
    from gonogo.build.release.trust import read_trust

    return read_trust(trust, unsigned=unsigned)


def _end_of(day: datetime | None) -> datetime | None:
    """The last second of a day, in UTC."""
    from datetime import datetime, timezone

    from gonogo.base.errors import ReleaseNotBuilt

    if day is None:
        return None
    end = day.replace(hour=23, minute=59, second=59, tzinfo=timezone.utc)
    if not datetime.now(timezone.utc) < end < datetime(2100, 1, 1, tzinfo=timezone.utc):
        raise ReleaseNotBuilt(f"--expires {day:%Y-%m-%d}: expected a day to come, before 2100")
    return end


COMMANDS: tuple[click.Command, ...] = (release,)
