"""Two engines on the same parts, in figures: how far they agree, how they score, where they differ.

Drawn by gonogo.commands.show.compare; `as_json` is what a program reads.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.base.interval import Estimate, estimate
from gonogo.base.scores import SCORE_AT_LIMIT, SCORE_MAX
from gonogo.base.words import VerdictKind
from gonogo.commands.labelled import against_labels
from gonogo.engines.loading.agreement import Agreement, agree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gonogo.commands.labelled import Labelled
    from gonogo.records.dispositions.labels import Label
    from gonogo.records.shadow import Duo, Shadowed, Twice

BIN_WORDS = 500  # score words a bin: the reject limit is the edge of one
EDGES = tuple(range(0, SCORE_MAX + 1, BIN_WORDS))
LIMIT_BIN = SCORE_AT_LIMIT // BIN_WORDS  # the lowest one of which every part is rejected


class Words(NamedTuple):
    """Parts in each bin of score words, above its lower edge up to its upper one."""

    active: list[int]
    shadow: list[int]


class Comparison(NamedTuple):
    """What both engines said of `parts`, in the order of time.

    `same`: parts with one verdict, whatever the rules said; `same_alone`: by the engines
    alone. `verdicts`: parts by (decided, shadow). `differing`: the worst first.
    """

    # oldest first
    runs: list[str]
    engines: tuple[Duo, ...]
    parts: tuple[Twice, ...]
    same: Estimate
    same_alone: Estimate
    alone: Agreement
    verdicts: Counter[tuple[VerdictKind, VerdictKind]]
    words: Words
    differing: list[Twice]
    # what people's labels say of the two; None where no label is of any of these parts
    labelled: Labelled | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it; scores are score words, 0..10000 with the reject limit at 5000."""
        return {
            "runs": self.runs,
            "engines": [duo._asdict() for duo in self.engines],
            "same_verdict": self.same._asdict(),
            "verdicts": [
                {"active": active.name, "shadow": shadow.name, "parts": parts}
                for (active, shadow), parts in self.verdicts.items()
            ],
            "engines_alone": self.alone.as_json(),
            "histogram": {"edges": list(EDGES), **self.words._asdict()},
            "differing": [_plain(part) for part in self.differing],
            "labels": None if self.labelled is None else self.labelled.as_json(),
        }


def compare(found: Shadowed, labels: Iterable[Label] = ()) -> Comparison:
    """The figures of parts that two engines judged, one at least; `labels` of whatever parts."""
    alone = agree([part.engines for part in found.parts])
    differing, count = worst_first(found.parts), len(found.parts)
    return Comparison(
        runs=found.runs,
        engines=found.engines,
        parts=found.parts,
        # with its 95 % interval: of ten parts "all the same" says little
        same=estimate(count - len(differing), count),
        same_alone=estimate(alone.agree, count),
        alone=alone,
        verdicts=Counter((part.verdict, part.shadow_verdict) for part in found.parts),
        words=_words(found.parts),
        differing=differing,
        labelled=against_labels(found.parts, labels),
    )


def worst_first(parts: Sequence[Twice]) -> list[Twice]:
    """Parts with another verdict: first those that the shadow alone would have accepted."""
    return sorted(
        (part for part in parts if part.verdict is not part.shadow_verdict),
        key=lambda part: (
            # an escape to be weighs more than any distance of scores
            part.shadow_verdict is not VerdictKind.ACCEPT,
            -abs(part.engines.shadow_score - part.engines.active_score),
        ),
    )


def _words(parts: Sequence[Twice]) -> Words:
    scores = [(part.engines.active_score, part.engines.shadow_score) for part in parts]
    # minus one: a score word at an edge is of the bin below it, as one at a limit is not above it
    bins = (np.array(scores) - 1).clip(0, SCORE_MAX - 1) // BIN_WORDS
    return Words(*(np.bincount(side, minlength=len(EDGES) - 1).tolist() for side in bins.T))


def _plain(part: Twice) -> dict[str, Any]:
    both = part.engines
    return {
        "run": part.run,
        "serial": both.serial,
        "part_id": both.part_id,
        "wall": part.wall,
        "verdict": part.verdict.name,
        "reason": part.reason.name,
        "shadow_verdict": part.shadow_verdict.name,
        "shadow_reason": part.shadow_reason.name,
        "score": both.active_score,
        "shadow_score": both.shadow_score,
    }
