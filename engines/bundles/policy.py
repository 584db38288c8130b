"""What this box takes: whose bundles, of what age, for which gonogo, how large."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BundleExpired, BundleTooLarge, BundleTooNew, BundleUntrusted
from gonogo.engines.bundles.version import numbers, running

if TYPE_CHECKING:
    from datetime import datetime

    from gonogo.engines.bundles.keys import PublicKey
    from gonogo.engines.bundles.manifest import Manifest

CLOCKS_DIFFER = timedelta(minutes=10)  # between the maker's machine and this box


class Policy(NamedTuple):
    """Whom and what to take; `now` is the time of day in UTC.

    `trusted` None: anybody's signature will do. `unsigned`: one without will do, too.
    `now` None: of any age; `runtime` None: for any gonogo.
    """

    now: datetime | None
    trusted: tuple[PublicKey, ...] | None
    unsigned: bool = False
    memory_limit_mb: int | None = None
    runtime: str | None = running()

    def check_signer(self, signer: PublicKey | None) -> None:
        """BundleUntrusted unless it is one of those that are trusted."""
        if signer is None:
            if not self.unsigned:
                raise BundleUntrusted(
                    "nobody has signed it; its maker signs it with "
                    "`gonogo bundle sign FILE --key KEY`"
                )
        # by the key alone: its comment is what anybody may write behind it
        elif self.trusted is not None and signer.raw not in {key.raw for key in self.trusted}:
            known = ", ".join(key.fingerprint for key in self.trusted) or "nobody"
            raise BundleUntrusted(
                f"signed by {signer.fingerprint}, and this box trusts {known}; "
                "ask its maker which key is theirs"
            )

    def check_runtime(self, wanted: str) -> None:
        """BundleTooNew for what only a newer gonogo can read; a policy for any stands for ours."""
        own = self.runtime or running()
        # by the three numbers: a release candidate of ours reads what its release will
        if numbers(own) < numbers(wanted):
            raise BundleTooNew(
                f"it wants gonogo {wanted} or newer, this is {own}; update gonogo on this box"
            )

    def check_manifest(self, manifest: Manifest) -> None:
        """BundleError unless this box takes such a bundle now."""
        if self.now is not None:
            _check_age(manifest, self.now)
        if self.runtime is not None:
            self.check_runtime(manifest.minimum_runtime)
        # what its maker says; gonogo.engines.serving.bounds holds the process to it while it loads
        limit_mb = self.memory_limit_mb
        if limit_mb is not None and manifest.memory_mb > limit_mb:
            raise BundleTooLarge(
                f"its engine needs {manifest.memory_mb} MB of memory, expected at most "
                f"{limit_mb} MB; a smaller model, or a higher limit on a box that has the memory"
            )


INSPECTION = Policy(now=None, trusted=None, unsigned=True, runtime=None)  # whole, no more


def _check_age(manifest: Manifest, now: datetime) -> None:
    hint = f"this box says it is {now:%Y-%m-%d %H:%M} UTC; check its clock"
    if manifest.created > now + CLOCKS_DIFFER:
        raise BundleExpired(f"it was made on {manifest.created:%Y-%m-%d %H:%M} UTC, and {hint}")
    if manifest.expires is not None and manifest.expires <= now:
        raise BundleExpired(
            f"it expired on {manifest.expires:%Y-%m-%d %H:%M} UTC, and {hint}, "
            "or ask for a newer bundle"
        )
