"""One count over all forms."""

from __future__ import annotations

from gonogo.build.tally import Tally


def test_tally_goes_on_where_the_form_before_ended() -> None:
    """A form to come counts as this one does; what ends early makes the rest shorter."""
    heard: list[tuple[str, int, int]] = []
    tally = Tally(lambda *what: heard.append(what), 2)
    tally.next()
    tally("proving: cpu form, 0 of 3", 0, 10)
    tally("calibrating", 5, 60)
    tally("proving: cpu form, done", 4, 4)
    tally.next()
    tally("proving: tensorrt form, 0 of 3", 0, 10)
    tally("proving: tensorrt form, done", 2, 2)
    assert [(done, total) for _, done, total in heard] == [
        (0, 20),
        (5, 60),
        (4, 8),
        (4, 14),
        (6, 6),
    ]
    assert heard[1][0] == "calibrating"
