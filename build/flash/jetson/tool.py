"""NVIDIA's flashing tool as a process: all it says goes to the log, and it ends when we do."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import time
from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.errors import BoardAbsent, BspToolFailed, BspToolSilent
from gonogo.base.plain_text import harmless
from gonogo.build.programs import search_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_LOOK_S = 0.5
_GRACE_S = 10.0  # for its own clean-up: mounts, exports, udev rules
_BREAKS = re.compile(rb"[\r\n]+")
_READ, _KEPT = 1 << 16, 200
_NO_BOARD = ("No devices to flash", "too many devices in RCM mode")
_ERROR = re.compile(r"\berror\b|\btimeout\b|\bfail(?:ed|ure)?\b|not found", re.IGNORECASE)


def run(words: Sequence[str], folder: Path, tell: Callable[[str], None], silence_s: float) -> None:
    """To its end. `tell` gets each line it says; BspToolFailed, BspToolSilent, BoardAbsent."""
    heard: deque[str] = deque(maxlen=_KEPT)

    def take(line: str) -> None:
        heard.append(line)
        tell(line)

    # a group of its own: Ctrl-C is ours to answer
    process = subprocess.Popen(
        list(words), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True, bufsize=0,
        env={**os.environ, "LC_ALL": "C", "PATH": search_path()},
    )  # fmt: skip
    try:
        _listen(process, take, silence_s)
    finally:
        _end(process)
    _judge(process.returncode, heard)


def _listen(
    process: subprocess.Popen[bytes], take: Callable[[str], None], silence_s: float
) -> None:
    """Line by line, until it has ended; BspToolSilent."""
    if process.stdout is None:
        return
    rest, last_s = b"", time.monotonic()
    while True:
        ready, _, _ = select.select([process.stdout], [], [], _LOOK_S)
        if ready:
            data = os.read(process.stdout.fileno(), _READ)
            *lines, rest = _BREAKS.split(rest + data)
            for line in lines if data else [*lines, rest]:
                if line.strip():
                    take(harmless(line.decode(errors="replace")))
            if not data:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(silence_s)
                return
            last_s = time.monotonic()
        elif process.poll() is not None:  # something that it began holds the pipe, and says nothing
            return
        elif time.monotonic() - last_s > silence_s:
            raise BspToolSilent(
                f"NVIDIA's tool said nothing for {silence_s:.0f} s, and was ended; another cable "
                "or port, no hub and no virtual machine between; all it said is in the log"
            )


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it began; first in order, so that it takes back what it changed here."""
    try:
        if process.poll() is None:
            _signal(process, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_S)
    finally:  # somebody may press Ctrl-C again
        if process.poll() != 0:
            _signal(process, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _judge(code: int, heard: Sequence[str]) -> None:
    if code == 0:
        return
    for line in heard:
        if any(words in line for words in _NO_BOARD):
            raise BoardAbsent(
                f"NVIDIA's tool: {line}; expected one board in recovery mode: put it there again, "
                "and do the same again"
            )
    telling = [line for line in heard if _ERROR.search(line)] or list(heard) or ["nothing"]
    how = f"ended with {code}" if code > 0 else f"was ended by {signal.Signals(-code).name}"
    raise BspToolFailed(
        f"NVIDIA's tool {how}; it said: {telling[-1]}; all of it is in the log; look at cable and "
        "port, put the board into recovery mode again, and do the same again"
    )
