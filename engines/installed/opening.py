"""Reading one installed version, and nothing else in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import BundleManifestError
from gonogo.engines.bundles.read import Bundle

if TYPE_CHECKING:
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.installed.layout import Layout


def open_version(at: Layout, name: str, version: str, policy: Policy) -> Bundle:
    """The bundle of one version, checked; the caller closes it.

    BundleManifestError for another one that lies in its place: a copy by hand is whole and
    signed, too, but records would name the wrong version.
    """
    bundle = Bundle(at.bundle(name, version), policy)
    found = bundle.manifest
    if (found.name, found.version) == (name, version):
        return bundle
    bundle.close()  # nobody else could: the caller gets none
    raise BundleManifestError(
        f"{bundle.path}: it is {found.name} {found.version}, expected {name} {version}, by the "
        "folder it lies in; install both again"
    )
