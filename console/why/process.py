"""The process that works out why: a question a line on its standard input, an answer a line out.

It computes only what nobody else wants of the processor, on one thread, and ends by itself: with
its input, or when nobody has asked for IDLE_S. It is no row of the process table: nothing waits for
it, and killed it is begun anew with the next question.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import cv2

from gonogo.base.errors import GonogoError
from gonogo.base.realtime import stay_behind
from gonogo.console.why.asked import QUESTION_MAX, Answer, Question, Refusal
from gonogo.console.why.lines import Lines
from gonogo.console.why.plan import WhyPlan
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
    except (OSError, ValueError) as error:  # pydantic's are among them
        first = str(error).strip().splitlines()[0]
        return Answer(said=Refusal(error="WhyUnknown", text=f"not a question: {first}"))


def serve(working: Working, lines: Lines, said: TextIO, idle_s: float) -> None:
    """Until its input ends, or nobody has asked for so long."""
    while (line := lines.next(idle_s)) is not None:
        _tell(answer_of(working, line), said)


def _tell(answer: Answer, said: TextIO) -> None:
    said.write(answer.model_dump_json() + "\n")
    said.flush()


def main() -> int:
    """The first line is the plan of the station."""
    stay_behind()
    cv2.setNumThreads(1)
    lines = Lines(sys.stdin.fileno(), QUESTION_MAX)
    plan = lines.next(IDLE_S)
    if plan is not None:
        serve(Working(WhyPlan.model_validate_json(plan)), lines, sys.stdout, IDLE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
