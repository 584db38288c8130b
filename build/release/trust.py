"""Whose releases a box takes: public key files, and those that were taken back.

    FOLDER/*.pub           whoever is trusted
    FOLDER/revoked/*.pub   whoever is not any more, also where the key still lies above

Keys have no date of their own: one ends by being moved to `revoked`, a release by what its
manifest says.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import KeyFileError, ReleaseExpired, ReleaseRevoked, ReleaseUntrusted
from gonogo.engines.bundles.keys import PublicKey, read_public

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.build.release.manifest import Facts

REVOKED = "revoked"


class Trust(NamedTuple):
    """Whom to believe; `trusted` None: anybody, `unsigned`: nobody, too; `now` None: for ever."""

    trusted: tuple[PublicKey, ...] | None = None
    revoked: tuple[PublicKey, ...] = ()
    unsigned: bool = False
    now: datetime | None = None

    def check_signer(self, signer: PublicKey | None) -> None:
        """ReleaseUntrusted unless it is one of those that are trusted."""
        if signer is None:
            if not self.unsigned:
                raise ReleaseUntrusted(
                    "nobody has signed it; its maker builds it with "
                    "`gonogo release build --key KEY`"
                )
            return
        # by the key alone: its comment is what anybody may write behind it
        if signer.raw in {key.raw for key in self.revoked}:
            raise ReleaseRevoked(
                f"signed by {signer.fingerprint}, a key that was taken back; "
                "ask for a release that is signed with the new one"
            )
        if self.trusted is not None and signer.raw not in {key.raw for key in self.trusted}:
            known = ", ".join(key.fingerprint for key in self.trusted) or "nobody"
            raise ReleaseUntrusted(
                f"signed by {signer.fingerprint}, and this box trusts {known}; "
                "ask its maker which key is theirs"
            )

    def check_age(self, facts: Facts) -> None:
        """ReleaseExpired where its time is over."""
        if self.now is None or facts.expires is None or facts.expires > self.now:
            return
        raise ReleaseExpired(
            f"it expired on {facts.expires:%Y-%m-%d %H:%M} UTC, and this box says it is "
            f"{self.now:%Y-%m-%d %H:%M} UTC; check its clock, or ask for a newer release"
        )


INSPECTION = Trust(unsigned=True)  # whole, no more


def read_trust(places: Iterable[Path], *, unsigned: bool = False) -> Trust:
    """Of key files and folders of them, as it is now; without any, anybody's signature will do.

    KeyFileError for a file that is no public key, or a folder without one.
    """
    trusted: list[PublicKey] = []
    revoked: list[PublicKey] = []
    named = False
    for place in places:
        named = True
        if not place.is_dir():
            trusted.append(read_public(place))
            continue
        found = _keys_in(place)
        if not found:
            raise KeyFileError(f"{place}: expected *.pub files of those whom this box trusts")
        trusted += found
        revoked += _keys_in(place / REVOKED)
    now = datetime.now(timezone.utc)
    return Trust(tuple(trusted) if named else None, tuple(revoked), unsigned, now)


def _keys_in(folder: Path) -> list[PublicKey]:
    return [read_public(path) for path in sorted(folder.glob("*.pub"))]
