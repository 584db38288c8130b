"""Which convolutions to leave in float: sets in the order in which they are tried.

    nothing -> the last one, the last two (a head that makes distances is the usual culprit)
            -> the first one, alone and with the better of these (nearest to the pixels)
            -> by size, 1, 2, 3, 4, 6, 8 ...:  those that move the score most, by a pass for each
                                               those that move the map most
                                               the head and the front, in one piece
            -> between the last size that failed and the first that did: the smallest

What is quantized in one piece is faster, for each seam costs more than a layer saves; what
matters most is the smaller set. So both are tried.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    Plans = Generator[frozenset[str], "Verdict", None]
    Source = Callable[[int], frozenset[str]]

TAILS_FIRST = 2  # trailing convolutions left float before it is measured what matters
FIRST = 1  # and as many leading ones
NEAR = 1.1  # a shorter tail is preferred when it agrees nearly as well as the best


class Verdict(NamedTuple):
    """What came of a set: its worst figure as a share of what it may be, and whether it will do.

    `agrees`: it may be used. `good`: nothing that is left out is worth another attempt.
    """

    excess: float
    agrees: bool
    good: bool


def plans(convs: Sequence[str], ranked: Callable[[], Sequence[Sequence[str]]]) -> Plans:
    """Sets of `convs`, which stand in the order of the graph; send what came of each.

    `ranked`: the same names in one order or more, those first that matter most; asked for only
    where it is needed.
    """
    excess: dict[int, float] = {}
    for tail in range(min(TAILS_FIRST, len(convs) - 1) + 1):
        verdict = yield _tail(convs, tail)
        if verdict.good:
            return
        excess[tail] = verdict.excess
    if len(convs) == 1:
        return
    # the shortest of the good ones: what stays float costs time
    tail = min(k for k, found in excess.items() if found <= NEAR * min(excess.values()))
    for with_tail in sorted({0, min(tail, len(convs) - FIRST - 1)}):
        verdict = yield _edges(convs, with_tail, with_tail + FIRST)
        if verdict.good:
            return
    yield from _by_size(convs, ranked(), tail)


def expected(convs: Sequence[str]) -> int:
    """How many sets it may take, and as many passes as there are convolutions."""
    return TAILS_FIRST + 3 + len(convs) + 3 * len(_sizes(len(convs)))


def _by_size(convs: Sequence[str], orders: Sequence[Sequence[str]], tail: int) -> Plans:
    sources: list[Source] = [partial(_first, order) for order in orders]
    sources.append(partial(_edges, convs, tail))
    for before, size in pairwise((0, *_sizes(len(convs)))):
        for source in sources:
            verdict = yield source(size)
            if verdict.good:
                yield from _between(source, before, size)
                return


def _between(source: Source, fails: int, does: int) -> Plans:
    """The smallest set of a source, by halves: `fails` does not do, and `does` does."""
    while does - fails > 1:
        middle = (fails + does) // 2
        verdict = yield source(middle)
        fails, does = (fails, middle) if verdict.good else (middle, does)


def _first(order: Sequence[str], size: int) -> frozenset[str]:
    return frozenset(order[:size])


def _edges(convs: Sequence[str], tail: int, size: int) -> frozenset[str]:
    """The head of that length, and as much of the front as `size` leaves room for."""
    return frozenset(convs[: max(0, size - tail)]) | _tail(convs, min(tail, size))


def _tail(convs: Sequence[str], size: int) -> frozenset[str]:
    return frozenset(convs[len(convs) - size :])


def _sizes(convolutions: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, 16 ... and all but one."""
    powers = range(convolutions.bit_length())
    steps = {1, *(base << power for power in powers for base in (2, 3))}
    last = convolutions - 1
    return sorted({size for size in steps if size < last} | {last})
