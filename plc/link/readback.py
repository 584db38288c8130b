"""Whether something follows the coil: the module's output, or the ejector itself.

    told     off |---------- on ----------| off            writes, as acknowledged
    read      0  0  1  1  1  1  1  1  1  1  1  0  0        follows, some ms behind
    read      0  0  0  0  0  0  0  0  0  0  0  0  0        does not

Pure: every time comes from the caller, in monotonic ns. What a read says was so at some
moment between its request and its reply; nothing is held against it before its request
left. So a slow reply proves nothing, and neither does a follower that stays within its bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SLIPS = 2  # what has followed may fall back so often in 10 s: a hand at another master
SLIP_NS = 10_000_000_000  # slips are counted within this time
MISSES = 3  # pulses in a row that no read has shown; one is enough where reads were dense
DENSE = 2  # reads within a pulse
UNREAD = 2  # pulses in a row without any read after which one has to be read


class Amiss(Enum):
    """In which way something does not follow."""

    STANDS = "stands"  # it has read otherwise for longer than the bound
    MISSED = "missed"  # pulses came and went, and no read ever showed one
    SLIPS = "slips"  # it had followed, and then did not stay


@dataclass(slots=True)
class _Pulse:
    """A time for which the coil was told one thing."""

    on: bool
    begin_ns: int
    end_ns: int = 0
    agreed: bool = False  # a read has shown it
    denials: int = 0  # reads meanwhile that said otherwise, before one has
    gap_ns: int = 0  # longest time without a read, until it could not show any more

    @property
    def dense(self) -> bool:
        """Whether reads came often enough that it must have shown, however late."""
        return self.denials >= DENSE and self.gap_ns < self.end_ns - self.begin_ns

    def read(self, sent_ns: int, last_ns: int) -> None:
        """Nobody had looked since `last_ns`, or since it began."""
        self.gap_ns = max(self.gap_ns, sent_ns - max(last_ns, self.begin_ns))


class _Past:
    """Pulses that are over: which of them may still show, and which nobody has seen."""

    def __init__(self, bound_ns: int) -> None:
        self._bound_ns = bound_ns
        self.forget()

    def forget(self) -> None:
        """Nothing is known."""
        self._unseen: list[_Pulse] = []  # within their bound
        # pulses in a row, of each kind: what is stuck shows one of them all the time
        self._missed = {False: 0, True: 0}  # that no read has shown
        self._unread = {False: 0, True: 0}  # in which nobody has read

    @property
    def doubts(self) -> bool:
        """Whether something that it was told before may still show, or was missed."""
        return bool(self._unseen) or any(self._missed.values())

    def unproven(self, *, on: bool) -> bool:
        """Whether pulses of that kind come and go too fast to be read."""
        return self._unread[on] >= UNREAD

    def over(self, pulse: _Pulse, at_ns: int) -> None:
        """It was told otherwise at that time."""
        if pulse.agreed:
            self._unread[pulse.on] = 0
        self._unread[pulse.on] += not (pulse.agreed or pulse.denials)
        if not pulse.agreed:
            pulse.end_ns = at_ns
            self._unseen.append(pulse)  # it may still show

    def read(self, sent_ns: int, last_ns: int) -> None:
        """Another read, and the one before."""
        for pulse in self._unseen:
            pulse.read(sent_ns, last_ns)

    def show(self, read: bool) -> bool:  # noqa: FBT001 - what was read
        """Whether a pulse that is over already shows only now."""
        waiting = len(self._unseen)
        self._unseen = [pulse for pulse in self._unseen if pulse.on is not read]
        self._missed[read] = 0
        return len(self._unseen) < waiting

    def settle(self, sent_ns: int) -> Amiss | None:
        """Pulses that can no longer show; one without any read says nothing."""
        over = [pulse for pulse in self._unseen if sent_ns - pulse.end_ns >= self._bound_ns]
        self._unseen = [pulse for pulse in self._unseen if pulse not in over]
        for pulse in over:
            self._missed[pulse.on] += MISSES if pulse.dense else bool(pulse.denials)
        return Amiss.MISSED if max(self._missed.values()) >= MISSES else None


class Follower:
    """One thing that has to follow within `bound_ns`; more than `slips` slips in 10 s are too many.

    `slips` None: a contact that bounces is none of our business.
    """

    def __init__(self, bound_ns: int, slips: int | None = None) -> None:
        self._bound_ns = bound_ns
        self._slips_max = slips
        self._past = _Past(bound_ns)
        self.forget()

    def forget(self) -> None:
        """A new connection, or a fault that was cleared: nothing is known."""
        self._pulse: _Pulse | None = None  # of now
        self._differs_ns: int | None = None  # since when
        self._sent_ns = 0  # the last read
        self._slips: list[int] = []  # when
        self._past.forget()

    @property
    def agrees(self) -> bool:
        """Whether the last read said what was told; before the first one it does not."""
        return self._pulse is not None and self._pulse.agreed and self._differs_ns is None

    @property
    def doubts(self) -> bool:
        """Whether something that it was told before may still show, or was missed."""
        return self._past.doubts

    @property
    def differs(self) -> bool:
        """Whether the last read said otherwise."""
        return self._differs_ns is not None

    def unproven(self, *, on: bool) -> bool:
        """Whether pulses of that kind come and go too fast to be read."""
        return self._past.unproven(on=on)

    def stood_ms(self, sent_ns: int) -> float:
        """For how long it has read otherwise."""
        return 0.0 if self._differs_ns is None else (sent_ns - self._differs_ns) / 1e6

    def tell(self, at_ns: int, *, on: bool) -> None:
        """What was written last, and when it was acknowledged; the same again changes nothing."""
        pulse = self._pulse
        if pulse is not None and (pulse.on, pulse.begin_ns) == (on, at_ns):
            return
        if pulse is not None:
            self._past.over(pulse, at_ns)
        self._pulse, self._differs_ns = _Pulse(on, at_ns), None

    def compare(self, sent_ns: int, *, read: bool) -> Amiss | None:
        """A read, asked for at `sent_ns`, after it was told what it is told."""
        pulse = self._pulse
        if pulse is None:
            return None
        self._past.read(sent_ns, self._sent_ns)
        pulse.read(sent_ns, self._sent_ns)
        self._sent_ns = sent_ns
        # first the past: what shows late must not count as a slip of the present pulse
        late = self._past.show(read)
        if read is not pulse.on:
            return self._differ(pulse, sent_ns, late=late) or self._past.settle(sent_ns)
        pulse.agreed, self._differs_ns = True, None
        return self._past.settle(sent_ns)

    def _differ(self, pulse: _Pulse, sent_ns: int, *, late: bool) -> Amiss | None:
        if self._differs_ns is None:
            # one that never agreed has stood otherwise since it was told
            self._differs_ns = sent_ns if pulse.agreed else pulse.begin_ns
            if pulse.agreed and not late and self._slip(sent_ns):
                return Amiss.SLIPS
        pulse.denials += not pulse.agreed
        return Amiss.STANDS if sent_ns - self._differs_ns >= self._bound_ns else None

    def _slip(self, sent_ns: int) -> bool:
        self._slips = [at for at in self._slips if sent_ns - at < SLIP_NS]
        self._slips.append(sent_ns)
        return self._slips_max is not None and len(self._slips) > self._slips_max
