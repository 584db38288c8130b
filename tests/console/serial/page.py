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

import pytest

from gonogo.base.log.entry import to_line
from gonogo.config.access import AccessSection
from gonogo.console.serial.access import AtCable, Reader
from gonogo.console.serial.commands import COMMANDS
from gonogo.console.serial.flash_start import LOOK_S
from gonogo.tests.console.serial.explained import explained
from gonogo.tests.console.serial.lit import OLD, played
from gonogo.tests.console.serial.ran import STOPPED, begun, facts, linked, passed_now
from gonogo.tests.console.serial.slotted import Slotted
from gonogo.tests.console.serial.told import CODE, Accounts, Cabinet, told_station
from gonogo.tests.fakes import scratch_station
from gonogo.tests.stations import PLAIN_FILE
from gonogo.watchdog.trials import BEGINS_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.serial.told import Told

PIN = "408162"
EJECTING = (
    PLAIN_FILE.replace("port = 1502", "port = 1502\ncoil_base = 0")
    + '\n[eject]\ndistance_mm = 400\non_means = "eject"\n'
)
FILE = PLAIN_FILE + '\n[console]\ndevice = "/dev/ttyTEST0"\n'

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
- Whoever types nothing for as long as their role may (keys of `[access]`) is signed out, and so is
  everybody after `longest_h`; where nobody signs in, `log follow` ends after `idle_s` (600 s).

## Who

At a cable somebody signs in, as soon as the station has an [account](security.md): a name, then a
PIN or badge, which is not shown and in no history. Role, delays after wrong ones, and what the
[audit trail](audit-trail.md) is told of it are the same as at the screen. Whoever's account is
changed is signed out at the next line that they type. A cable of three wires that is pulled out at
its far end is not noticed: the idle time is what signs out then.

Without accounts a cable only reads, and sees no audit trail. There the first account is made:
`users code` shows a one-time code, `users first CODE NAME` takes it, or the screen. On a terminal
of the box and at its local socket it is the station's user or root, who may there what the command
line may. Every change is in the trail with the account, its role, the way (`serial`, `terminal`,
`socket`) and the port.

## When the port goes

Missing, taken by another program, not permitted, unplugged: GN651 once in the log, tried again
every second. An adapter that comes back under another name is found by its link in `/dev/serial`,
as it was when it was last open.

## Changes of the station file

    configure                    a candidate of the file, of this session alone
    set KEY VALUE, delete KEY    as in `set console.baud 9600`; text needs no quotes
    diff                         what differs, and what is wrong with it, line by line
    commit confirm 120           in force, on trial
    commit                       kept

Comments and order of the file stay. The candidate is checked as the file is at a start. Until it
is confirmed the station file is the old one; the new one lies beside it, as
`.cell.trying-1f2e3d4c.toml`, and the supervisor has the processes that it concerns begin anew with
other values. Parts are judged meanwhile. `commit` renames the new file to the station file: one
system call, before which all is old, and after which all is new.

The old values come back without a start of the station, logged and in the audit trail. Who takes
them back:

- Nobody has confirmed in time, whatever became of the console: the supervisor.
- The cable goes on which it was begun, or a socket: the console asks the supervisor, at once.
- `commit take-back`: the same.
- The console's process is killed: it begins anew and says what waits; the time goes on.
- The supervisor is killed: the next one adopts the processes, and has those begin anew that were
  told something else. The start of it removes the new file.
- The station or the box starts again: the start removes the new file, and the old one is in force.
- The console is killed between the rename and its word to the supervisor: nobody. The station file
  is the new one, and the supervisor sees that when the time is over.

What is changed while parts pass, and who is told:

- `[console]`, the port's own rate and device too: the console. The terminal is told at the old rate
  before, and at the new one after.
- `[access]`: the console.
- `[screen]` and `[dispositions]`: the screen.
- `[metrics]`: the figures.
- Exposure and gain of a GenICam camera: its process, and the one that charts drift.

Everything else is read by the processes that judge parts, at their start alone, and so is a section
that comes or goes (GN655): `commit at-next-start` writes it, and it holds from the next start of
the station on. Limits of scores are among these ([limits](limits-review.md)); recipes and engines
have requests of their own. Secrets are neither shown nor typed here. A text with two blanks in a
row cannot be typed.

The station's user has to be able to write the folder of the station file, which a service may only
where its unit says so (GN656): `systemctl edit gonogo-bolts`, `[Service]`,
`ReadWritePaths=/srv/bolts`. The network of the box is not changed here.

### Exposure and gain of a camera

    camera top exposure 800      or gain 6; then `commit` within 120 s
    set view[0].camera.exposure_us 800, `diff`, `commit confirm`    the same, with other keys

By the drivers `aravis`, `basler` and `genicam`, which write both and read them back. A technician
may do it, and `commit` it. Before anything changes the value is held against what the camera says
it takes (GN507); `camera top exposure` shows that. Then the process of that camera ends in order
and opens it anew with the value: **parts of that view are rejected meanwhile**, some seconds, and
again when it is taken back. A camera that does not open with it, or reads back another value, has
it taken back at once. Who takes it back otherwise: as above.

What was learnt under the light of before is of another light, and the console and the log
(`camera_light_changed`) say so: what the view trusts ([image trust](image-trust.md)) goes on
judging frames, and rejects those that are too dark or too bright for it; limits and engine are of
the old light; drift begins a chart of its own for the exposure. Not changed so: cameras by `v4l2`,
whose exposure may be believed and not set, `gstreamer`, and those that hold no device.

## Outputs by hand

    io test                      test mode: permit off, no part is accepted
    io force eject on 5          one output, for 10 s, or 1 to 60
    io test end

Test mode is STATE `stopped` with the bit TEST_MODE of STATUS at the PLC, in words that it has: a
PLC that names parts has none taken, and what the station's own photo-eye sees is judged and
rejected, for there is no permit. A force is the last step before the wire, in the link's own
thread: never with a permit, one output at a time, and back by the clock of that thread. Parts
that were accepted before and lie between photo-eye and ejector still pass; a forced ejector
throws them out.

What may be forced: `eject`, the station's own ejector, to throw out and never to pass (with
`on_means = "pass"` that is off, which it is at rest); `degraded`, `warning` and `fault` (STATUS and
the discrete inputs). Whatever says accept, permit, ready or running is never forced (GN508): the
line's own answer to that is a part.

It ends 120 s after the last `io force`, by `io test end`, when whoever began it signs out, is
signed out or their cable goes, and with a start of the station. Killed, the console leaves it to
the 120 s, and so does the supervisor: the link has the clock. `status`, `gonogo status` and `io`
show it, the log says when it begins and ends (`outputs_tried`), and each force is in the audit
trail. The operator's screen shows the stopped station, and no word of a test.

## Commands
"""
NOT_THERE = """
Not there: a command that sets the network or the time. The PLC's own test mode (CTRL bit 2) is
shown by `io`, and is none of ours: the station judges on.

## What is tried, and what is read

Nothing that this console shows is asked of a camera, an engine or the PLC: those belong to parts.
`selftest` says of each row whether it was **tried** now (a file that goes to the disk and back, the
supervisor and the loader, which answer) or **read** of what the station knows (engines proved
themselves when they were loaded; frames of the last part; the link).

`plc probe` and `io` show what the link's own thread tells ten times a second in shared memory,
as a wait begins and never while a verdict waits. A second master would disturb the PLC: the whole
probe is `gonogo plc probe STATION`, with the station stopped. "Since when" is as exact as that
tenth of a second. Levels of GPIO lines are not read.

`why` shows at once what the records know. Of an engine's score it then names the place, worked out
on the kept picture by a process of its own behind all others ([why](why.md)), which may take some
seconds; Ctrl-C gives up. The distance is that of [why](why.md), and no score.

`limits` shows those of the station file as it was at the start, also after it was edited, and of
the engine that judges; `limits undo` writes the file for the next start, as `gonogo limits undo`.

`reboot` is `systemctl reboot` as the station's user, who needs the right to it (polkit). It is
refused (GN659) unless the PLC has taken its enable away, or no part has come for a minute.

`flash status` on a box with two slots says which runs, how the last [update](updates.md) stands,
what the health gate has decided, and whether `flash start` would be taken now. `flash start` is for
an update that is written and waits, and while no part passes, as `reboot`. It asks the box's
updater, which looks every 10 s, and waits for it: a minute at most, in which Ctrl-C, a cable that
goes, and parts that come take it back. What nobody took is not carried out later (GN751).

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
(`tests/console/serial`). A cable pulled at every byte of a change, of `commit confirm` and of
`commit`: done or undone, never half; a trial killed at each of its system calls; console and
supervisor killed while something is on trial. A real serial adapter, its framing errors and a real
BREAK: **not run**.
YMODEM against `rb` of lrzsz on a pseudo terminal, with a block that is spoilt on its way; by
picocom and minicom: **not run**. Sticks: by files as the kernel writes them; a real one that is
full or pulled out, and `systemctl reboot` on a box: **not run**. Parts beside a console under
noise, and answers at 9600 baud: [measured](measured.md).
"""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d)?")
_VARIES = {
    r"\d+\.\d s ago": "0.1 s ago",
    r"gonogo [\d.]+\w*, installed .*": "gonogo 0.1.0, installed 2026-11-30 14:02:07 +0000",
    r"passed \d+ s ago": "passed 1 s ago",
    r"distance [\d.]+ from": "distance 111 from",
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
                    "anna", "246813", "parts", "faults", "logout")),
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
            ("An update that waits, and is started", _started(told, Path(folder) / "box")),
            ("A program, and a cable without accounts",
             _typed(Cabinet(name, access=Reader()), name, "parts 2 --json", "nonsense --json",
                    "acknowledge --json")),
            ("The first account, at the cable", _first_account(told)),
            ("Why a part was rejected", _explained(told)),
            ("An output that is forced", _forced(told, Path(folder))),
            ("Another exposure, on trial and kept", _lit(told, Path(folder))),
            ("A change of the station file, kept", _kept(told, Path(folder))),
            ("Another one, that nobody confirms", _not_kept(told, Path(folder))),
        ]  # fmt: skip
    return "".join(f"\n### {title}\n\n```\n{text}\n```\n" for title, text in found)


def _started(told: Told, folder: Path) -> str:
    """Refused while parts pass; then the PLC stops the line, and the updater has its turn."""
    soon_ns = time.monotonic_ns() + 10**13
    with pytest.MonkeyPatch.context() as monkeypatch:
        box = Slotted(folder, monkeypatch)
        box.waits()
        box.gate_says("A", "good", "5 parts judged")
        cabinet = Cabinet(told.name, commands=box.commands)
        said = cabinet.greeting
        for line in ("flash status", "flash start", "as agreed", CODE):
            said += cabinet.type(line.encode() + b"\r")
        linked(told, facts(STOPPED, told_ns=soon_ns, heard_ns=soon_ns))
        for line in ("flash start", "as agreed", CODE):
            said += cabinet.type(line.encode() + b"\r")
        box.serve.tick()
        said += cabinet.wait(LOOK_S)
        linked(told, facts(told_ns=soon_ns, heard_ns=soon_ns))
    return _seen(said.replace(told.name, "cell"))


def _first_account(told: Told) -> str:
    """With real accounts, at which a thread looks."""
    access = AtCable(told.name, told.records, AccessSection())
    cabinet = Cabinet(told.name, access=access)
    said = cabinet.greeting + cabinet.type(b"users code\r")
    code = said.partition("code ")[2].partition(",")[0].rpartition(" ")[2]
    made = f"users first {code} berta", "first start", PIN, PIN, CODE
    for line in (*made, "status", "berta", PIN):
        said += cabinet.type(line.encode() + b"\r")
    while "signed in" not in said:
        time.sleep(0.01)
        said += cabinet.wait(0.0)
    said += cabinet.type(b"users list\r")
    access.close()
    return _seen(said.replace(told.name, "cell").replace(code, "ABCD-EFGH-JKMN"))


def _explained(told: Told) -> str:
    """Of the second one no picture is kept."""
    explained(told)
    cabinet = Cabinet(told.name)
    said = cabinet.greeting + cabinet.type(b"why 1004\r")
    while cabinet.said.errand is not None:
        time.sleep(0.01)
        said += cabinet.wait(0.01)
    said += cabinet.type(b"why 1005\r")
    return _seen(said.replace(told.name, "cell"))


def _forced(told: Told, folder: Path) -> str:
    """Of a station with an ejector."""
    file = folder / "cell.toml"
    file.write_text(EJECTING, encoding="utf-8")
    begun(told)
    cabinet = Cabinet(told.name)
    said = cabinet.greeting
    for line in ("io force eject on", "the nozzle", CODE, "io test", "the nozzle", CODE,
                 "io force eject on 5", "the nozzle", CODE, "io force eject off", "", CODE,
                 "io test end", "", CODE):  # fmt: skip
        said += cabinet.type(line.encode() + b"\r")
    return _seen(said.replace(told.name, "cell"))


def _lit(told: Told, folder: Path) -> str:
    """Of a camera with a process, which opens it anew."""
    told.watch.anew()
    file = folder / "cell.toml"
    file.write_text(OLD, encoding="utf-8")
    begun(told)
    with played(told.name) as camera:
        cabinet = Cabinet(told.name, file=file)
        said = cabinet.greeting
        for line in ("camera top exposure", "camera top exposure 200000", "too dark", CODE,
                     "camera top exposure 800", "too dark", CODE):  # fmt: skip
            said += cabinet.type(line.encode() + b"\r")
        told.watch.go(BEGINS_S)
        camera.opens(800.0)
        said += cabinet.wait(0.1)
        for line in ("commit", "", CODE):
            said += cabinet.type(line.encode() + b"\r")
    told.watch.ended()
    return _seen(said.replace(told.name, "cell").replace(str(folder), "/srv/cell"))


def _kept(told: Told, folder: Path) -> str:
    file = folder / "cell.toml"
    file.write_text(FILE, encoding="utf-8")
    cabinet = Cabinet(told.name, file=file)
    said = cabinet.greeting
    for line in ("configure", "set console.baud 9600", "set console.idle_s 5", "diff",
                 "set console.idle_s 300", "commit confirm 60", "the old modem", CODE):  # fmt: skip
        said += cabinet.type(line.encode() + b"\r")
    told.watch.go(BEGINS_S)
    cabinet = Cabinet(told.name, file=file)
    said += cabinet.greeting
    for line in ("commit", "it is readable", CODE):
        said += cabinet.type(line.encode() + b"\r")
    told.watch.ended()
    return _seen(said.replace(told.name, "cell").replace(str(folder), "/srv/cell"))


def _not_kept(told: Told, folder: Path) -> str:
    told.watch.anew()
    file = folder / "cell.toml"
    cabinet = Cabinet(told.name, file=file)
    said = cabinet.greeting
    for line in ("configure", "set station.budget_ms 120", "commit confirm", "", CODE,
                 "delete station.budget_ms", "set console.baud 19200", "commit confirm 60",
                 "faster", CODE):  # fmt: skip
        said += cabinet.type(line.encode() + b"\r")
    told.watch.go(BEGINS_S)
    told.watch.go(60.0)
    told.watch.ended()
    said += Cabinet(told.name, file=file).greeting
    return _seen(said.replace(told.name, "cell").replace(str(folder), "/srv/cell"))


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
