"""What somebody at the console is about: a candidate of the station file, and what is on trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.config.candidate import Candidate


class Bench:
    """Of one session; it goes when whoever was there is signed out.

    `candidate`: None unless somebody configures. `trial`: the id of a change that this session has
    put on trial, '' for none. `tries`: outputs are tried by hand, begun here.
    """

    def __init__(self) -> None:
        self.candidate: Candidate | None = None
        self.trial = ""
        self.tries = False
