"""What a station says of itself at the line of its console: health, version, whether parts flow.

The console answers `status --json` with one line of JSON and `OK` (docs/serial-console.md), at a
serial line or at a TCP port that leads to one (ser2net, the serial port of a virtual machine).
"""

from __future__ import annotations

import itertools
import json
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import serial

from gonogo.base.errors import FlashUsage
from gonogo.plc.register_map import CtrlBit

if TYPE_CHECKING:
    from collections.abc import Callable

HEALTHY = "judging"  # the word of a station that judges by engine and rules (docs/status.md)
BAUD = 115_200
ANSWER_S = 3.0  # a full status takes 0.5 s at 115200 baud
_QUIET_S = 0.05
_CANCEL, _ENTER = b"\x03", b"\r"  # what somebody began before us ends with Ctrl-C
_ESCAPES = re.compile(r"\x1b\[\d*[A-Za-z]")
_SERIAL = re.compile(r"serial:(/[^@]+)(?:@(\d{4,7}))?")
_TCP = re.compile(r"tcp:([^:]+|\[[^]]+\]):(\d{1,5})")


class Health(NamedTuple):
    """What a station said: how it stands, its version, and whether its PLC lets parts flow.

    None of each that it did not say. `says`: its own words, or why there are none.
    """

    word: str | None
    says: str
    version: str | None = None
    line_runs: bool | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether parts are judged by engine and rules, and the PLC has the verdicts."""
        return self.word == HEALTHY


class Station(Protocol):
    """A way to hear a station."""

    def health(self) -> Health:
        """How it stands now; silence is an answer too."""
        ...

    def close(self) -> None:
        """Idempotent."""
        ...


class ConsoleStation:
    """The console of a station at the other end of a line.

    The line is opened for each question: an adapter may come with the box, and a port that is
    there all the time need not be.
    """

    def __init__(self, line: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._url, self._baud = _url_of(line)
        self._now_s = now_s

    def health(self) -> Health:
        """Asked now; at most twice ANSWER_S."""
        try:
            with self._opened() as port:
                status = self._asked(port, b"status --json")
                version = self._asked(port, b"flash status --json")
        except (OSError, ValueError) as error:  # SerialException is an OSError
            return Health(None, f"{self._url}: {error}")
        if isinstance(status, str):
            return Health(None, status)
        said = None if isinstance(version, str) else version.get("version")
        return Health(
            str(status.get("word")), str(status.get("says")), said and str(said), flows(status)
        )

    def close(self) -> None:
        """Nothing is held between questions."""

    def _opened(self) -> serial.Serial:
        # a pseudo terminal or a socket takes no exclusive use, and needs none
        return serial.serial_for_url(
            self._url, baudrate=self._baud, timeout=_QUIET_S, write_timeout=ANSWER_S
        )

    def _asked(self, port: serial.Serial, command: bytes) -> dict[str, Any] | str:
        """Its answer, or why there is none."""
        port.write(_CANCEL)
        prompt = self._until(port, lambda _: False, _QUIET_S * 4)
        if _ESCAPES.sub("", prompt).rstrip().endswith("name:"):
            # nothing is typed: it would be taken for somebody's name
            return "the console wants somebody to sign in; look at the station's screen"
        port.write(command + _ENTER)
        heard = self._until(port, lambda text: _answer(text) is not None, ANSWER_S)
        answer = _answer(heard)
        if answer is not None:
            return answer
        return "the console does not answer" if not heard else "no console of gonogo answers"

    def _until(self, port: serial.Serial, enough: Callable[[str], bool], within_s: float) -> str:
        end_s, heard = self._now_s() + within_s, b""
        while self._now_s() < end_s:
            heard += port.read(port.in_waiting or 1)
            if enough(heard.decode("ascii", "replace")):
                break
        return heard.decode("ascii", "replace")


def _answer(heard: str) -> dict[str, Any] | str | None:
    """The JSON of an answer that is whole, or its refusal; None before there is one."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", heard)]
    for line, after in itertools.pairwise(lines):
        if line.startswith("ERR GN"):
            return line
        if line.startswith("{") and after == "OK":
            try:
                found = json.loads(line)
            except ValueError:
                continue
            return found if isinstance(found, dict) else None
    return None


def flows(status: dict[str, Any]) -> bool | None:
    """Whether the PLC is there and lets parts flow; None where nothing is known of it."""
    link = status.get("link")
    if not isinstance(link, dict) or not link.get("alive"):
        return None
    try:
        return bool(int(link["plc"]["ctrl"]) & CtrlBit.ENABLE)
    except (LookupError, TypeError, ValueError):
        return None


def _url_of(line: str) -> tuple[str, int]:
    """What pyserial calls it, and its baud rate; FlashUsage."""
    found = _SERIAL.fullmatch(line)
    if found is not None:
        return found[1], int(found[2] or BAUD)
    found = _TCP.fullmatch(line)
    if found is not None:
        return f"socket://{found[1]}:{found[2]}", BAUD
    raise FlashUsage(
        f"{line}: expected serial:/dev/ttyUSB0, serial:/dev/ttyUSB0@9600 or tcp:HOST:PORT"
    )
