"""Whether another device writes the words of this station: pure, like the handshake it belongs to.

    echo    P115, the session that the PLC follows: ours, 0, or what stood there when we came
            is explained, by a resync or by a PLC that restarted. Any other was shown to it by
            somebody else.
    look    D0-D31 as the PLC holds them (plc/transports/transport.py: read_back): ours, nothing,
            or what was left there before us is explained, and so is a PLC that is slow to store.
            Words of somebody else that change are not.

Three such sightings within five seconds latch FAULT: another device writes here. (A second
foreign session counts twice: no memory that came back explains it.) One is enough to
withhold the permit until six looks in a row have found new words of ours. While in doubt
we write in every turn (DOUBT counts), so that neither hides behind the other for long.

Before the first write on a connection we only look. Words with our BOX_ID were left by this
process, or by the line before it: work begins at once. Otherwise they must stand still for
three beats, and the permit waits until six looks found ours. Where they do not, FAULT is
latched and nothing is written but our BOX_ID into OBJECTION, which no PLC evaluates: it is
how the other station hears of us, and latches, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.register_map import (
    BOX_AT,
    HEADER_WORDS,
    MAGIC,
    OBJECTION_AT,
    SESSION_AT,
    CommandResult,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.handshake.state import LinkState, ReadBack, Strangers

WATCH_NS = 300 * NS_PER_MS  # three beats: whoever is there has written by then
UNREADABLE_NS = 2000 * NS_PER_MS  # the same where the PLC does not let us read what we wrote
WINDOW_NS = 5000 * NS_PER_MS  # sightings further apart have nothing to do with each other
QUIET_NS = 2000 * NS_PER_MS  # not seen for so long: gone
SIGHTINGS = 3  # what was left there, half of it in a slow PLC, and a third that nothing explains
LOOKS = 6  # where a slow PLC keeps what came last before its scan, each shows but one of two
OLD_SESSIONS = 64  # of ours that a PLC may still echo
_WORD = 0xFFFF  # 1..65535 in a circle
_HALF = HEADER_WORDS // 2
_NOTHING = (0,) * _HALF
_BIT = int(FaultBit.STRANGER)


# -- events ------------------------------------------------------------------------------


def connected(state: LinkState, now_ns: int) -> LinkState:
    """A new connection: nothing is written before we have looked."""
    strangers = state.strangers._replace(
        arrived=False, readable=False, face=(), still_ns=now_ns, echo=-1
    )
    return state._replace(strangers=strangers)


def noted(state: LinkState, echo: int) -> LinkState:
    """The session that the PLC follows as it stands there when we come: history."""
    return state._replace(strangers=state.strangers._replace(echo=echo, arrival=echo))


def heard(state: LinkState, echo: int, now_ns: int) -> LinkState:
    """The session that the PLC follows now."""
    strangers = state.strangers
    # read in each poll; only a change says something
    if echo == strangers.echo:
        return state
    if not state.peer.ok:  # a PLC whose heart stands still may be given any memory
        return noted(state, echo)
    # a PLC that lost its memory, or got back what it had when we came
    if echo in (0, strangers.arrival) or shown(state, echo):
        return state._replace(strangers=strangers._replace(echo=echo))
    twice = strangers.other not in (0, echo)  # no memory that came back explains a second one
    state = state._replace(strangers=strangers._replace(echo=echo, other=echo))
    return _sighted(state, now_ns, 1 + twice)


def read_back(state: LinkState, event: ReadBack) -> LinkState:
    """What stands where we write; before our first write it decides whether we may begin."""
    words, now_ns = event.words, event.now_ns
    if not words:
        held = words is None and not state.strangers.alone
        return passed(_begin(state, now_ns, held=held), now_ns)
    # our own words from before, too: a line that takes over loses no time here
    if _ours(state.strangers, words):
        return passed(_begin(_found_ours(state, tuple(words)), now_ns, held=False), now_ns)
    # words of another one may have been left there long ago: only a change of them counts
    if _strange(state, words):
        return _wait(_found(state, tuple(words), now_ns), now_ns)
    if state.strangers.alone and not state.latched & _BIT:  # a PLC that lost its memory
        return passed(_begin(state, now_ns, held=False), now_ns)
    return _wait(state, now_ns)


def passed(state: LinkState, now_ns: int) -> LinkState:
    """Time passes: the permit may come back, and who was seen may be gone."""
    strangers = state.strangers
    # most ticks end here, and make no new tuple
    doubt = strangers.held_ns or strangers.lives or state.latched & _BIT
    if not doubt and not strangers.doubt:
        return state
    over = bool(strangers.held_ns) and _over(strangers, now_ns)
    last_ns = strangers.sightings[-1] if strangers.sightings else -QUIET_NS
    strangers = strangers._replace(
        held_ns=0 if over else strangers.held_ns,
        alone=strangers.alone or over,
        lives=now_ns - last_ns < QUIET_NS,
        # never 0 while in doubt: each turn has a word that is new, and so is written
        doubt=strangers.doubt % _WORD + 1 if doubt else 0,
    )
    return state._replace(strangers=strangers)


def clear(state: LinkState) -> tuple[LinkState, CommandResult]:
    """Faults are cleared on command; this one only when nobody else is there any more."""
    kept = state.latched & _BIT if state.strangers.lives else 0
    sightings = state.strangers.sightings if kept else ()
    state = state._replace(
        latched=kept,
        warning=False,
        clears=state.clears + 1,
        strangers=state.strangers._replace(sightings=sightings),
    )
    return state, CommandResult.REFUSED if kept else CommandResult.DONE


# -- what was found ----------------------------------------------------------------------


def shown(state: LinkState, session: int, back: int = OLD_SESSIONS) -> bool:
    """Whether a session is the present one of this line, or one of the last before it."""
    present = state.outbox.session
    # no further back than this line is old: what a line before it showed is not ours
    since = (present - state.strangers.first) % _WORD
    return session != 0 and (present - session) % _WORD <= min(since, back)


def objection(state: LinkState) -> int:
    """What we write into OBJECTION while somebody else is where we would write; 0: nothing."""
    strangers = state.strangers
    return strangers.box if state.latched & _BIT and not strangers.arrived else 0


def _ours(strangers: Strangers, words: Sequence[int]) -> bool:
    """Written by this station, and nobody has objected to it."""
    return words[0] == MAGIC and words[BOX_AT] == strangers.box and not words[OBJECTION_AT]


def _strange(state: LinkState, words: Sequence[int]) -> bool:
    """Words of another station, or none where ours have been read before; 0 is no memory.

    Half of what we wrote is neither, in a PLC that is slow to store: our session, and in the
    other half 0 or what was left there.
    """
    strangers = state.strangers
    if words[0] != MAGIC:
        return strangers.readable and any(words)
    rest = tuple(words[_HALF:])
    half = shown(state, words[SESSION_AT], back=1) and rest in (_NOTHING, strangers.face[_HALF:])
    return not half


def _found_ours(state: LinkState, words: tuple[int, ...]) -> LinkState:
    """Of this process; those of the line before it, or the same ones again, prove nothing."""
    strangers = state.strangers
    # a slow PLC shows what it stored at its last scan, however often it is asked
    if words == strangers.own or not shown(state, words[SESSION_AT]):
        return state
    strangers = strangers._replace(readable=True, own=words, clean=strangers.clean + 1)
    return state._replace(strangers=strangers)


def _found(state: LinkState, face: tuple[int, ...], now_ns: int) -> LinkState:
    """Words that are not ours; the same ones again, or the first ones on arrival, say nothing."""
    strangers = state.strangers
    if face == strangers.face:
        return state
    # the first words on arrival may be of a box that was taken away
    left = not strangers.arrived and not strangers.face
    state = state._replace(strangers=strangers._replace(face=face, still_ns=now_ns))
    return state if left else _sighted(state, now_ns)


def _sighted(state: LinkState, now_ns: int, weight: int = 1) -> LinkState:
    strangers = state.strangers
    recent = [at_ns for at_ns in strangers.sightings if now_ns - at_ns < WINDOW_NS]
    # no more are kept than are needed to latch
    sightings = (*recent, *(now_ns,) * weight)[-SIGHTINGS:]
    latch = _BIT * (len(sightings) == SIGHTINGS)
    return state._replace(
        strangers=strangers._replace(sightings=sightings, held_ns=now_ns, clean=0, lives=True),
        latched=state.latched | latch,
    )


# -- what follows ------------------------------------------------------------------------


def _wait(state: LinkState, now_ns: int) -> LinkState:
    """Before the first write: until nothing has changed there for a while."""
    still_ns = now_ns - state.strangers.still_ns
    if still_ns < (QUIET_NS if state.latched & _BIT else WATCH_NS):
        return passed(state, now_ns)
    return passed(_begin(state, now_ns, held=True), now_ns)


def _begin(state: LinkState, now_ns: int, *, held: bool) -> LinkState:
    """We may write; `held`: without permit, until we know that nobody else does."""
    strangers = state.strangers
    if strangers.arrived:
        return state
    strangers = strangers._replace(
        arrived=True,
        # somebody else's words were there, or none could be read: be sure first
        alone=not held,
        held_ns=now_ns if held else strangers.held_ns,
        clean=0,
        sightings=(),
    )
    return state._replace(strangers=strangers)


def _over(strangers: Strangers, now_ns: int) -> bool:
    """Whether we may be sure of being alone."""
    held_ns = now_ns - strangers.held_ns
    return held_ns >= UNREADABLE_NS or (held_ns >= WATCH_NS and strangers.clean >= LOOKS)
