"""A part that the PLC names and we never see: its PART_ID comes and goes between two polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.plc.register_map import PlcWords

if TYPE_CHECKING:
    from gonogo.plc.transports.transport import Inputs

P_PART_ID = PlcWords._fields.index("part_id")


class HiddenPart:
    """Hides one part once it was asked to; otherwise it changes nothing.

    `ask` is the loop's, `hide` the link thread's.
    """

    def __init__(self) -> None:
        self._asked = False
        self._hidden = 0

    def ask(self) -> None:
        """Hide the next part that the PLC names."""
        self._asked = True

    def hide(self, inputs: Inputs, anchor: int) -> Inputs:
        """What is left to be seen of `inputs`; `anchor` is the PART_ID that was seen last."""
        part_id = inputs.words[P_PART_ID]
        # a change: what stands there already has been seen
        if self._asked and part_id not in {anchor, 0}:
            self._asked, self._hidden = False, part_id
        if part_id != self._hidden or not self._hidden:
            # over with the next id, or 0; the next id shows that one was missed
            self._hidden = 0
            return inputs
        words = list(inputs.words)
        # as if the last one still stood there; the rest of the reading is as it is
        words[P_PART_ID] = anchor
        return inputs._replace(words=words)
