"""Whether parts may flow, of what a station says."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.build.update.line import judged

LINK = {"alive": True, "plc": {"ctrl": 0}, "res_seq": 3, "ack_seq": 3}


@pytest.mark.parametrize(
    ("link", "stands", "says"),
    [
        (LINK, True, "has stopped"),
        ({**LINK, "plc": {"ctrl": 1}}, False, "lets parts flow"),
        ({**LINK, "ack_seq": 2}, False, "not acknowledged"),
        ({**LINK, "alive": False}, False, "nothing is heard"),
        ({**LINK, "plc": None}, False, "nothing is heard"),
        (None, False, "nothing is heard"),
    ],
)
def test_only_a_plc_that_is_heard_has_stopped_the_line(
    link: dict[str, Any] | None, *, stands: bool, says: str
) -> None:
    """What is not known counts as a line that runs."""
    found = judged({"link": link})
    assert found.stands is stands
    assert says in found.says
