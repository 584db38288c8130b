"""Items without any records behind them.

Import as `gonogo.tests.records.export.items`.
"""

from __future__ import annotations

from gonogo.records.export.item import Item, Shot
from gonogo.tests.records.export.labelled import HOUR, RUN
from gonogo.tests.records.questions.recorded import START_MS


def item(serial: int, cls: str = "good", lot: str = "", at_s: float | None = None) -> Item:
    """A part with a picture of the view `top`; one a second where nobody says when."""
    source = f"/pictures/{HOUR}/{serial:064x}.png"
    return Item(
        run=RUN, serial=serial, part_id=serial + 100,
        wall_ms=START_MS + round(1000 * (serial if at_s is None else at_s)),
        cls=cls, code="" if cls == "good" else cls, lot=lot, serial_number="",
        verdict="ACCEPT" if cls == "good" else "REJECT",
        reason="OK" if cls == "good" else "ENGINE", score=1200, engine="abc", recipe=1,
        origin="REVIEW", overridden=False, shots=(Shot("top", source, ""),),
    )  # fmt: skip
