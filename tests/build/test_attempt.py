"""One INT8 file on trial."""

from __future__ import annotations

import json

import pytest

from gonogo.build.agreement import DEFAULT, Agreement
from gonogo.build.attempt import SPEEDUP_MIN, Attempt
from gonogo.build.forms import CPU, TENSORRT

GOOD, BAD = Agreement(1.0, 0.0, 0.0), Agreement(0.5, 0.0, 0.0)


@pytest.mark.parametrize(
    ("agreement", "speedup", "on_cpu", "elsewhere"),
    [
        ({"onnxruntime": GOOD}, 2.0, True, True),
        ({"onnxruntime": GOOD}, SPEEDUP_MIN / 2, False, True),
        ({"onnxruntime": GOOD, "openvino": BAD}, 2.0, False, False),
        ({"onnxruntime": BAD}, 2.0, False, False),
    ],
)
def test_attempt_is_good_where_it_agrees_everywhere_and_is_fast(
    agreement: dict[str, Agreement], speedup: float, *, on_cpu: bool, elsewhere: bool
) -> None:
    """Speed counts only for a form that runs here."""
    one = Attempt((), agreement, speedup, 9)
    assert one.good(CPU) == on_cpu
    assert one.good(TENSORRT) == elsewhere
    assert one.agrees == agreement["onnxruntime"].ok


def test_attempt_that_was_put_off_as_slow_agrees_with_nothing_yet() -> None:
    """A few frames are no proof; it says so when it comes back, too."""
    one = Attempt((), {"onnxruntime": GOOD}, 0.0, 36, whole=False)
    assert not one.agrees
    assert not one.good(CPU)
    assert not Attempt.from_table((), one.table(), DEFAULT).whole


def test_attempt_comes_back_from_the_work_folder() -> None:
    """As it went in, by way of JSON."""
    one = Attempt(("a",), {"onnxruntime": GOOD, "openvino": BAD}, 1.25, 9)
    assert Attempt.from_table(("a",), json.loads(json.dumps(one.table())), DEFAULT) == one
