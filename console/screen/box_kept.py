"""The names of the box and its certificate as they are now: an address may change at any time.

Looked at beside the thread that serves, for it waits for a disk; connections that come later have
what was found, and nothing has to be started anew.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import TlsError
from gonogo.base.log.logger import get_logger
from gonogo.console.access.box_names import of_this_box
from gonogo.console.access.ca_shown import beside_records
from gonogo.console.access.tls import BoxTls, server_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Iterable

    from gonogo.console.access.box_names import BoxNames
    from gonogo.console.screen.plan import ScreenPlan

LOOK_S = 10.0  # for another name or address
READY_S = 6 * 3600.0  # for the end of the certificate, which comes within weeks

log = get_logger(__name__)


class BoxKept:
    """Of one screen; `look` says what the box is called, with the names of the station file."""

    def __init__(
        self,
        plan: ScreenPlan,
        look: Callable[[Iterable[str]], BoxNames] = of_this_box,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._more, self._look, self._clock_s = plan.access.names, look, clock_s
        by_tls = plan.screen.tls_address(plan.access) is not None
        self._tls = BoxTls(beside_records(plan.records), plan.station) if by_tls else None
        self._names = look(self._more)
        self._due_s = clock_s()
        self._told = ""
        self.context: ssl.SSLContext | None = None
        """For the next connection by TLS; None: there is none yet."""
        self.ca_pem: bytes | None = None

    def names(self) -> Collection[str]:
        """All by which a browser may call this box."""
        return self._names.all

    def turn(self) -> None:
        """Look once more; to be called each LOOK_S, where waiting does not matter."""
        names = self._look(self._more)
        other, self._names = names != self._names, names
        if self._tls is None or not (other or self._clock_s() >= self._due_s):
            return
        try:
            self._made_ready(self._tls, names)
        except TlsError as error:  # tried again; what was there serves on
            self._tell(f"the screen by TLS: {error}")

    def _made_ready(self, tls: BoxTls, names: BoxNames) -> None:
        served = tls.ready(names)
        # a new one each time: connections that are open go on with theirs
        self.context = server_context(served.path)
        self.ca_pem = served.path.with_name("ca.crt").read_bytes()
        self._due_s = self._clock_s() + READY_S
        self._told = ""
        log.info(
            "screen_by_tls",
            text="the screen's certificate is by the box's own CA, SHA-256 %(fingerprint)s, until "
            "%(until)s; not for: %(left_out)s",
            fingerprint=served.fingerprint,
            until=f"{served.until:%Y-%m-%d}",
            left_out=", ".join(served.left_out) or "none",
        )

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            log.error("screen_not_by_tls", text="%(said)s", said=text)
