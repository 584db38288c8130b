"""Who asks the process that works out why: it is started with a question, and kept for the next.

One question at a time. A process that does not answer in time is killed, and the next question
begins another one. Used by the screen, which imports neither an engine nor a rule.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from gonogo.base import errors
from gonogo.base.errors import GonogoError, WhyUnanswered
from gonogo.console.why.asked import ANSWER_MAX, Answer, Refusal
from gonogo.console.why.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.why.asked import EngineWhy, Question, RuleWhy

LIMIT_S = 30.0  # of a box that has much else to do; on a quiet one it takes a second with the start
_END_S = 5.0
# -I: neither this folder nor PYTHON variables change what is imported
ENTRY = (sys.executable, "-I", "-m", "gonogo.console.why.process")


class Explainer:
    """Of one station, whose `plan` (JSON of gonogo.console.why.plan) is told; `close` ends it."""

    def __init__(self, plan: str, entry: Sequence[str] = ENTRY, limit_s: float = LIMIT_S) -> None:
        self._plan, self._entry, self._limit_s = plan, tuple(entry), limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: Lines | None = None
        self._closed = False

    @property
    def works(self) -> bool:
        """Whether its process is there."""
        return self._process is not None

    def ask(self, question: Question) -> EngineWhy | RuleWhy:
        """The answer; WhyUnanswered, or the error of ours that it ended with."""
        line = question.model_dump_json().encode() + b"\n"
        with self._lock:
            # one that was idle may end between the look and the question: once more, then
            answer = self._answered(line) or self._answered(line)
        if answer is None:
            raise WhyUnanswered(
                f"no answer within {self._limit_s:.0f} s: the box has much else to do, or what "
                "works it out ended; ask again"
            )
        if isinstance(answer.said, Refusal):
            raise _error(answer.said)
        return answer.said

    def close(self) -> None:
        """End it, also in the middle of an answer; idempotent."""
        self._closed, process = True, self._process
        if process is not None:  # whoever waits for its answer has the lock, and is told of its end
            process.kill()
        with self._lock:
            self._end()

    def _answered(self, line: bytes) -> Answer | None:
        process, lines = self._running()
        said, gone = None, False
        try:
            _write(process, line)
            said = lines.next(self._limit_s)
        except (OSError, ValueError):  # a pipe without another end, or no line of ours
            gone = True
        if said is None:
            gone = gone or lines.ended or process.poll() is not None
            self._end(patience_s=0.0)
            if gone:
                return None
            raise WhyUnanswered(
                f"no answer within {self._limit_s:.0f} s: the box has much else to do; ask again"
            )
        return Answer.model_validate_json(said)

    def _running(self) -> tuple[subprocess.Popen[bytes], Lines]:
        if self._closed:
            raise WhyUnanswered("nothing is worked out any more: whoever asked is being stopped")
        if self._process is not None and self._lines is not None:
            if self._process.poll() is None:
                return self._process, self._lines
            self._end()
        process = subprocess.Popen(
            self._entry, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        if process.stdout is None:
            raise ValueError("a process that was started with a pipe has none")
        self._process = process
        self._lines = Lines(process.stdout.fileno(), ANSWER_MAX)
        with contextlib.suppress(BrokenPipeError):  # it has ended; that is found with the question
            _write(process, self._plan.encode() + b"\n")
        return process, self._lines

    def _end(self, patience_s: float = _END_S) -> None:
        process, self._process, self._lines = self._process, None, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(line)
        process.stdin.flush()


def _error(said: Refusal) -> GonogoError:
    """As it was raised there; what is no class of ours is told all the same."""
    kind = getattr(errors, said.error, None)
    if isinstance(kind, type) and issubclass(kind, GonogoError):
        return kind(said.text)
    return WhyUnanswered(said.text)
