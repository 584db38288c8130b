"""A page in a real Chromium without a window, asked over its own pipe (--remote-debugging-pipe).

One JSON message each way, ended by a NUL. Source: Chrome DevTools Protocol, domains Target, Page,
Emulation and Runtime.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.words import NS_PER_MS

if TYPE_CHECKING:
    from typing_extensions import Self

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
LIMIT_S = 30.0
PINGS = 50
_LOOK_S = 0.03
_END = b"\0"
_ABOVE = 10  # the program's own descriptors, 3 and 4, must not be among those that are passed
# in place of a shell: the pipe where Chromium looks for it
_BEGIN = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
# without its sandbox it runs for root, too; without /dev/shm it needs no large one
_FLAGS = (
    "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
    "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--window-size=1024,600",
)  # fmt: skip


class PageClock(NamedTuple):
    """A page's performance.now() on the CLOCK_MONOTONIC of this box, `off_ms` wrong at most."""

    zero_ns: int
    off_ms: float

    def ns(self, page_ms: float) -> int:
        """Of a time that the page told."""
        return self.zero_ns + round(page_ms * NS_PER_MS)


def installed() -> str | None:
    """Where it is; None where it is not."""
    return next((path for each in PROGRAMS if (path := shutil.which(each))), None)


class Pipe:
    """A browser process, asked by method; RuntimeError with its own words, TimeoutError."""

    def __init__(self, program: str, patience_s: float = LIMIT_S) -> None:
        self._patience_s = patience_s
        # its processes may write while they end
        self._profile = tempfile.TemporaryDirectory(
            prefix="gonogo-chromium-", ignore_cleanup_errors=True
        )
        self._number, self._said = 0, b""
        self._process = self._begun(program)

    def ask(self, method: str, session: str = "", **params: object) -> dict[str, Any]:
        """What it answers; `session` is of a page, '' the browser itself."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + _END)
        while (answer := self._heard()).get("id") != self._number:
            pass  # an event
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        found: dict[str, Any] = answer["result"]
        return found

    def close(self) -> None:
        """End it, and leave nothing of it; idempotent."""
        if self._process.returncode is None:
            self._end()
            os.close(self._out)
            os.close(self._in)
        self._profile.cleanup()

    def _begun(self, program: str) -> subprocess.Popen[bytes]:
        theirs, self._out = os.pipe()
        self._in, their_out = os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for fd in (theirs, their_out)]
        words = [program, *_FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        try:
            return subprocess.Popen(
                [sys.executable, "-I", "-c", _BEGIN, *map(str, ends), *words],
                pass_fds=ends,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        finally:
            for fd in (theirs, their_out, *ends):
                os.close(fd)

    def _end(self) -> None:
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            self.ask("Browser.close")
        try:
            self._process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _heard(self) -> dict[str, Any]:
        """The next message."""
        while _END not in self._said:
            if not select.select([self._in], [], [], self._patience_s)[0]:
                raise TimeoutError(f"Chromium has said nothing for {self._patience_s:.0f} s")
            more = os.read(self._in, 1 << 16)
            if not more:
                raise RuntimeError("Chromium has ended")
            self._said += more
        first, _, self._said = self._said.partition(_END)
        found: dict[str, Any] = json.loads(first)
        return found


class Chromium:
    """One page; errors as those of the pipe. `patience_s`: how long an answer may take."""

    def __init__(self, program: str, patience_s: float = LIMIT_S) -> None:
        self._patience_s = patience_s
        self._pipe = Pipe(program, patience_s)
        try:
            pages = self._pipe.ask("Target.getTargets")["targetInfos"]
            page = next(each["targetId"] for each in pages if each["type"] == "page")
            found = self._pipe.ask("Target.attachToTarget", targetId=page, flatten=True)
            self._session = found["sessionId"]
            self._of_page("Page.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def before(self, js: str) -> None:
        """Run that in every page before its own scripts."""
        self._of_page("Page.addScriptToEvaluateOnNewDocument", source=js)

    def open(self, url: str) -> None:
        """Go there."""
        self._of_page("Page.navigate", url=url)

    def ask(self, js: str) -> Any:  # noqa: ANN401 - what JSON can hold
        """What an expression comes to."""
        answer = self._of_page("Runtime.evaluate", expression=js, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{js}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, js: str) -> None:
        """Wait until an expression is true; TimeoutError.

        A page that is being left, or is not there yet, answers nothing: that is not yet.
        """
        end_s = time.monotonic() + self._patience_s
        while not _holds(self, js):
            if time.monotonic() > end_s:
                raise TimeoutError(f"{js}: not true in {self._patience_s:.0f} s")
            time.sleep(_LOOK_S)

    def size(self, width_px: int, height_px: int) -> None:
        """Of what the page is shown in, at one pixel of it a pixel of a picture."""
        self._of_page(
            "Emulation.setDeviceMetricsOverride",
            width=width_px, height=height_px, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def picture(self) -> bytes:
        """What is shown, as PNG."""
        return base64.b64decode(self._of_page("Page.captureScreenshot", format="png")["data"])

    def clock(self, pings: int = PINGS) -> PageClock:
        """By the shortest of so many questions: the page's time lies between asking and answer."""
        best = PageClock(0, float("inf"))
        for _ in range(pings):
            asked_ns = time.monotonic_ns()
            page_ms = self.ask("performance.now()")
            answered_ns = time.monotonic_ns()
            off_ms = (answered_ns - asked_ns) / 2 / NS_PER_MS
            if off_ms < best.off_ms:
                zero_ns = (asked_ns + answered_ns) // 2 - round(page_ms * NS_PER_MS)
                best = PageClock(zero_ns, off_ms)
        return best

    def close(self) -> None:
        """End it, and leave nothing of it; idempotent."""
        self._pipe.close()

    def _of_page(self, method: str, **params: object) -> dict[str, Any]:
        return self._pipe.ask(method, self._session, **params)


def _holds(page: Chromium, js: str) -> bool:
    with contextlib.suppress(RuntimeError):
        return bool(page.ask(js))
    return False
