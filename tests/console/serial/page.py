"""The page of the console, docs/serial-console.md: its manual, and what it says, word for word.

python -I -m gonogo.tests.console.serial.page docs/serial-console.md     (make docs)

The transcripts are what a session before a station of the tests shows; times are taken out.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.log.entry import to_line
from gonogo.console.serial.access import Reader
from gonogo.console.serial.commands import COMMANDS
from gonogo.tests.console.serial.ran import begun, facts, linked, passed_now
from gonogo.tests.console.serial.told import CODE, Accounts, Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """# The technician's console

Made from the program itself by `make docs`; a test holds it against it, transcripts too.

A cable and a terminal program are enough: picocom, minicom, screen, PuTTY. The station serves its
port by a process of its own where the station file has

    [console]
    device = "/dev/serial/by-id/usb-FTDI_FT232R_A5069RR4-if00-port0"
    baud = 115200          # 9600 to 115200, 8N1, no flow control

The same process serves the station's local socket, for the station's user and root:
`socat -,raw,echo=0 UNIX-CONNECT:SOCKET`, the socket that ends in `-console` in
the private folder of the station's user (`/run/gonogo` of a service).

`gonogo console --serial /dev/ttyUSB0@115200` does the same by hand, and `gonogo console` opens it
on a terminal of the box. The line never waits for it: it reads what is there anyhow, and asks
what the command line asks.

## Typing

Enter is CR, LF or both; BS and DEL rub out; arrows, Home, End, Ctrl-A E U W K C D L as in a
shell. TAB completes, twice lists; `?` helps anywhere in a line; the arrows bring back the last
200 lines. The terminal is asked nothing and taken for one of 80 x 24 without colour; what goes
out is ASCII. A line is what fits on one row. Answers come in pages: a blank is the next page,
Enter the next line, q ends it. While more than 4 kB wait to be sent (a slow cable), of all keys
Ctrl-C alone counts: it drops them.

A read may be abbreviated (`st`, `eng l`). `--json` behind a command gives its answer as one line
of JSON and then `OK`, or `ERR GNnnn` and the text as JSON.

## Noise cannot act

- A byte that no keyboard sends (NUL, above 126, a framing error) throws away the line with all
  that comes until half a second was quiet. BREAK is ignored.
- What was begun and not ended dies 30 s after the last key, and when the port goes: half a line,
  a name without its PIN, a change without its code. Then nobody is signed in.
- A change wants its words in full, a reason, and four digits that it shows; another answer
  changes nothing.
- Whoever types nothing for `idle_s` (600 s) is signed out, and `log follow` ends.

## Who

On a terminal of the box and at its local socket it is the station's user or root, who may there
what the command line may. A cable without accounts only reads, and sees no audit trail. Every
change is in the [audit trail](audit-trail.md) with the account, its role, the way (`serial`,
`terminal`, `socket`) and the port. A cable of three wires that is pulled out at its far end is
not noticed: `idle_s` is what signs out then.

## When the port goes

Missing, taken by another program, not permitted, unplugged: GN651 once in the log, tried again
every second. An adapter that comes back under another name is found by its link in `/dev/serial`,
as it was when it was last open.

## Commands
"""
NOT_THERE = """
Not there: `io force`. An output that is not what line and handshake decided would be made in the
last step before the PLC, and have to end by itself whatever dies; nothing there can do it yet. The
PLC's own test mode (CTRL bit 2) is shown by `io`. Exposure and gain are shown and not set: no
request leads to a camera that is open; the station file sets them. `users` comes with the
accounts. A change is confirmed by its code alone: it does not go back by itself when the cable is
pulled.

## What is tried, and what is read

Nothing that this console does asks a camera, an engine or the PLC for anything: those belong to
parts. `selftest` says of each row whether it was **tried** now (a file that goes to the disk and
back, the supervisor and the loader, which answer) or **read** of what the station knows (engines
proved themselves when they were loaded; frames of the last part; the link).

`plc probe` and `io` show what the link's own thread tells ten times a second in shared memory,
as a wait begins and never while a verdict waits. A second master would disturb the PLC: the whole
probe is `gonogo plc probe STATION`, with the station stopped. "Since when" is as exact as that
tenth of a second. Levels of GPIO lines are not read.

`limits` shows those of the station file as it was at the start, also after it was edited, and of
the engine that judges; `limits undo` writes the file for the next start, as `gonogo limits undo`.

`reboot` is `systemctl reboot` as the station's user, who needs the right to it (polkit). It is
refused (GN659) unless the PLC has taken its enable away, or no part has come for a minute.

## Taking something along

- `support usb` writes what `gonogo support` makes onto a stick that is mounted: a disk that the
  kernel calls removable or that hangs on USB, never one that the system or the records lie on.
  Read-only, full, pulled out meanwhile: said (GN658), and nothing is left. The service sees a
  stick only where its mount reaches the unit; nothing is mounted here.
- `support cable` sends the small form (`--small`: the newest lines, some tens of kB), and
  `camera VIEW send` the last frame as PNG, at most 640 px wide or high, by **YMODEM**: type the
  command, then start the receiver (`rb` of lrzsz; picocom `--receive-cmd rb` and Ctrl-A Ctrl-R;
  minicom Ctrl-A R). Ctrl-X or Ctrl-C gives up before it begins, two CAN end it later, and so do
  90 s without a receiver. What the receiver has of a file that was broken off is for it to remove.
- Both are made by a process of their own behind all others; a cable that goes away ends it.

## Tried

Lines and bytes by generated input against a terminal of the tests; a megabyte each of noise,
NULs, a wrong baud rate and a line without an end; ports on pseudo terminals, with picocom,
minicom and screen before them where they are installed, and their screens read by pyte
(`tests/console/serial`). A real serial adapter, its framing errors and a real BREAK: **not run**.
YMODEM against `rb` of lrzsz on a pseudo terminal, with a block that is spoilt on its way; by
picocom and minicom: **not run**. Sticks: by files as the kernel writes them; a real one that is
full or pulled out, and `systemctl reboot` on a box: **not run**. The time of parts beside a
console under noise: **not measured**.
"""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d)?")
_VARIES = {
    r"\d+\.\d s ago": "0.1 s ago",
    r"passed \d+ s ago": "passed 1 s ago",
    r"\d+\.\d of \d+\.\d GB free": "11.8 of 15.6 GB free",
    r"(?:/dev/shm)/tmp\w+": "/etc/gonogo",
    r"\d{4}-\d\d-\d\d, .*time server.*": "2026-11-30, a time server was heard",
}
_CODES = re.compile(r"\x1b\[\d*[A-Za-z]|\a")


def page() -> str:
    """All of it."""
    rows = [f"| `{each.synopsis.replace('|', ' or ')}` | {_said(each.help)} |" for each in COMMANDS]
    table = "\n".join(["\n| command | what it does |", "|---|---|", *rows])
    return f"{HEAD}{table}\n{NOT_THERE}\n## Word for word\n{transcripts()}"


def _said(text: str) -> str:
    return text.replace("\n", " ")


def transcripts() -> str:
    """Each as it is seen, with what is typed behind the prompt."""
    # in memory: a disk that is nearly full would be among the faults
    with (
        _utc(),
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        scratch_station() as name,
        told_station(name, Path(folder)) as told,
    ):
        begun(told)
        soon_ns = time.monotonic_ns() + 10**13  # as of just now, however slow the box is
        linked(told, facts(told_ns=soon_ns, heard_ns=soon_ns))
        passed_now(told)
        log = Path(folder) / "station.log"
        log.write_bytes(to_line({"event": "e", "text": "GN404: a stranger", "level": "warning"}))
        found = [
            ("Somebody signs in, asks how it stands, and leaves",
             _typed(Cabinet(name, log, Accounts()), name,
                    "anna", "246813", "parts", "why 1002", "faults", "logout")),
            ("What is there",
             _typed(Cabinet(name), name, "help", " ", "part ?", "\x15eng l", "recipe", "code 651")),
            ("A change",
             _typed(Cabinet(name), name, "eng roll", "engine rollback", "drift since noon", CODE,
                    "acknowledge", "", "1234", "engine activate", "as agreed", CODE)),
            ("What is tried, and what is read",
             _typed(Cabinet(name), name, "selftest", "camera top", "limits", "limits undo",
                    "nobody liked them", CODE)),
            ("The link to the PLC, and a reboot that is refused",
             _typed(Cabinet(name), name, "plc probe", "reboot", "it is slow", CODE)),
            ("A program, and a cable without accounts",
             _typed(Cabinet(name, access=Reader()), name, "parts 2 --json", "nonsense --json",
                    "acknowledge --json")),
        ]  # fmt: skip
    return "".join(f"\n### {title}\n\n```\n{text}\n```\n" for title, text in found)


def _typed(cabinet: Cabinet, name: str, *lines: str) -> str:
    """What a terminal without an end would show."""
    text = cabinet.greeting
    for line in lines:
        # keys that are pressed alone: a page, `?`
        enter = "" if line in (" ", "q") or line.endswith("?") else "\r"
        text += cabinet.type((line + enter).encode("ascii"))
    return _seen(text.replace(name, "cell"))


def _seen(text: str) -> str:
    """As rows: a carriage return begins a row anew, times are the same ones always."""
    rows = [row.rpartition("\r")[2] for row in _CODES.sub("", text).split("\n")]
    shown = "\n".join(row.rstrip() for row in rows).strip("\n")
    # of the engine's file, which another version of onnx writes otherwise
    shown = re.sub(r"engine [0-9a-f]{16}", "engine 4301dfd86cae9205", shown)
    for pattern, always in _VARIES.items():
        shown = re.sub(pattern, always, shown)
    return _TIME.sub("2026-11-30 14:02:07", shown)


@contextmanager
def _utc() -> Iterator[None]:
    """The clock on the wall of nowhere in particular."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
