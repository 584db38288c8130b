"""A box in QEMU: its disk, its serial ports, and the power switch.

Without acceleration (TCG), and with one processor: what it shows holds on every machine, and is
slow. The first serial port is the box's own, the second is a shell that only a bench has: GRUB is
told to ask for it by a file on the boot partition (bench.cfg), the slots stay as they are built.
"""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY_MB = 1536
# x86-64-v2 and not a bit more: what numpy's wheels are compiled for, and so the least of a box
PROCESSOR = "qemu64,+cx16,+lahf-lm,+popcnt,+ssse3,+sse4.1,+sse4.2"
POLL_S = 0.1
PLC_PORT = 15020  # of the simulator on this machine
PLC_IN_GUEST = "10.0.2.100"  # where the guest finds it: of all the network this one port
_RELAY = Path(__file__).with_name("relay.py")
_PROMPT = "stty -echo; PS1=; PS2=; export PAGER=cat SYSTEMD_PAGER= TERM=dumb PATH=$PATH:/usr/sbin\n"


class Line:
    """A serial port: what came, and what is typed."""

    def __init__(self, path: Path, log: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.log = log.open("ab")
        self.text, self.lock = "", threading.Lock()
        # by a thread of its own: a port that nobody reads holds the whole box up
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the plug was pulled
            while came := self.socket.recv(65536):
                self.log.write(came)
                self.log.flush()
                with self.lock:
                    self.text += came.decode("utf-8", "replace").replace("\r", "")

    def expect(self, pattern: str, limit_s: float) -> re.Match[str]:
        """Wait for it; what came until then is taken off. TimeoutError with the last words."""
        ends = time.monotonic() + limit_s
        while not (found := re.search(pattern, self.text)):
            if time.monotonic() > ends:
                raise TimeoutError(f"{pattern!r} did not come in {limit_s} s: {self.text[-400:]!r}")
            time.sleep(POLL_S)
        self.taken(found.end())
        return found

    def taken(self, count: int | None = None) -> None:
        """So many characters are done with, or all that came."""
        with self.lock:
            self.text = "" if count is None else self.text[count:]

    def close(self) -> None:
        """Let go."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.reader.join()
        self.socket.close()
        self.log.close()


class Guest:
    """A box that is switched on."""

    def __init__(self, process: subprocess.Popen[bytes], console: Line, shell: Line) -> None:
        self.process, self.console, self.shell = process, console, shell
        self.began = time.monotonic()
        self.asked = 0

    @property
    def on_s(self) -> float:
        """Seconds since it was switched on."""
        return time.monotonic() - self.began

    def slot(self, limit_s: float = 120) -> str:
        """What GRUB says that it boots: the whole line."""
        return self.console.expect(r"gonogo: slot [^\n]*\)", limit_s).group()

    def ready(self, limit_s: float = 300) -> None:
        """Until the bench's shell answers."""
        ends = time.monotonic() + limit_s
        while True:
            self.shell.socket.sendall(b"\n" + _PROMPT.encode() + b"echo here-$((40 + 2))\n")
            try:
                self.shell.expect(r"here-42\n", 10)
            except TimeoutError:
                if time.monotonic() > ends:
                    raise
            else:
                return

    def run(self, command: str, limit_s: float = 120) -> str:
        """What a command says in the box; RuntimeError where it fails."""
        self.asked += 1
        tag = f"T{self.asked}T"
        self.shell.taken()
        self.shell.socket.sendall(f"{{ {command}\n}}; echo {tag[:-1]}''T=$?\n".encode())
        said = ""
        found = None
        ends = time.monotonic() + limit_s
        while found is None:
            time.sleep(POLL_S)
            found = re.search(rf"{tag}=(\d+)\n", self.shell.text)
            if found is None and time.monotonic() > ends:
                raise TimeoutError(f"{command!r}: {self.shell.text[-400:]!r}")
        said = self.shell.text[: found.start()].strip()
        self.shell.taken()
        if found[1] != "0":
            raise RuntimeError(f"{command!r} ended with {found[1]}: {said[-600:]}")
        return said

    def cut(self) -> None:
        """Pull the plug: what the disk was not given is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def switched_on(disk: Path, stick: Path, folder: Path) -> Iterator[Guest]:
    """The box of a disk, with a second one plugged in; its plug is pulled at the end."""
    ports = [folder / name for name in ("console", "shell")]
    network = (
        f"user,id=n,restrict=on,guestfwd=tcp:{PLC_IN_GUEST}:{PLC_PORT}-cmd:"
        f"{sys.executable} -I {_RELAY} {PLC_PORT}"
    )
    words = [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", PROCESSOR,
        "-smp", "1", "-m", str(MEMORY_MB), "-display", "none", "-monitor", "none",
        "-drive", f"file={disk},format=raw,if=virtio,cache=none",
        "-drive", f"file={stick},format=raw,if=virtio,readonly=on",
        "-netdev", network,
        "-device", "virtio-net-pci,netdev=n,romfile=",
        # it counts real time, of which an emulated box may have too little: seen, not obeyed
        "-device", "i6300esb", "-action", "watchdog=none",
    ]  # fmt: skip
    for number, port in enumerate(ports):
        port.unlink(missing_ok=True)
        words += ["-chardev", f"socket,id=c{number},path={port},server=on,wait=on"]
        words += ["-serial", f"chardev:c{number}"]
    with (folder / "qemu.err").open("ab") as errors:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
    lines: list[Line] = []
    try:
        lines += [_connected(port, process) for port in ports]
        guest = Guest(process, *lines)
        yield guest
    finally:
        process.kill()
        process.wait()
        for line in lines:
            line.close()


def _connected(port: Path, process: subprocess.Popen[bytes]) -> Line:
    while process.poll() is None:
        with contextlib.suppress(OSError):  # not there yet
            return Line(port, port.with_suffix(".log"))
        time.sleep(0.1)
    raise RuntimeError(f"QEMU ended with {process.returncode}: see qemu.err")
