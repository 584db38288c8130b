"""What the loader has at hand, made once: the memory it shares, the folder, what it follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.loading.active_version import ActiveVersionWriter
from gonogo.engines.loading.checks import versions_of
from gonogo.engines.loading.pairs import Pairs
from gonogo.engines.loading.signers import Signers
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.engines.loading.checks import Bundles
    from gonogo.engines.section import EnginesSection
    from gonogo.ipc.engine_queue import MailboxView
    from gonogo.ipc.engine_slot import LoaderSlot
    from gonogo.ipc.engine_slots import LoaderSlots
    from gonogo.ipc.journal import JournalView


class Memory(NamedTuple):
    """What the loader shares with the line and the hosts; a mailbox a slot."""

    slots: LoaderSlots
    mailboxes: Sequence[MailboxView]
    journal: JournalView


class Resources(NamedTuple):
    """What a swap is done with; who answers requests reads the same.

    `records`: where the records of the station lie; None where its journal does not say so.
    """

    section: EnginesSection
    slots: LoaderSlots
    mailboxes: Sequence[MailboxView]  # read only: the epochs of the hosts
    pairs: Pairs
    versions: ActiveVersionWriter
    signers: Signers
    records: Path | None

    @classmethod
    def of(cls, section: EnginesSection, memory: Memory) -> Resources:
        """Those of a loader that begins; a thread of its own reads who signed what is held."""
        held = [slot.ordered for slot in memory.slots.places]
        return cls(
            section,
            memory.slots,
            memory.mailboxes,
            Pairs(memory.journal),
            ActiveVersionWriter(section),
            Signers(section, [order.bundles for order in held if order]),
            _records_of(memory.journal),
        )

    @property
    def other(self) -> LoaderSlot:
        """The slot that does not judge."""
        return self.slots.places[1 - self.slots.active]

    @property
    def judging(self) -> Bundles:
        """The bundles of the slot that judges; none where it was told to hold nothing."""
        ordered = self.slots.places[self.slots.active].ordered
        return dict(ordered.bundles) if ordered else {}

    @property
    def warm(self) -> bool:
        """Whether the slot that does not judge could."""
        return self.other.phase is Phase.READY

    def keep_active(self) -> None:
        """The folder shall call active what judges, so that the next start begins with it."""
        self.versions.want(versions_of(self.section, self.judging))


def _records_of(journal: JournalView) -> Path | None:
    path = json.loads(journal.about).get("path")
    return None if path is None else Path(path)
