"""The PLC's side of the result records: read in order, given to the belt, acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.plcsim.conveyor import Record, Taken
from gonogo.proving.plcsim.wire import D_RECORDS, P_ACK_SEQ, RECORD_WORDS, SLOTS, WORD

if TYPE_CHECKING:
    from gonogo.proving.plcsim.conveyor import Conveyor
    from gonogo.proving.plcsim.diary import Tell
    from gonogo.proving.plcsim.wire import Seen


class Records:
    """Takes each record once, and writes P_ACK_SEQ; `tell` hears of records, torn ones and acks."""

    def __init__(self, belt: Conveyor, out: list[int], tell: Tell) -> None:
        self._belt, self._out, self._tell = belt, out, tell
        self.power_up()

    def power_up(self) -> None:
        """Nothing taken and nothing to be told, with P_ACK_SEQ as it stands now."""
        self._torn = False  # the record that is due next was not whole, and that is told
        self._told_ack = self._out[P_ACK_SEQ]
        self._newest = (0, 0)  # arrival and scan of the last record taken, monotonic ns

    def begin(self) -> None:
        """A new session: a torn record of the last one is not waited for any more."""
        self._torn = False

    def read(self, seen: Seen, fresh: int, now_ns: int) -> None:
        """Take so many records from ACK_SEQ on; stop at the first one that is not whole."""
        ack = self._out[P_ACK_SEQ]
        for seq in ((ack + k) & WORD for k in range(1, fresh + 1)):
            at = D_RECORDS + RECORD_WORDS * (seq % SLOTS)
            seq_a, *fields, seq_b = seen.words[at : at + RECORD_WORDS]
            # both ends bear the sequence: a write that is not atomic shows, and is read again
            if not seq == seq_a == seq_b:
                self._tell_torn(seq, seq_a, seq_b, now_ns)
                return
            self._torn = False
            self._take(Record(seq, *fields), seen, now_ns)
            self._out[P_ACK_SEQ] = seq  # cumulative, so never beyond one that is torn

    def published(self, t_ns: int) -> None:
        """P words are where the station can see them, since `t_ns`: tell of a new ACK_SEQ."""
        ack = self._out[P_ACK_SEQ]
        if ack != self._told_ack:
            self._told_ack = ack
            arrival_ns, scan_ns = self._newest
            self._tell("ack", t_ns, seq=ack, arrival_ns=arrival_ns, scan_ns=scan_ns)

    def _take(self, record: Record, seen: Seen, now_ns: int) -> None:
        taken, entry = self._belt.take(record, now_ns)
        # 0: the wire did not see it arrive (it was there before a session); then this scan did
        arrival_ns = seen.arrivals[record.seq % SLOTS] or now_ns
        self._newest = (arrival_ns, now_ns)
        self._tell(
            "wrong_part" if taken is Taken.WRONG_PART else "record",
            now_ns,
            **record._asdict(),
            part=entry.serial if entry else None,
            taken=taken.value,
            arrival_ns=arrival_ns,
            scan_ns=now_ns,
            bits=seen.bits,
        )

    def _tell_torn(self, seq: int, seq_a: int, seq_b: int, now_ns: int) -> None:
        if not self._torn:
            self._torn = True
            self._tell("torn", now_ns, seq=seq, seq_a=seq_a, seq_b=seq_b)
