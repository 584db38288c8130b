"""The session block: whose counts meet, and what is commanded where they do not."""

from __future__ import annotations

from gonogo.proving.plcsim.session import PATIENCE_NS, Session, give_command

RES_SEQ, SESSION, STATUS = 12, 13, 4
ACK, CMD_SEQ, CMD, ECHO = 4, 6, 7, 15
SYNC = 1 << 14


class Told:
    """A session block, the words of both sides, and what was told."""

    def __init__(self, session: int = 500) -> None:
        self.out, self.words = [0] * 20, [0] * 96
        self.words[SESSION] = session
        self.events: list[str] = []
        self.session = Session(self.out, lambda event, *_, **__: self.events.append(event))


def test_session_is_echoed_once() -> None:
    """When RES_SEQ is our ACK_SEQ; the same one again is no news."""
    told = Told()
    assert told.session.follow(told.words, 0)
    assert not told.session.follow(told.words, 10)
    assert (told.out[ECHO], told.events) == (500, ["session"])


def test_session_whose_count_is_another_waits_and_then_asks() -> None:
    """Told at once; a resync after a second, and ACK_SEQ is left alone."""
    told = Told()
    told.words[RES_SEQ] = 3
    for now_ns in (0, PATIENCE_NS - 1, PATIENCE_NS):
        assert not told.session.follow(told.words, now_ns)
    assert told.events == ["astray", "resync"]
    assert (told.out[ACK], told.out[CMD_SEQ], told.out[CMD], told.out[ECHO]) == (0, 1, 3, 0)


def test_session_with_a_sync_request_has_no_records() -> None:
    """It is known and in sync, but records wait until the request is taken back."""
    told = Told()
    told.words[STATUS] = SYNC
    told.session.follow(told.words, 0)
    assert told.session.in_sync(told.words)
    assert not told.session.known(told.words)
    told.words[STATUS] = 0
    told.session.follow(told.words, 10)
    assert told.session.known(told.words)
    assert not told.session.in_sync(told.words)


def test_session_counts_new_records_round_the_wrap() -> None:
    """Eight at most: nine are a count that was lost."""
    told = Told()
    told.out[ACK] = 65_534
    for res_seq, fresh in ((65_534, 0), (1, 3), (6, 8), (7, 0), (65_533, 0)):
        told.words[RES_SEQ] = res_seq
        assert told.session.fresh(told.words, 0) == fresh
    assert told.events == ["astray"]


def test_session_that_met_again_has_its_whole_patience_back() -> None:
    """A second that began before they met does not count."""
    told = Told()
    for now_ns, res_seq in ((0, 9), (PATIENCE_NS - 1, 1), (PATIENCE_NS, 9)):
        told.words[RES_SEQ] = res_seq
        told.session.fresh(told.words, now_ns)
    assert told.events == ["astray", "astray"]


def test_command_bears_the_next_number() -> None:
    """0 after 65535, too: only that it changes counts."""
    out = [0] * 20
    out[CMD_SEQ] = 65_534
    assert [give_command(out, 1), give_command(out, 3)] == [65_535, 0]
    assert out[CMD] == 3
