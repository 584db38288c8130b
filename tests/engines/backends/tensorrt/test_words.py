"""What TensorRT says reaches the message of what it refused."""

from __future__ import annotations

import logging

import pytest

from gonogo.base.errors import TensorRtRefused
from gonogo.engines.backends.tensorrt.words import Words
from gonogo.tests.vendors.tensorrt_fake import make
from gonogo.tests.vendors.tensorrt_fake.logging import Severity


@pytest.fixture
def words() -> Words:
    """Of some TensorRT."""
    return Words(make())


@pytest.mark.parametrize("answer", [None, False])
def test_words_raise_what_was_said_before_a_refusal(words: Words, answer: object) -> None:
    """The errors in their order, without what is no error."""
    words.logger.log(Severity.INFO, "all is well")
    words.logger.log(Severity.ERROR, "out of memory")
    words.logger.log(Severity.INTERNAL_ERROR, "assertion failed")
    with pytest.raises(TensorRtRefused, match=r"GN374: .*out of memory; assertion failed$"):
        words.checked(answer, "a call")


def test_words_are_said_once(words: Words) -> None:
    """An old error is not the reason of a new refusal."""
    words.logger.log(Severity.ERROR, "of before")
    assert words.said() == "of before"
    with pytest.raises(TensorRtRefused, match="a call with None: it did not say why"):
        words.checked(None, "a call")


def test_words_before_a_call_that_went_well_are_no_reason(words: Words) -> None:
    """Complained of, and done all the same."""
    words.logger.log(Severity.ERROR, "of before")
    words.checked(True, "a call")  # noqa: FBT003 - an answer
    with pytest.raises(TensorRtRefused, match="another with False: it did not say why"):
        words.checked(False, "another")  # noqa: FBT003


@pytest.mark.parametrize("answer", [0, 1, "", [], b""])
def test_words_pass_on_what_is_no_refusal(words: Words, answer: object) -> None:
    """A number that happens to be 0 is none."""
    assert words.checked(answer, "a call") is answer


def test_words_raise_names_that_are_left(words: Words) -> None:
    """infer_shapes answers with the names that it lacks."""
    words.nothing_missing([], "infer_shapes")
    with pytest.raises(TensorRtRefused, match="infer_shapes with image, mask"):
        words.nothing_missing(["image", "mask"], "infer_shapes")


def test_words_go_to_the_log_by_their_weight(
    words: Words, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning is one; what TensorRT tells all the time is for those who debug."""
    with caplog.at_level(logging.DEBUG):
        for severity in (Severity.WARNING, Severity.VERBOSE, Severity.ERROR):
            words.logger.log(severity, severity.name)
    assert [record.levelname for record in caplog.records] == ["WARNING", "DEBUG", "ERROR"]


def test_words_keep_few_of_many(words: Words) -> None:
    """A device that fails a thousand times fills no memory."""
    for k in range(1000):
        words.logger.log(Severity.ERROR, " ".join(["error", str(k)]))
    assert words.said().count(";") < 20
