"""Whose signature each installed version bears, as far as it is known; found out in the idle."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import BundleError
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.checks import versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.engines.loading.checks import Bundles, Checked
    from gonogo.engines.section import EnginesSection

    Known = dict[tuple[str, str], str]


class Signers:
    """Fingerprints by name and version."""

    def __init__(self, section: EnginesSection, held: Sequence[Bundles]) -> None:
        self._known: Known = {}
        self._job = BackgroundJob(lambda: _read(section, held))

    def of(self, name: str, version: str) -> str:
        """The fingerprint; nothing where nobody has signed, or nobody knows yet."""
        # taken over here, not by the thread: only the loader's own thread writes what is known
        if self._job.done and self._job.result:
            self._known = self._job.result | self._known  # what was checked since is newer
            self._job.result = None
        return self._known.get((name, version), "")

    def remember(self, checked: Checked) -> None:
        """It was read anyway."""
        self._known[checked.name, checked.version] = checked.signer


def _read(section: EnginesSection, held: Sequence[Bundles]) -> Known:
    known: Known = {}
    for bundles in held:
        for name, version in versions_of(section, bundles).items():
            known[name, version] = _signer(bundles[name])
    return known


def _signer(path: Path) -> str:
    # INSPECTION: whose it is, whether or not it is trusted today; one that cannot be read is
    # nobody's here, its host says what is wrong with it
    with contextlib.suppress(BundleError), Bundle(path, INSPECTION) as bundle:
        return bundle.signer.fingerprint if bundle.signer else ""
    return ""
