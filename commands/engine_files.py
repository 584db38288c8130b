"""Commands for bundles, the keys that sign them, and the engines that are installed on a box."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import BundleError, BundleUntrusted, GonogoError
from gonogo.commands.auditing import audited, of_engines, why
from gonogo.commands.engine_inspect import inspect

if TYPE_CHECKING:
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.installed.layout import Installed
    from gonogo.engines.installed.registry import Registry
    from gonogo.ipc.audit.change import Change

FILE = click.Path(path_type=Path)
# options that several commands share, each said once
_root = click.option(
    "--root", required=True, type=FILE, envvar="GONOGO_ENGINES", help="folder of installed engines"
)
_trust = click.option(
    "--trust", multiple=True, type=FILE, help="public key file of a maker; may be given again"
)
_unsigned = click.option(
    "--unsigned", is_flag=True, help="take one without a signature: for trials"
)
_memory = click.option("--memory-mb", type=click.IntRange(1), help="refuse engines that need more")


@click.group()
def keys() -> None:
    """Keys that sign bundles."""


@keys.command()
@click.option("--out", required=True, type=FILE, help="the private key file to write; and OUT.pub")
@click.option("--comment", default="", help="whose key it is, for the public file")
def new(out: Path, comment: str) -> None:
    """Make a key: a private file that stays with you, and a public one for every box."""
    from gonogo.engines.bundles.keys import public_path, write_pair

    # neither file is written over: a key that is gone cannot be had again
    public = write_pair(out, comment)
    click.echo(f"{out}: private key; whoever has it can sign engines for your lines: keep it")
    click.echo(f"{public_path(out)}: public key {public.fingerprint}; copy it to every box")


@click.group()
def bundle() -> None:
    """Show, verify and sign bundles (.gng)."""


@bundle.command()
@click.argument("file", type=FILE)
def show(file: Path) -> None:
    """Print what a whole bundle is, whoever signed it, and of whatever age."""
    from gonogo.commands.show.bundles import describe
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.bundles.read import Bundle

    # whole, but of any age and by anybody: to look at it is no reason to trust it
    with Bundle(file, INSPECTION) as found:
        for line in describe(found):
            click.echo(line)


@bundle.command()
@click.argument("file", type=FILE)
@_trust
@_unsigned
@_memory
def verify(file: Path, trust: tuple[Path, ...], unsigned: bool, memory_mb: int | None) -> None:  # noqa: FBT001 - a click flag
    """Check that this box would take a bundle now: whole, of age, and signed by whom it trusts."""
    from gonogo.commands.show.bundles import signed
    from gonogo.engines.bundles.read import Bundle

    with Bundle(file, _policy(trust, unsigned=unsigned, memory_mb=memory_mb)) as found:
        whose = (
            "" if trust or found.signer is None else " (say --trust KEY.pub to check whose it is)"
        )
        click.echo(f"{file}: whole, {signed(found.signer)}{whose}")


@bundle.command()
@click.argument("model", type=FILE)
@click.option("--out", required=True, type=FILE, help="the bundle to write, as NAME-1.2.0.gng")
@click.option("--key", type=FILE, help="the private key file that signs it")
def make(model: Path, out: Path, key: Path | None) -> None:
    """Make a bundle of an engine that was taught or quantized on this box."""
    from datetime import datetime, timezone

    from gonogo.build.bundling import bundle_engine
    from gonogo.build.label import Label, name_and_version
    from gonogo.commands.show.bundles import signed
    from gonogo.engines.bundles.keys import read_private

    name, version = name_and_version(out)
    private = read_private(key) if key is not None else None
    now = datetime.now(timezone.utc)
    bundle_engine(model, Label(name, version, now), out, key=private)
    whose = signed(private.public if private is not None else None)
    click.echo(f"{out}: {name} {version}, {whose}")


@bundle.command()
@click.argument("file", type=FILE)
@click.option("--key", required=True, type=FILE, help="the private key file")
def sign(file: Path, key: Path) -> None:
    """Sign a bundle, or sign it anew; only its header changes."""
    from gonogo.engines.bundles.keys import read_private
    from gonogo.engines.bundles.write import sign_bundle

    public = sign_bundle(file, read_private(key))
    click.echo(f"{file}: signed by {public.fingerprint}")


@bundle.command()
@click.argument("file", type=FILE)
@click.argument("folder", type=FILE)
@click.option("--out", required=True, type=FILE, help="the bundle to write, as NAME-1.2.1.gng")
@click.option("--key", type=FILE, help="the private key file that signs it")
def add_hef(file: Path, folder: Path, out: Path, key: Path | None) -> None:
    """Add what Hailo's compiler made in the FOLDER of `gonogo build --target`, once proven."""
    from datetime import datetime, timezone

    from gonogo.build.hailo.adopt import add_hef as add
    from gonogo.build.label import Label, name_and_version
    from gonogo.commands.show.bundles import signed
    from gonogo.engines.bundles.keys import read_private

    name, version = name_and_version(out)
    private = read_private(key) if key is not None else None
    label = Label(name, version, datetime.now(timezone.utc))
    manifest, compiled = add(file, folder, label, out, key=private)
    click.echo(f"{compiled.target}: {compiled.agreement}; the chip has not been asked yet")
    whose = signed(private.public if private is not None else None)
    click.echo(f"{out}: {name} {version} for {', '.join(manifest.backends)}, {whose}")


@click.group()
def engines() -> None:
    """Show and change the engines that are installed on this box."""


@engines.command("list")
@_root
def list_engines(root: Path) -> None:
    """List what is installed, with the active and the previous version of each engine."""
    found = _registry(root).installed()
    for installed in found:
        click.echo(_row(installed))
    if not found:
        click.echo("nothing is installed")


@engines.command()
@click.argument("file", type=FILE)
@_root
@_trust
@_unsigned
@_memory
@click.option("--quota-mb", type=click.IntRange(1), help="bound of all bundles (4096)")
@why
def install(
    *,
    file: Path,
    root: Path,
    trust: tuple[Path, ...],
    unsigned: bool,
    memory_mb: int | None,
    quota_mb: int | None,
) -> None:
    """Copy a bundle to this box; it is not active yet."""
    # this is when its maker must be named: later on what is installed is trusted as it is
    if not (trust or unsigned):
        raise BundleUntrusted(
            "expected --trust with the public key file of the maker, so that a stranger's engine "
            "is not installed; or --unsigned for a trial"
        )
    policy = _policy(trust, unsigned=unsigned, memory_mb=memory_mb)
    registry = _registry(root, quota_mb)
    with contextlib.suppress(OSError):  # which the registry says in its own words
        root.mkdir(parents=True, exist_ok=True)
    asked = {"file": file.name, "trust": _fingerprints(policy), "unsigned": unsigned}
    with audited(of_engines(root), "engine install", asked) as change:
        manifest = registry.install(file, policy)
        change.new = {"engine": manifest.name, "version": manifest.version, **asked}
    click.echo(f"{manifest.name} {manifest.version} is installed")


@engines.command()
@click.argument("name")
@click.argument("version")
@_root
@_trust
@why
def activate(name: str, version: str, root: Path, trust: tuple[Path, ...]) -> None:
    """Make a version the active one; the one that was becomes the previous."""
    policy = _installed_policy(trust)
    with _audited(root, "engine activate", name, version):
        _registry(root).activate(name, version, policy)
    _say_selection(root, name)


@engines.command()
@click.argument("name")
@_root
@_trust
@why
def rollback(name: str, root: Path, trust: tuple[Path, ...]) -> None:
    """Make the previous version the active one again."""
    policy = _installed_policy(trust)
    with _audited(root, "engine rollback", name, _selected(root, name).get("previous")):
        _registry(root).rollback(name, policy)
    _say_selection(root, name)


@engines.command()
@click.argument("name")
@click.argument("version")
@_root
@why
def remove(name: str, version: str, root: Path) -> None:
    """Remove a version that is neither active nor the previous one."""
    with audited(of_engines(root), "engine remove", None, {"engine": name, "version": version}):
        _registry(root).remove(name, version)
    click.echo(f"{name} {version} is removed")


def _audited(
    root: Path, what: str, name: str, version: str | None
) -> contextlib.AbstractContextManager[Change]:
    old = {"engine": name, "version": _selected(root, name).get("active")}
    return audited(of_engines(root), what, {"engine": name, "version": version}, old)


def _selected(root: Path, name: str) -> dict[str, str | None]:
    """Active and previous version; none where that cannot be read, which the change itself says."""
    with contextlib.suppress(GonogoError):
        return _registry(root).selection(name)._asdict()
    return {}


def _fingerprints(policy: Policy) -> list[str]:
    return [key.fingerprint for key in policy.trusted or ()]


def _row(installed: Installed) -> str:
    """One that cannot be used is listed, too: it takes its room, and can be removed."""
    from gonogo.commands.show.bundles import row, unusable_row
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.bundles.read import Bundle

    try:
        with Bundle(installed.path, INSPECTION) as bundle:
            return row(installed, bundle)
    except BundleError as error:
        return unusable_row(installed, error)


def _registry(root: Path, quota_mb: int | None = None) -> Registry:
    from gonogo.engines.installed.registry import QUOTA_MB, Registry

    return Registry(root, quota_mb or QUOTA_MB)


def _policy(trust: tuple[Path, ...], *, unsigned: bool, memory_mb: int | None = None) -> Policy:
    """What this box takes now; without --trust, anybody's signature."""
    from datetime import datetime, timezone

    from gonogo.engines.bundles.keys import read_public
    from gonogo.engines.bundles.policy import Policy

    # None, unlike an empty tuple: anybody's signature
    trusted = tuple(map(read_public, trust)) or None
    return Policy(datetime.now(timezone.utc), trusted, unsigned, memory_mb)


def _installed_policy(trust: tuple[Path, ...]) -> Policy:
    """For what was let in when it was installed: its maker is asked for only with --trust."""
    # without --trust what is installed is as trusted as on the day that it was let in
    return _policy(trust, unsigned=not trust)


def _say_selection(root: Path, name: str) -> None:
    # read back from the disk, not told from what was asked for
    selection = _registry(root).selection(name)
    before = f"; before it: {selection.previous}" if selection.previous else ""
    click.echo(f"{name}: active {selection.active}{before}")


engines.add_command(inspect)
COMMANDS: tuple[click.Command, ...] = (keys, bundle, engines)
