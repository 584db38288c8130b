"""The program of the simulated PLC: one call of `scan` is one scan, free of input and output.

It knows what a plain PLC programmer would make of the map: take the process image,
watch the heartbeat, echo the session, trigger parts, read and acknowledge records,
move the belt. It gives the P words back and tells `tell` what happened, so that
the same program runs live and in tests with scripted times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.plcsim.conveyor import Conveyor
from gonogo.proving.plcsim.feed import DeviceFeed, Moment, PlcFeed
from gonogo.proving.plcsim.lifesigns import LifeSigns
from gonogo.proving.plcsim.plan import NS_PER_MS
from gonogo.proving.plcsim.records import Records
from gonogo.proving.plcsim.session import Session, give_command
from gonogo.proving.plcsim.wire import (
    CMD_CLEAR,
    CTRL_ENABLE,
    CTRL_SYNC_ACK,
    CTRL_TRIGGER,
    D_LAST_PART,
    D_WORDS,
    P_CTRL,
    P_ENCODER,
    P_HEART,
    P_HEART_ECHO,
    P_PACKML,
    P_PART_ID,
    P_REJECTS,
    P_SPEED,
    P_VERSION,
    P_WORDS,
    PACKML_EXECUTE,
    VERSION,
    WORD,
)

if TYPE_CHECKING:
    from gonogo.proving.plcsim.diary import Tell
    from gonogo.proving.plcsim.feed import Feed
    from gonogo.proving.plcsim.plan import Plan, Step
    from gonogo.proving.plcsim.wire import Seen


class Program:
    """The PLC's memory between scans, and the order of its blocks within one.

    `out` are the P words: each block writes its own, and reads those of the others at most.
    `tell(event, t_ns, **keys)` hears of every event.
    """

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        budget_ns = round(plan.budget_ms * NS_PER_MS)
        travel_ns = round((plan.travel_ms or plan.budget_ms) * NS_PER_MS)
        self.out = [0] * P_WORDS
        self._words = [0] * D_WORDS  # the last image that could be read
        self.belt = Conveyor(budget_ns, travel_ns)
        self.life = LifeSigns(round(plan.heart_limit_ms * NS_PER_MS), tell)
        self._session = Session(self.out, tell)
        self._feed: Feed = DeviceFeed() if plan.trigger == "device" else PlcFeed(plan)
        self._records = Records(self.belt, self.out, tell)
        self._script = {step.at_part: step for step in plan.script}
        self._ejected = 0  # through the ejector, passed ones included
        self.step: Step | None = None  # a fault that the runner has to carry out

    def reboot(self, *, ids_restart: bool) -> None:
        """Lose all memory, as after a power failure; the parts stay on the belt."""
        self.out[:] = [0] * P_WORDS  # in place: every block writes into this list
        self._words = [0] * D_WORDS
        self.life.power_up()
        self._session.power_up()
        self._feed.power_up(ids_restart=ids_restart)
        self._records.power_up()  # after the P words, which it starts from
        self.belt.forget()

    def rush(self, now_ns: int) -> None:
        """For `rush_ms`, parts come `feed.RUSH` times as fast as planned."""
        self._feed.rush(now_ns)
        self._tell("rush", now_ns, for_ms=self._plan.rush_ms)

    def clear_fault(self, now_ns: int) -> None:
        """The operator clears the station's fault."""
        self._tell("clear", now_ns, cmd_seq=give_command(self.out, CMD_CLEAR))

    @property
    def started(self) -> bool:
        """A part has been triggered."""
        return self.belt.triggered > 0

    @property
    def finished(self) -> bool:
        """Every planned part has been through the ejector."""
        return self._ejected >= self._plan.parts

    def scan(self, seen: Seen | None, now_ns: int) -> list[int]:
        """One scan at `now_ns`; `seen` is None when nothing could be read. Returns P100-P119."""
        self.step = None
        if seen is not None:
            self._words = seen.words
        self.life.watch(self._words, now_ns)
        if self.life.valid:
            self._follow(now_ns)
        self._feed_part(now_ns)
        # records of an image that was not read anew have been taken already
        if seen is not None and self.life.valid and self._session.known(seen.words):
            self._records.read(seen, self._session.fresh(seen.words, now_ns), now_ns)
        # after the records: a verdict that this scan sees still counts for a part that is due
        self._eject(now_ns)
        self._speak(now_ns)
        return self.out

    def published(self, t_ns: int) -> None:
        """The words of the last scan are where the station can see them, since `t_ns`."""
        self._records.published(t_ns)

    def _follow(self, now_ns: int) -> None:
        """Follow the station into a new session."""
        first = self._session.adopted is None
        if self._session.follow(self._words, now_ns):
            self._records.begin()
            if first:  # its photo-eye saw that part before there was a PLC to tell
                self.belt.disown(self._words[D_LAST_PART])

    def _feed_part(self, now_ns: int) -> None:
        last_part = self._words[D_LAST_PART] if self.life.valid else 0
        known = self._session.adopted is not None
        number = self.belt.triggered + 1
        moment = Moment(number, self.life.permit, last_part if known else None, now_ns)
        part_id = self._feed.next_part(moment)
        if part_id is None:
            return
        if number > self._plan.parts:  # of a device trigger, which does not know the plan
            self.belt.disown(part_id)
            return
        entry = self.belt.put(part_id, now_ns)
        # the change is the trigger: the station sees it with the words of this scan
        self.out[P_PART_ID] = part_id
        self._tell("trigger", now_ns, part=entry.serial, part_id=part_id, scan_ns=now_ns)
        self.step = self._script.get(entry.serial)
        if self.step is not None:
            self._tell("fault", now_ns, part=entry.serial, **self.step.model_dump())

    def _eject(self, now_ns: int) -> None:
        """Tell of every part that has reached the ejector, and confirm what it threw out."""
        due = self.belt.due(now_ns, permit=self.life.permit, alive=self.life.alive)
        for entry, passed, why in due:
            self._ejected += 1
            self.out[P_REJECTS] = (self.out[P_REJECTS] + (not passed)) & WORD
            event = "pass" if passed else "eject"
            self._tell(event, now_ns, part=entry.serial, part_id=entry.part_id, why=why.value)

    def _speak(self, now_ns: int) -> None:
        """Write the words that every scan writes."""
        out = self.out
        out[P_VERSION], out[P_PACKML] = VERSION, PACKML_EXECUTE
        out[P_HEART] = (out[P_HEART] + 1) & WORD
        out[P_HEART_ECHO] = self.life.heart or 0
        out[P_CTRL] = CTRL_ENABLE | (0 if self.finished else CTRL_TRIGGER)
        if self._session.in_sync(self._words):
            out[P_CTRL] |= CTRL_SYNC_ACK
        out[P_SPEED] = round(self._plan.belt_mm_s)
        # an encoder of one increment a millimetre, 32 bits, the high word first
        way_mm = round(now_ns * self._plan.belt_mm_s / 1e9) & 0xFFFF_FFFF
        out[P_ENCODER], out[P_ENCODER + 1] = way_mm >> 16, way_mm & WORD
