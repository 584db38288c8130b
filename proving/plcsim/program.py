"""The program of the simulated PLC: one call of `scan` is one scan, free of input and output.

It knows what a plain PLC programmer would make of PLC.md: take the process image,
watch the heartbeat, echo the session, trigger parts, read and acknowledge records,
move the belt. It gives the P words back and tells `tell` what happened, so that
the same program runs live and in tests with scripted times.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.proving.plcsim.conveyor import Conveyor, Record, Taken
from gonogo.proving.plcsim.wire import (
    CMD_CLEAR,
    CMD_RESYNC,
    CTRL_ENABLE,
    CTRL_SYNC_ACK,
    CTRL_TRIGGER,
    D_HEART,
    D_LAST_PART,
    D_RECORDS,
    D_RES_SEQ,
    D_SESSION,
    D_STATUS,
    D_WORDS,
    MAGIC,
    P_ACK_SEQ,
    P_CMD,
    P_CMD_SEQ,
    P_CTRL,
    P_ENCODER,
    P_HEART,
    P_HEART_ECHO,
    P_PACKML,
    P_PART_ID,
    P_REJECTS,
    P_SESSION_ECHO,
    P_SPEED,
    P_VERSION,
    P_WORDS,
    PACKML_EXECUTE,
    PERMIT_BIT,
    RECORD_WORDS,
    SLOTS,
    SYNC_REQUEST_BIT,
    VERSION,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.proving.plcsim.plan import Plan, Step
    from gonogo.proving.plcsim.wire import Seen

    Tell = Callable[..., None]  # event, t_ns, and the event's keys

NS_PER_MS = 1_000_000
WORD = 0xFFFF
RUSH = 5  # times as fast as planned
PATIENCE_NS = 1000 * NS_PER_MS  # sequences may be apart for this long while a link comes up


class Program:
    """The PLC's memory between scans; `tell(event, t_ns, **keys)` hears of every event."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._pitch_ns = round(plan.pitch_ms * NS_PER_MS)
        self._heart_limit_ns = round(plan.heart_limit_ms * NS_PER_MS)
        self._scan_ns = round(plan.scan_ms * NS_PER_MS)
        budget_ns = round(plan.budget_ms * NS_PER_MS)
        travel_ns = round((plan.travel_ms or plan.budget_ms) * NS_PER_MS)
        self._unplanned: deque[int] = deque(maxlen=SLOTS)  # ids of a device trigger, not for us
        self.belt = Conveyor(budget_ns, travel_ns)
        self._script = {step.at_part: step for step in plan.script}
        self.ejected = 0
        self.last_trigger_ns = 0
        self.step: Step | None = None  # a fault that the runner has to carry out
        self._next_id = plan.first_id
        self._rush_until_ns = 0
        self._power_up()

    def _power_up(self) -> None:
        self.out = [0] * P_WORDS
        self._words = [0] * D_WORDS
        self._session: int | None = None  # D13 as last adopted; None before the first
        self._syncing = False
        self._valid = self.permit = self.alive = False
        self._heart: int | None = None  # the last DEV_HEART seen
        self._heart_ns: int | None = None  # when it last changed; the first look proves nothing
        self._next_trigger_ns = 0
        self._last_part = 0
        self._torn = False
        self._astray_ns: int | None = None  # since when the sequences do not meet
        self._told_ack = self.out[P_ACK_SEQ]
        self._newest: tuple[int, int] = (0, 0)  # arrival and scan of the last record taken

    def reboot(self, *, ids_restart: bool) -> None:
        """Lose all memory, as after a power failure; the parts stay on the belt."""
        self._power_up()
        self.belt.forget()
        if ids_restart:
            self._next_id = self._plan.first_id

    def rush(self, now_ns: int) -> None:
        """For `rush_ms`, parts come `RUSH` times as fast as planned."""
        self._rush_until_ns = now_ns + round(self._plan.rush_ms * NS_PER_MS)
        self._next_trigger_ns = min(self._next_trigger_ns, now_ns + self._pitch_ns // RUSH)
        self._tell("rush", now_ns, for_ms=self._plan.rush_ms)

    def clear_fault(self, now_ns: int) -> None:
        """The operator clears the station's fault."""
        self._command(CMD_CLEAR)
        self._tell("clear", now_ns, cmd_seq=self.out[P_CMD_SEQ])

    def _command(self, code: int) -> None:
        self.out[P_CMD_SEQ] = (self.out[P_CMD_SEQ] + 1) & WORD
        self.out[P_CMD] = code

    @property
    def started(self) -> bool:
        """A part has been triggered."""
        return self.belt.triggered > 0

    @property
    def finished(self) -> bool:
        """Every planned part has been through the ejector."""
        return self.ejected >= self._plan.parts

    def scan(self, seen: Seen | None, now_ns: int) -> list[int]:
        """One scan at `now_ns`; `seen` is None when nothing could be read. Returns P100-P119."""
        self.step = None
        if seen is not None:
            self._words = seen.words
        self._look(now_ns)
        if self._valid:
            self._sync(now_ns)
        self._feed(now_ns)
        if seen is not None and self._reads():
            self._read_records(seen, now_ns)
        self._move(now_ns)
        self._speak(now_ns)
        return self.out

    def published(self, t_ns: int) -> None:
        """The words of the last scan are where the station can see them, since `t_ns`."""
        ack = self.out[P_ACK_SEQ]
        if ack != self._told_ack:
            self._told_ack = ack
            arrival_ns, scan_ns = self._newest
            self._tell("ack", t_ns, seq=ack, arrival_ns=arrival_ns, scan_ns=scan_ns)

    # -- the station's life ------------------------------------------------------------

    def _look(self, now_ns: int) -> None:
        words = self._words
        valid = words[0] == MAGIC and words[1] == VERSION
        if valid != self._valid:
            self._valid = valid
            self._tell("link", now_ns, what="image valid" if valid else "image invalid")
        if valid and words[D_HEART] != self._heart:
            self._heart_ns = now_ns if self._heart is not None else None
            self._heart = self.out[P_HEART_ECHO] = words[D_HEART]
        alive = self._heart_ns is not None and now_ns - self._heart_ns <= self._heart_limit_ns
        if alive != self.alive:
            self.alive = alive
            self._tell("link", now_ns, what="heart beats" if alive else "heart stands still")
        permit = valid and alive and bool(words[D_STATUS] & PERMIT_BIT)
        if permit != self.permit:
            self.permit = permit
            self._tell("permit", now_ns, on=permit)

    def _sync(self, now_ns: int) -> None:
        """Echo a new session once the station has taken over our ACK_SEQ as its RES_SEQ.

        ACK_SEQ itself is never moved to meet the station: each side writes its own word.
        """
        session, res_seq = self._words[D_SESSION], self._words[D_RES_SEQ]
        self._syncing = bool(self._words[D_STATUS] & SYNC_REQUEST_BIT)
        if session == self._session:
            return
        if res_seq != self.out[P_ACK_SEQ]:
            self._demand_resync(now_ns, "session unknown")
            return
        if self._session is None:
            self._last_part = self._words[D_LAST_PART]
            self._unplanned.append(self._last_part)
        self._session = self.out[P_SESSION_ECHO] = session
        self._torn, self._astray_ns = False, None
        self._tell("session", now_ns, session=session, ack_seq=res_seq)

    def _demand_resync(self, now_ns: int, why: str) -> None:
        """Sequences do not meet: read nothing; command a resync if that goes on, once a second."""
        if self._astray_ns is None:
            self._astray_ns = now_ns
            res_seq, ack_seq = self._words[D_RES_SEQ], self.out[P_ACK_SEQ]
            self._tell("astray", now_ns, why=why, res_seq=res_seq, ack_seq=ack_seq)
        elif now_ns - self._astray_ns >= PATIENCE_NS:
            self._astray_ns = now_ns
            self._command(CMD_RESYNC)
            self._tell("resync", now_ns, cmd_seq=self.out[P_CMD_SEQ])

    # -- parts -------------------------------------------------------------------------

    def _feed(self, now_ns: int) -> None:
        if self._plan.trigger == "device":
            self._feed_by_device(now_ns)
            return
        # The scan nearest to the grid: jitter must not shift a part by a whole scan.
        due = now_ns >= self._next_trigger_ns - self._scan_ns // 2
        held = self.permit or (self._plan.feed == "always" and self.started)
        if self.belt.triggered < self._plan.parts and held and due:
            late = now_ns - self._next_trigger_ns > 2 * self._scan_ns
            pitch_ns = self._pitch_ns // (RUSH if now_ns < self._rush_until_ns else 1)
            self._next_trigger_ns = (now_ns if late else self._next_trigger_ns) + pitch_ns
            self._put(self._take_id(), now_ns)

    def _feed_by_device(self, now_ns: int) -> None:
        last = self._words[D_LAST_PART] if self._valid and self._session is not None else 0
        fresh, self._last_part = last not in {0, self._last_part}, last
        if fresh and self.belt.triggered < self._plan.parts:
            self._put(last, now_ns)
        elif fresh:
            self._unplanned.append(last)

    def _take_id(self) -> int:
        """The id of the part about to be triggered, as scripted; 0 is never an id."""
        step = self._script.get(self.belt.triggered + 1)
        by = {"skip_id": 1, "repeat_id": -1, "jump_id": step.by}.get(step.do, 0) if step else 0
        part_id = (self._next_id + by) & WORD
        part_id = part_id or 1
        self._next_id = (part_id + 1) & WORD or 1
        return part_id

    def _put(self, part_id: int, now_ns: int) -> None:
        entry = self.belt.put(part_id, now_ns)
        self.last_trigger_ns = now_ns
        self.out[P_PART_ID] = part_id
        self._tell("trigger", now_ns, part=entry.serial, part_id=part_id, scan_ns=now_ns)
        self.step = self._script.get(entry.serial)
        if self.step is not None:
            if self.step.do == "gap":
                self._next_trigger_ns = now_ns + round(self.step.for_ms * NS_PER_MS)
            self._tell("fault", now_ns, part=entry.serial, **self.step.model_dump())

    def _move(self, now_ns: int) -> None:
        for entry, passed, why in self.belt.due(now_ns, permit=self.permit, alive=self.alive):
            self.ejected += 1
            self.out[P_REJECTS] = (self.out[P_REJECTS] + (not passed)) & WORD
            event = "pass" if passed else "eject"
            self._tell(event, now_ns, part=entry.serial, part_id=entry.part_id, why=why.value)

    # -- records -----------------------------------------------------------------------

    def _reads(self) -> bool:
        """The image is valid, and of a session that both sides know."""
        return self._valid and not self._syncing and self._words[D_SESSION] == self._session

    def _read_records(self, seen: Seen, now_ns: int) -> None:
        """Read and acknowledge in order; stop at the first record that is not whole."""
        res_seq, ack = self._words[D_RES_SEQ], self.out[P_ACK_SEQ]
        ahead = (res_seq - ack) & WORD
        if ahead > SLOTS:
            self._demand_resync(now_ns, "sequence jumped")
            return
        self._astray_ns = None
        for seq in ((ack + k) & WORD for k in range(1, ahead + 1)):
            at = D_RECORDS + RECORD_WORDS * (seq % SLOTS)
            seq_a, *fields, seq_b = self._words[at : at + RECORD_WORDS]
            if not seq == seq_a == seq_b:
                self._note_torn(seq, seq_a, seq_b, now_ns)
                return
            self._torn = False
            self._take(Record(seq, *fields), seen, now_ns)
            self.out[P_ACK_SEQ] = seq

    def _take(self, record: Record, seen: Seen, now_ns: int) -> None:
        taken, entry = self.belt.take(record, now_ns)
        strange = taken is Taken.WRONG_PART
        unplanned = strange and record.part_id in self._unplanned
        arrival_ns = seen.arrivals[record.seq % SLOTS] or now_ns
        self._newest = (arrival_ns, now_ns)
        self._tell(
            "wrong_part" if strange and not unplanned else "record",
            now_ns,
            **record._asdict(),
            part=entry.serial if entry else None,
            taken="unplanned" if unplanned else taken.value,
            arrival_ns=arrival_ns,
            scan_ns=now_ns,
            bits=seen.bits,
        )

    def _note_torn(self, seq: int, seq_a: int, seq_b: int, now_ns: int) -> None:
        if not self._torn:
            self._torn = True
            self._tell("torn", now_ns, seq=seq, seq_a=seq_a, seq_b=seq_b)

    # -- what we say -------------------------------------------------------------------

    def _speak(self, now_ns: int) -> None:
        out = self.out
        out[P_VERSION], out[P_PACKML] = VERSION, PACKML_EXECUTE
        out[P_HEART] = (out[P_HEART] + 1) & WORD
        out[P_CTRL] = CTRL_ENABLE | (0 if self.finished else CTRL_TRIGGER)
        if self._syncing and self._words[D_SESSION] == self._session:
            out[P_CTRL] |= CTRL_SYNC_ACK
        out[P_SPEED] = round(self._plan.belt_mm_s)
        way_mm = round(now_ns * self._plan.belt_mm_s / 1e9) & 0xFFFF_FFFF
        out[P_ENCODER], out[P_ENCODER + 1] = way_mm >> 16, way_mm & WORD
