"""A part that the PLC names and we never see: its PART_ID comes and goes between two polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.plc.register_map import PlcWords

if TYPE_CHECKING:
    from gonogo.plc.transports.transport import Inputs

P_PART_ID = PlcWords._fields.index("part_id")


class BlindSpot:
    """Hides one part once it was asked to; otherwise it changes nothing."""

    def __init__(self) -> None:
        self._asked = False
        self._hidden = 0

    def ask(self) -> None:
        """Hide the next part."""
        self._asked = True

    def look(self, inputs: Inputs, anchor: int) -> Inputs:
        """What is seen of `inputs`; `anchor` is the PART_ID that was seen last."""
        part_id = inputs.words[P_PART_ID]
        if self._asked and part_id not in {anchor, 0}:
            self._asked, self._hidden = False, part_id
        if part_id != self._hidden or not self._hidden:
            self._hidden = 0
            return inputs
        words = list(inputs.words)
        words[P_PART_ID] = anchor
        return inputs._replace(words=words)
