"""The two ways the simulated PLC is wired to the station: it serves, or it polls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError
from gonogo.base.ports import joined
from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.client import Client
from gonogo.proving.plcsim.lateness import Owed
from gonogo.proving.plcsim.plan import NS_PER_MS
from gonogo.proving.plcsim.server import Server
from gonogo.proving.plcsim.wire import BITS, D_RES_SEQ, D_WORDS, P_PART_ID, Arrivals, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.proving.plcsim.diary import Tell
    from gonogo.proving.plcsim.plan import Plan

_RETRY_NS = 100 * NS_PER_MS  # between two tries to connect; the scan goes on meanwhile


class Served:
    """The wire to a station that is a Modbus client: the PLC serves, from a thread of its own.

    The scan waits for nobody; what the serving thread owes is an account of its own.
    """

    # `_scan` is what the scan owes: here it waits for nobody, so its account is not touched
    def __init__(self, plan: Plan, tell: Tell, _scan: Owed) -> None:
        self._bank = Bank(plan.d_base, plan.p_base, plan.coil_base, _hearing(tell))
        owed = Owed(tell, plan.scan_ms)
        self._server = Server(self._bank, plan.host, plan.port, _telling_links(tell), owed)
        self.port = self._server.port

    def read(self) -> Seen | None:
        """The process image: what has arrived by now."""
        return self._bank.image()

    def write(self, words: Sequence[int]) -> None:
        """Publish P100-P119."""
        self._bank.speak(words)

    def drop(self, for_ns: int, *, clear: bool) -> None:
        """Close all connections and refuse new ones for that long; `clear` the registers too."""
        # first the connections: a station must not read zeros, but find nobody
        self._server.drop(for_ns)
        if clear:
            self._bank.clear()

    def close(self) -> None:
        """Stop serving."""
        self._server.close()


class Polled:
    """The wire to a station that is a Modbus server: the PLC polls it once a scan.

    While it waits for the station, the scan owes nothing.
    """

    def __init__(self, plan: Plan, tell: Tell, scan: Owed) -> None:
        self._plan, self._owed = plan, scan
        self._tell_link, self._hear = _telling_links(tell), _hearing(tell)
        self._last_heard = 0  # an id is heard once, however often it is written
        self._client: Client | None = None
        self._arrivals = Arrivals()
        self._not_before_ns = 0
        self._said = ""
        self.port = plan.port

    def read(self) -> Seen | None:
        """Poll block D and the discrete inputs; None when the station cannot be reached."""
        try:
            client = self._connected()
            if client is None:
                return None
            # all of D in one request (96 of 125 words): records and RES_SEQ are of one moment
            words = client.read_words(self._plan.d_base, D_WORDS)
            # polled, it has arrived when the answer is here, and no sooner
            self._arrivals.stamp(words[D_RES_SEQ], time.monotonic_ns())
            bits = client.read_bits(0, BITS) if self._plan.read_bits else None
        except LinkError as error:
            self._lose(error)
            return None
        return Seen(words, bits, self._arrivals.stamps_ns[:])

    def write(self, words: Sequence[int]) -> None:
        """Write P100-P119 to the station."""
        if self._client is not None:
            try:
                self._client.write_words(self._plan.p_base, words)
            except LinkError as error:
                self._lose(error)
                return
            # once written it is the station's to read: it serves these words itself
            if words[P_PART_ID] not in {0, self._last_heard}:
                self._last_heard = words[P_PART_ID]
                self._hear(self._last_heard, time.monotonic_ns())

    def drop(self, for_ns: int, *, clear: bool) -> None:
        """Hang up for that long; `clear` forgets what was seen."""
        self.close()
        self._say("refusing")
        # a PLC that is away does not call, either
        self._not_before_ns = time.monotonic_ns() + for_ns
        if clear:
            self._arrivals = Arrivals()

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> Client | None:
        # while it may not call, the scan goes on without an image, as in a PLC
        if self._client is None and time.monotonic_ns() >= self._not_before_ns:
            plan = self._plan
            timeout_s = plan.poll_timeout_ms / 1000
            self._client = Client(plan.host, plan.port, plan.unit_id, timeout_s, self._owed)
            self._say("connected", peer=joined(plan.host, plan.port))
        return self._client

    # one that answers wrongly is hung up on, too: its next reply could be anybody's
    def _lose(self, error: LinkError) -> None:
        self._say("disconnected" if self._client is not None else "unreachable", error=str(error))
        self.close()
        self._not_before_ns = time.monotonic_ns() + _RETRY_NS

    def _say(self, what: str, **keys: object) -> None:
        if what != self._said:  # a station that stays away is told once
            self._said = what
            self._tell_link(what, **keys)


def _telling_links(tell: Tell) -> Callable[..., None]:
    def tell_link(what: str, **keys: object) -> None:
        tell("link", time.monotonic_ns(), what=what, **keys)

    return tell_link


def _hearing(tell: Tell) -> Callable[[int, int], None]:
    def hear(part_id: int, t_ns: int) -> None:
        tell("heard", t_ns, part_id=part_id)

    return hear
