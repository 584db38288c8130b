"""Whether another engine is worth making, in lines for people. Nothing is ever trained by that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.export.proposal import ENOUGH_LABELS, FEWEST, POINTS, Promise, Proposal
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.records.export.proposal import Agreement

NEXT = "  look at the labels, then: gonogo export --as mvtec --out FOLDER (see docs/export.md)"


class Known(NamedTuple):
    """Of a station that has engines."""

    promise: Promise
    found: Proposal


def in_lines(known: Known) -> Iterator[str]:
    """How many labels there are, how people agree with the engine, what follows."""
    promise, found = known
    yield f"engine in service: {promise.names}, made {utc(promise.made_ms)[:16]} UTC"
    yield (
        f"  {found.labels} usable labels of parts since then; {ENOUGH_LABELS} are enough for "
        "another one"
    )
    yield f"  {_agreed(found.agreement)}"
    if found.holds:
        yield f"another engine is proposed: {'; '.join(why(known))}"
        yield NEXT
    else:
        yield "nothing is proposed"


def _agreed(found: Agreement | None) -> str:
    if found is None:
        return f"agreement is not known: fewer than {FEWEST} parts that it rejected have a label"
    alone = (
        f"overkill alone: its proof had no bad parts, or fewer than {FEWEST} accepted parts of the "
        "audit sample have a label"
    )
    errors = "overkill and escape" if found.escape else alone
    return (
        f"agreement {100 * found.share:.1f} %, at best {100 * found.best:.1f} % (95 %); its proof "
        f"promised {100 * found.promised:.1f} % (by {errors})"
    )


def why(known: Known) -> Iterator[str]:
    """What speaks for another one."""
    found = known.found
    if found.enough:
        yield f"{found.labels} usable labels since {known.promise.names} was made"
    if found.agreement is not None and found.agreement.low:
        below = 100 * (found.agreement.promised - found.agreement.share)
        yield (
            f"people agree with it {below:.1f} points less than its proof promised "
            f"({100 * POINTS:g} are too many)"
        )
