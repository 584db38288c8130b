"""What `[engines]` says, as a policy for bundles.

Apart from the section, which the line process knows: it opens no bundle and needs no
cryptography.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from gonogo.engines.bundles.keys import read_public
from gonogo.engines.bundles.policy import Policy

if TYPE_CHECKING:
    from gonogo.engines.section import EnginesSection


def policy_of(section: EnginesSection) -> Policy:
    """What this station takes now; KeyFileError for a key file that cannot be read."""
    # keys are read with each order: one whose file was taken away counts no more from the next on
    return Policy(
        now=datetime.now(timezone.utc),
        trusted=tuple(map(read_public, section.trust)),
        unsigned=section.allow_unsigned,
        memory_limit_mb=section.memory_mb,
    )
