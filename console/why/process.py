"""The process that works out why: a question a line on its standard input, an answer a line out.

It computes only what nobody else wants of the processor, on one thread, and ends by itself: with its
input, or when nobody has asked for IDLE_S. It is no row of the process table: nothing waits for
it, and killed it is begun anew with the next question.
"""

from __future__ import annotations

import select
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from pydantic import ValidationError

from gonogo.base.errors import GonogoError
from gonogo.base.first_line import handed_over
from gonogo.base.realtime import stay_behind
from gonogo.console.why.asked import Answer, Question, Refusal
from gonogo.console.why.working import Working

if TYPE_CHECKING:
    from typing import TextIO

IDLE_S = 120.0


def answer_of(working: Working, line: str) -> Answer:
    """Of one line; what goes wrong is said, and the next one is answered."""
    try:
        return Answer(said=working.answer(Question.model_validate_json(line)))
    except GonogoError as error:
        return Answer(said=Refusal(error=type(error).__name__, text=str(error.args[0])))
    except (ValidationError, OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        return Answer(said=Refusal(error="WhyUnknown", text=f"not a question or picture: {first}"))


def serve(working: Working, asked: TextIO, said: TextIO, idle_s: float) -> None:
    """Until its input ends, or nobody has asked for so long."""
    while select.select([asked], [], [], idle_s)[0]:
        line = asked.readline()
        if not line:
            return
        said.write(answer_of(working, line).model_dump_json() + "\n")
        said.flush()


def main() -> int:
    """The first line is the path of the station file."""
    stay_behind()
    cv2.setNumThreads(1)
    path = handed_over()
    try:
        working = Working(Path(path))
    except GonogoError as error:
        said = Refusal(error="WhyUnknown", text=f"{path}: {error.args[0]}")
        sys.stdout.write(Answer(said=said).model_dump_json() + "\n")
        return 0
    serve(working, sys.stdin, sys.stdout, IDLE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
