"""Who asks is answered, refused, or told that nobody answers; and nothing is left behind."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from gonogo.base.errors import WhyUnanswered, WhyUnknown
from gonogo.console.why.asked import Question, RuleWhy
from gonogo.console.why.client import Explainer
from gonogo.console.why.plan import WhyPlan, WhyView
from gonogo.rules.dimension import DimensionSection

QUESTION = Question(pictures={"top": Path("none.png")}, rule="width")
ANSWER = (
    '{"said": {"kind": "refusal", "error": "WhyUnknown", "text": "%s"}}'  # one line of a stand-in
)


def saying(program: str) -> tuple[str, ...]:
    """A stand-in for the process: `program` sees the plan as `plan`."""
    return sys.executable, "-c", f"import sys, time\nplan = sys.stdin.readline()\n{program}"


def test_explainer_is_answered_by_the_process_and_keeps_it(tmp_path: Path) -> None:
    """The real one; the second question is of the same process."""
    frame = np.full((48, 64), 200, np.uint8)
    frame[10:30, 20:40] = 20
    cv2.imwrite(str(tmp_path / "kept.png"), frame)
    rule = DimensionSection(kind="dimension", name="width", measure="width", high=9.0)
    plan = WhyPlan(engines=None, recipes={0: (WhyView(name="top", rule=(rule,)),)})
    asked = QUESTION.model_copy(update={"pictures": {"top": tmp_path / "kept.png"}})
    with closing(Explainer(plan.model_dump_json(), limit_s=300.0)) as explainer:
        found = explainer.ask(asked)
        assert isinstance(found, RuleWhy)
        assert found.value == 20.0
        with pytest.raises(WhyUnknown, match="cannot be read"):
            explainer.ask(QUESTION)


def test_explainer_tells_the_plan_and_keeps_one_process() -> None:
    """It counts its questions."""
    program = (
        "for n, _ in enumerate(iter(sys.stdin.readline, '')):\n"
        f"    print('{ANSWER}' % (plan.strip() + str(n)), flush=True)"
    )
    with closing(Explainer("plan", saying(program))) as explainer:
        for number in range(2):
            with pytest.raises(WhyUnknown, match=f"plan{number}"):
                explainer.ask(QUESTION)


def test_explainer_begins_another_process_once_one_has_ended() -> None:
    """As it does when nobody has asked for a while."""
    program = f"sys.stdin.readline()\nprint('{ANSWER}' % 'one', flush=True)"
    with closing(Explainer("plan", saying(program))) as explainer:
        for _ in range(3):
            with pytest.raises(WhyUnknown, match="one"):
                explainer.ask(QUESTION)


@pytest.mark.parametrize("program", ["sys.exit(3)", "sys.stdin.close()\nsys.stdout.close()"])
def test_explainer_says_that_what_works_it_out_ends(program: str) -> None:
    """Tried again once, and not for ever."""
    with (
        closing(Explainer("plan", saying(program))) as explainer,
        pytest.raises(WhyUnanswered),
    ):
        explainer.ask(QUESTION)


def test_explainer_does_not_wait_for_ever(tmp_path: Path) -> None:
    """What hangs is killed, and the next question has another process."""
    mark = tmp_path / "second"
    program = (
        f"import pathlib; mark = pathlib.Path({str(mark)!r})\n"
        "second = mark.exists()\n"
        "sys.stdin.readline()\n"
        "time.sleep(0 if second else 1000)\n"
        f"print('{ANSWER}' % 'second', flush=True)"
    )
    hasty = Explainer("plan", saying(program), limit_s=1.0)
    patient = Explainer("plan", saying(program), limit_s=300.0)
    with closing(hasty), pytest.raises(WhyUnanswered, match="no answer within 1 s"):
        hasty.ask(QUESTION)
    mark.touch()
    with closing(patient), pytest.raises(WhyUnknown, match="second"):
        patient.ask(QUESTION)


def test_explainer_is_closed_in_the_middle_of_an_answer() -> None:
    """A screen that is stopped does not wait for it, and begins no other one."""
    explainer = Explainer("plan", saying("time.sleep(1000)"), limit_s=900.0)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(explainer.ask, QUESTION)
        while not explainer.works:
            time.sleep(0.01)
        explainer.close()
        with pytest.raises(WhyUnanswered):
            asked.result(timeout=300)
    with pytest.raises(WhyUnanswered, match="being stopped"):
        explainer.ask(QUESTION)


def test_explainer_ends_its_process() -> None:
    """Which would go on reading; twice is once, and one that never began ends as well."""
    program = f"for _ in sys.stdin: print('{ANSWER}' % 'one', flush=True)"
    explainer = Explainer("plan", saying(program))
    with pytest.raises(WhyUnknown):
        explainer.ask(QUESTION)
    states = [explainer.works]
    for _ in range(2):
        explainer.close()
        states.append(explainer.works)
    assert states == [True, False, False]
    Explainer("plan").close()
