"""One line on how a station stands: what the PLC hears of it comes first."""

from __future__ import annotations

import pytest

from gonogo.base.words import Mode
from gonogo.console.show.headline import Seen, headline
from gonogo.ipc.link_table import (
    D_WORDS,
    P_WORDS,
    RECORD_WORDS,
    SINCES,
    LinkFacts,
    LinkFlag,
)
from gonogo.plc.register_map import MAP_VERSION
from gonogo.records.metrics.alerts import SILENT_S

ALL = LinkFlag.CONNECTED | LinkFlag.ALIVE | LinkFlag.SYNCED | LinkFlag.PERMIT | LinkFlag.VERSION_OK
NOW_NS = 10**12
NONE = LinkFlag(0)


def link(without: LinkFlag = NONE, reason: str = "", more: LinkFlag = NONE) -> LinkFacts:
    """A link on which all is well but that."""
    inputs = (MAP_VERSION + 1, *(0,) * (P_WORDS - 1))
    spans = ((0,) * count for count in (D_WORDS, RECORD_WORDS, SINCES))
    single = (NOW_NS, 0, ALL & ~without | more, 0, 7, 1, 1, 0, NOW_NS, 0)
    return LinkFacts._make((*single, inputs, *spans, reason))


@pytest.mark.parametrize(
    ("facts", "word", "says"),
    [
        (link(), "judging", "the PLC hears it"),
        (link(LinkFlag.PERMIT), "no-permit", "permit is off"),
        (link(LinkFlag.PERMIT, more=LinkFlag.TEST), "test-mode", "outputs are tried by hand"),
        (link(LinkFlag.SYNCED), "not-followed", "has not taken our session"),
        (link(LinkFlag.VERSION_OK), "wrong-map", f"map version {MAP_VERSION + 1}, not"),
        (link(LinkFlag.ALIVE), "plc-stands", "the PLC does not poll us"),
        (link(LinkFlag.CONNECTED, "GN401: refused"), "no-plc", "GN401: refused; every part is"),
        (link(LinkFlag.CONNECTED), "no-plc", "no PLC is connected"),
        (None, "starting", "no line judges yet"),
    ],
)
def test_headline_says_why_a_station_in_full_is_not_heard(
    facts: LinkFacts | None, word: str, says: str
) -> None:
    """FULL, and every part is thrown out by the PLC: that is what somebody has to know."""
    found = headline(Seen(NOW_NS, NOW_NS, Mode.FULL, facts))
    assert found.word == word
    assert says in found.says


@pytest.mark.parametrize(
    ("mode", "word"),
    [(Mode.FULL, "judging"), (Mode.RULES_ONLY, "rules-only"), (Mode.SAFE, "safe")],
)
def test_headline_says_by_what_a_station_judges_that_is_heard(mode: Mode, word: str) -> None:
    """The mode comes when the PLC hears us."""
    assert headline(Seen(NOW_NS, NOW_NS, mode, link())).word == word


def test_headline_of_a_line_that_hangs_or_has_not_begun() -> None:
    """Whatever the link says: nobody judges."""
    late_ns = NOW_NS + round(SILENT_S * 1e9)
    assert headline(Seen(late_ns, NOW_NS, Mode.FULL, link())).word == "silent"
    assert headline(Seen(late_ns - 1, NOW_NS, Mode.FULL, link())).word == "judging"
    assert headline(Seen(NOW_NS, 0, Mode.FULL, link())).word == "starting"
