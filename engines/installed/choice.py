"""Which installed version of each engine a station starts with: the active one, or the last before.

A station whose newest engine was damaged or has expired overnight judges by the one before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BundleError, EngineNotInstalled
from gonogo.base.log.logger import get_logger
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gonogo.engines.bundles.keys import PublicKey
    from gonogo.engines.bundles.manifest import Manifest
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.section import EnginesSection

log = get_logger(__name__)


class Chosen(NamedTuple):
    """An installed bundle as it was when it was opened and checked; `signer` None: nobody."""

    path: Path
    manifest: Manifest
    signer: PublicKey | None


def choose_installed(names: Iterable[str], section: EnginesSection) -> Mapping[str, Chosen]:
    """The engine to start with for each name; the error of the active one where none is usable.

    BundleError, EngineNotInstalled, RegistryError, KeyFileError.
    """
    registry, policy = Registry(section.folder), policy_of(section)
    return {name: _usable(registry, name, policy) for name in names}


def _usable(registry: Registry, name: str, policy: Policy) -> Chosen:
    # both in one reading: a change in between would make them versions of two moments
    active, previous = registry.selection(name)
    if active is None:
        registry.open_active(name, policy).close()  # says what is missing
    try:
        return _opened(registry, name, str(active), policy)
    except (BundleError, EngineNotInstalled) as error:
        if previous is None:
            raise
        # not made active: who mends the other one by installing it again has it back at once
        try:
            found = _opened(registry, name, previous, policy)
        except (BundleError, EngineNotInstalled) as other:
            log.error(  # noqa: TRY400 - for a technician
                "engine_version_none",
                text="engine %(engine)s: the version before it is no better: %(error)s",
                engine=name,
                error=other,
            )
            raise error from other  # the active one is what a technician must mend
        log.error(  # noqa: TRY400 - for a technician
            "engine_version_before",
            text=(
                "engine %(engine)s: version %(version)s cannot be used (%(error)s); starting "
                "with version %(previous)s, the one before; install the other again, or go "
                "back for good: gonogo engines rollback %(engine)s"
            ),
            engine=name,
            version=active,
            error=error,
            previous=previous,
        )
        return found


def _opened(registry: Registry, name: str, version: str, policy: Policy) -> Chosen:
    with registry.open(name, version, policy) as bundle:
        return Chosen(bundle.path, bundle.manifest, bundle.signer)
