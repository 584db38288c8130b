"""The charts of drift for `gonogo status`: a line a view, from shared memory alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.drift_table import ALL_VIEWS, ChartState
from gonogo.records.drift.part import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.ipc.drift_table import DriftView, ViewWords

FEW = 100  # parts that wait: a line of many parts a second always has some
_SIGNALS = list(Signal)


def standing(table: DriftView, views: Sequence[str]) -> Iterator[str]:
    """For `gonogo status`: a line a view, by what the process said last."""
    if not table.said_ns:
        yield "drift: nothing was said yet"
        return
    for view, words in table.views().items():
        name = "all views" if view == ALL_VIEWS else f"view '{views[view]}'"
        yield f"drift of {name}: {_in_short(words)}"
    if table.waiting > FEW:
        yield f"drift: {table.waiting} recorded parts are not charted yet"
    if table.odd:
        yield f"drift: {table.odd} scores or embeddings could not be charted (GN645)"


def _in_short(words: ViewWords) -> str:
    out = [_SIGNALS[k].value for k, one in words.charts.items() if one.state is ChartState.OUT]
    if out:
        return f"OUT: {', '.join(out)}; `gonogo drift` says more"
    if words.of_h and words.learnt_h < words.of_h:
        return f"LEARNING, {words.learnt_h} of {words.of_h} h"
    return f"{len(words.charts)} charts within their limits"
