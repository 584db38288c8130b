"""Whether a bundle is let in: everything is checked before anything is used, and in this order.

header      a bundle of this format, its manifest as long as it may be
manifest    the very bytes whose digest and signature the header has
signer      one of those that the station trusts
manifest    read, and only now: a stranger's JSON is not parsed
policy      its age, the gonogo that it wants, the memory that it needs
payload     whole, nothing appended, each file as the manifest has it
card        of the very model that it travels with
picture     begins as one
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import BundleManifestError
from gonogo.engines.bundles.header import HEADER_BYTES, check_manifest, parse_header
from gonogo.engines.bundles.manifest import PNG_SIGNATURE, Manifest, check_picture
from gonogo.engines.bundles.payload import Payload
from gonogo.engines.bundles.version import is_version
from gonogo.engines.card import Card

if TYPE_CHECKING:
    from gonogo.engines.bundles.bundle_file import BundleFile
    from gonogo.engines.bundles.keys import PublicKey
    from gonogo.engines.bundles.policy import Policy


class Admitted(NamedTuple):
    """A bundle that was let in; `signer` is None when nobody signed."""

    raw_manifest: bytes
    signer: PublicKey | None
    manifest: Manifest
    payload: Payload
    card: Card


def admit(file: BundleFile, policy: Policy) -> Admitted:
    """What the file says, all of it checked; BundleError for what `policy` does not take."""
    header = parse_header(file.read(0, HEADER_BYTES))
    raw_manifest = file.read(HEADER_BYTES, header.manifest_bytes)
    signer = check_manifest(header, raw_manifest)
    policy.check_signer(signer)  # before a word of the manifest is believed
    manifest = _manifest_of(raw_manifest, policy)
    policy.check_manifest(manifest)
    payload = Payload(file, HEADER_BYTES + header.manifest_bytes)
    # before the digests: a file that is known to be wrong by its size is not read to the end
    payload.check_size(manifest.payload_bytes)
    for entry in manifest.files:
        payload.check(entry)
    card = _card_of(manifest, payload)
    _check_picture(manifest, payload)
    return Admitted(raw_manifest, signer, manifest, payload, card)


def _manifest_of(raw: bytes, policy: Policy) -> Manifest:
    """What it says; BundleTooNew where it is a newer gonogo's, with words unknown to this one."""
    try:
        return strictjson.read(raw, Manifest, "manifest")
    except BundleManifestError:
        # a role or a backend of tomorrow is no damage, and building it again would not help
        policy.check_runtime(_wanted_runtime(raw))
        raise


def _wanted_runtime(raw: bytes) -> str:
    """The gonogo that a manifest asks for, whatever else it says; "" where that cannot be read."""
    content = strictjson.decode(raw, "manifest")
    wanted = content.get("minimum_runtime") if isinstance(content, dict) else None
    return wanted if isinstance(wanted, str) and is_version(wanted) else ""


def _card_of(manifest: Manifest, payload: Payload) -> Card:
    """The card must describe the very model that it travels with, whatever that is made for."""
    entry = manifest.entry("card")
    card = strictjson.read(payload.content(entry), Card, entry.name)
    if card.sha256 != manifest.model.sha256:
        raise BundleManifestError(
            f"{entry.name} describes another model than {manifest.model.name}; have it built again"
        )
    return card


def _check_picture(manifest: Manifest, payload: Payload) -> None:
    """It is shown to people by programs that take it for a picture."""
    entry = manifest.find("picture")
    if entry is not None:
        check_picture(payload.beginning(entry, len(PNG_SIGNATURE)))
