"""One file by YMODEM, the sending end: bytes in, bytes out; the port and the clock lie elsewhere.

    the receiver    C            ACK C        ACK ...     ACK  C              ACK
    we                 block 0         block 1 ...   EOT          empty block 0

    block    SOH or STX, number, 255 - number, 128 or 1024 bytes, CRC-16 (high byte first)

The CRC is that of XMODEM: polynomial 0x1021, from 0. A block that is answered by NAK, or by
nothing, is sent again; two CAN in a row are the end, sent by either side.
Source: C. Forsberg, XMODEM/YMODEM Protocol Reference, 1988.
"""

from __future__ import annotations

from binascii import crc_hqx
from enum import Enum, auto

SOH, STX, EOT, ACK, NAK, CAN, ASK = 0x01, 0x02, 0x04, 0x06, 0x15, 0x18, ord("C")
SHORT, LONG = 128, 1024  # bytes of a block
AGAIN_S = 10.0  # without an answer, once all is sent
ANEW_S = 0.5  # a C so long after a first block refuses it
PAUSE_S = 0.2  # before a refused block and the last one: receivers drop what comes at once
LEAVE_S = 12.0  # the file is there: longer than a receiver waits before it asks once more
NOBODY_S = 90.0  # without a first C: nobody has started a receiver
MOST_TRIES = 10
ABORT = bytes([CAN] * 8 + [0x08] * 8)  # backspaces rub it out where a person sees it
_PAD = b"\x1a"
_ENDS = 2  # CAN in a row


class _Step(Enum):
    WAITING = auto()  # for the first C
    NAMED = auto()  # block 0 is out
    ASKED = auto()  # and acknowledged; the next C is due
    SENDING = auto()
    ENDING = auto()  # EOT is out
    CLOSING = auto()  # and acknowledged; a C for the next file is due
    LAST = auto()  # the empty block is out, or will be; some end without acknowledging it
    DONE = auto()


_RECEIVED = {_Step.CLOSING, _Step.LAST}  # all of the file is acknowledged, and its end


class YmodemSender:
    """Of one file. `problem`: why it came to nothing, '' while it is under way or well."""

    def __init__(self, name: str, data: bytes, now_s: float) -> None:
        self._blocks = [data[at : at + LONG] for at in range(0, len(data), LONG)]
        self._header = f"{name}\0{len(data)}".encode("ascii", "replace")
        self._step, self._next = _Step.WAITING, 0
        self._sent = b""
        self._tries, self._cans = 0, 0
        self._since_s = now_s
        self._due_s: float | None = None  # when the refused block is to be sent again
        self.out = bytearray()
        self.problem = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self._step is _Step.DONE or bool(self.problem)

    @property
    def sent_bytes(self) -> int:
        """Of the file, so many have been acknowledged."""
        return sum(map(len, self._blocks[: self._next]))

    def receive(self, data: bytes, now_s: float) -> None:
        """What the other end said."""
        for byte in data:
            if self.over:
                return
            self._cans = self._cans + 1 if byte == CAN else 0
            # before it begins a person may press it, who presses it once
            if self._cans >= (1 if self._step is _Step.WAITING else _ENDS):
                self._end("cancelled by the other end")
            elif self._refuses(byte, now_s):
                self._due_s = now_s + PAUSE_S
            else:
                self._take(byte, now_s)

    def tick(self, now_s: float, waiting: int) -> None:
        """Time passes; while `waiting` bytes are on their way no answer can be due."""
        if self.over:
            return
        if waiting or self.out:
            self._since_s = now_s
        elif self._due_s is not None:
            if now_s >= self._due_s:
                self._again(now_s)
        elif self._step is _Step.WAITING:
            if now_s - self._since_s > NOBODY_S:
                self.problem = f"nobody began to receive within {NOBODY_S:.0f} s"
                self.out += ABORT
        elif self._step in _RECEIVED:
            if now_s - self._since_s > LEAVE_S:
                self._step = _Step.DONE
        elif now_s - self._since_s > AGAIN_S:
            self._again(now_s)

    def cancel(self, why: str) -> None:
        """Tell the other end that nothing more comes."""
        if not self.over:
            self.out[:] = ABORT  # behind a block a receiver may throw it away
            self._end(why)

    def _refuses(self, byte: int, now_s: float) -> bool:
        """A receiver refuses the first block of either kind by asking anew (rb of lrzsz does)."""
        first = self._step in {_Step.NAMED, _Step.LAST} or (
            self._step is _Step.SENDING and not self._next
        )
        # at once it is one more of those that it asked before we began
        asks = byte == ASK and first and now_s - self._since_s > ANEW_S
        return asks or (byte == NAK and bool(self._sent))

    def _end(self, problem: str) -> None:
        if self._step in _RECEIVED:
            self._step = _Step.DONE
        else:
            self.problem = problem

    def _take(self, byte: int, now_s: float) -> None:
        step = self._step
        if byte == ASK and step is _Step.WAITING:
            self._go(_Step.NAMED, _block(0, self._header.ljust(SHORT, b"\0")), now_s)
        elif byte == ACK and step is _Step.NAMED:
            self._go(_Step.ASKED, b"", now_s)
        elif (byte == ASK and step is _Step.ASKED) or (byte == ACK and step is _Step.SENDING):
            self._next += step is _Step.SENDING
            self._data(now_s)
        elif byte == ACK and step is _Step.ENDING:
            self._go(_Step.CLOSING, b"", now_s)
        elif byte == ASK and step is _Step.CLOSING:
            self._go(_Step.LAST, b"", now_s)
            # rb of lrzsz asks, and only then throws away what has arrived
            self._sent, self._due_s = _block(0, bytes(SHORT)), now_s + PAUSE_S
        elif step is _Step.LAST and byte != ASK and self._due_s is None:
            # acknowledged, or a person's key: whoever types has no receiver any more
            self._step = _Step.DONE

    def _data(self, now_s: float) -> None:
        if self._next == len(self._blocks):
            self._go(_Step.ENDING, bytes([EOT]), now_s)
            return
        block = self._blocks[self._next]
        size = SHORT if len(block) <= SHORT else LONG
        self._go(_Step.SENDING, _block(self._next + 1, block.ljust(size, _PAD)), now_s)

    def _go(self, step: _Step, data: bytes, now_s: float) -> None:
        self._step, self._sent, self._tries, self._since_s = step, data, 0, now_s
        self._due_s = None
        self.out += data

    def _again(self, now_s: float) -> None:
        self._tries += 1
        self._since_s, self._due_s = now_s, None
        if self._tries > MOST_TRIES:
            self.cancel(f"the other end did not answer, or wanted the same {MOST_TRIES} times")
        else:
            self.out += self._sent  # nothing where it is theirs to ask


def _block(number: int, data: bytes) -> bytes:
    head = bytes([SOH if len(data) == SHORT else STX, number & 0xFF, ~number & 0xFF])
    return head + data + crc_hqx(data, 0).to_bytes(2, "big")
