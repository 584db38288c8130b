"""HailoRT's package that is not there, does not fit, or says something: each with its number."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import GonogoError, HailoMissing, HailoNumpyError, HailoVersionError
from gonogo.engines.backends.hailo import runtime
from gonogo.engines.backends.hailo.runtime import (
    LOG_PATH,
    is_timeout,
    load_runtime,
    of_loading,
    of_opening,
    one_line,
)
from gonogo.tests.vendors.hailo_fake import errors
from gonogo.tests.vendors.hailo_fake.fixture import chip_here

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.vendors.hailo_fake.bench import Bench

NUMPY_2 = int(np.__version__.partition(".")[0]) >= 2


def test_runtime_that_is_not_installed_is_said_so() -> None:
    """And how it comes onto a box, as it is not on PyPI."""
    if "hailo_platform" in sys.modules:
        pytest.skip("HailoRT is installed here")
    with pytest.raises(HailoMissing, match=r"GN380: backend 'hailo': .*not installed.*not on PyPI"):
        load_runtime()


def test_runtime_of_another_release_is_told_in_its_own_words(bench: Bench) -> None:
    """What importing it says is what a technician needs."""
    said = "_pyhailort version (4.21.0) does not match pyhailort version (4.23.0)"
    bench.play(import_error=said)
    with pytest.raises(HailoVersionError, match=r"GN381: .*_pyhailort version \(4.21.0\) does not"):
        load_runtime()


@pytest.mark.parametrize(
    ("set_to", "found"), [(None, "NONE"), ("/var/log/hailo", "/var/log/hailo")]
)
def test_runtime_writes_no_log_while_parts_flow(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, set_to: str | None, found: str
) -> None:
    """Unless somebody wants it to: by itself it writes into the folder that it was started in."""
    assert bench.violations == []
    monkeypatch.setenv(LOG_PATH, set_to or "")
    if set_to is None:
        del os.environ[LOG_PATH]
    load_runtime()
    assert os.environ[LOG_PATH] == found


@pytest.mark.skipif(not NUMPY_2, reason="numpy 1 is installed, which HailoRT takes")
def test_runtime_made_for_numpy_1_is_not_imported_beside_numpy_2(tmp_path: Path) -> None:
    """It would crash, or say something that helps nobody; that it was not tried, the bench says."""
    with (
        chip_here(tmp_path, numpy="numpy<2"),
        pytest.raises(HailoNumpyError, match=r"GN382.*1\.26"),
    ):
        load_runtime()
    assert "hailo_platform" not in sys.modules


@pytest.mark.parametrize(
    ("wanted", "python", "refused"),
    [
        (["numpy<2"], (3, 13), True),
        (["numpy (<2)"], (3, 12), True),
        (["argcomplete", "numpy>=1.23,<2.0"], (3, 10), True),
        (["numpy<2; python_version < '3.13'", "numpy; python_version >= '3.13'"], (3, 12), True),
        (["numpy<2; python_version < '3.13'", "numpy; python_version >= '3.13'"], (3, 13), False),
        (["numpy>=1.26,<3"], (3, 12), False),
        (["numpydoc<2"], (3, 12), False),
        ([], (3, 12), False),
        (None, (3, 11), True),
        (None, (3, 13), False),
    ],
)
def test_runtime_believes_what_the_package_says_of_numpy(
    wanted: list[str] | None, python: tuple[int, int], *, refused: bool
) -> None:
    """Where it says nothing, what is known of HailoRT 4 and 5 decides; numpy 1 fits always."""
    runtime._check_numpy("1.26.4", wanted, python)
    if refused:
        with pytest.raises(HailoNumpyError, match="GN382"):
            runtime._check_numpy("2.3.1", wanted, python)
    else:
        runtime._check_numpy("2.3.1", wanted, python)


@pytest.mark.parametrize(
    ("status", "found", "code"),
    [
        ("HAILO_OUT_OF_PHYSICAL_DEVICES", [], 383),
        ("HAILO_OUT_OF_PHYSICAL_DEVICES", None, 383),
        ("HAILO_DRIVER_NOT_INSTALLED", None, 383),
        ("HAILO_OUT_OF_PHYSICAL_DEVICES", ["0000:01:00.0"], 384),
        ("HAILO_DEVICE_IN_USE", ["0000:01:00.0"], 384),
        ("HAILO_INVALID_DRIVER_VERSION", None, 381),
        ("HAILO_UNSUPPORTED_FW_VERSION", ["0000:01:00.0"], 381),
        ("HAILO_OPEN_FILE_FAILURE", ["0000:01:00.0"], 383),
        ("HAILO_INTERNAL_FAILURE", ["0000:01:00.0"], 386),
    ],
)
def test_runtime_tells_why_the_chip_cannot_be_opened(
    status: str, found: list[str] | None, code: int
) -> None:
    """HailoRT says alike of no chip and of one that is taken: whether it is seen tells."""
    error = of_opening(errors.of(status), found)
    assert error.code == code
    assert status in str(error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.HailoRTInvalidHEFException("Invalid HEF"), 385),
        (errors.of("HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE"), 385),
        (errors.of("HAILO_OUT_OF_FW_MEMORY"), 386),
        (errors.HailoStatusInvalidValueException("Value 999 is not a valid status"), 386),
        (ValueError("anything"), 386),
    ],
)
def test_runtime_tells_why_a_hef_cannot_be_loaded(
    error: Exception, code: int, tmp_path: Path
) -> None:
    """By its class or by its text, whichever there is."""
    found: GonogoError = of_loading(error, tmp_path / "a.hef")
    assert found.code == code
    assert "a.hef" in str(found)


def test_timeout_is_known_by_its_name_and_by_its_text() -> None:
    """Its class is not in the package itself."""
    told: list[Any] = [errors.HailoRTTimeout("x"), errors.of("HAILO_TIMEOUT"), TimeoutError("x")]
    assert [is_timeout(each) for each in told] == [True, True, False]


def test_one_line_is_never_empty() -> None:
    """An error without words is named by its class."""
    assert [one_line(each) for each in (ValueError("a\nb"), KeyError())] == ["a", "KeyError"]
