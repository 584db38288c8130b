"""HailoRT's Python package: imported here and nowhere else, and what its errors mean.

It is not on PyPI. Its bindings and its library must be of the very same version, and those of
HailoRT 4 (Hailo-8) are made for numpy 1. All that is missing is a MissingExtra: with
backend = "auto" another backend may do.

Its errors have a common base and hardly a class each: what happened stands as HAILO_... in the
text, and in a few cases in the name of a class that only hailo_platform.pyhailort.pyhailort has.
"""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.errors import (
    HailoFailed,
    HailoMissing,
    HailoNoChip,
    HailoNumpyError,
    HailoTaken,
    HailoVersionError,
    HefError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.base.errors import GonogoError

PACKAGE, DISTRIBUTION = "hailo_platform", "hailort"
LOG_PATH = "HAILORT_LOGGER_PATH"  # a folder, or NONE
_ERRORS = "hailo_platform.pyhailort.pyhailort"  # where most classes of its errors are, alone
NUMPY_2, PYTHON_FROM = 2, (3, 13)  # HailoRT 5 takes numpy 2 from that Python on
_NUMPY_1 = re.compile(r"numpy\(?(?:[<>=!~][^;]*,)?<2(?:\.0)*\)?(?:;|$)")  # without spaces
_MARKER = re.compile(r"python_version\s*(<|>=)\s*['\"](\d+)\.(\d+)['\"]")
_STATUS = re.compile(r"HAILO_[A-Z0-9_]+")
_MORE = f"`dmesg | grep -i hailo` says more, and HailoRT's own log with {LOG_PATH}=FOLDER"
_TAKEN = {"HAILO_OUT_OF_PHYSICAL_DEVICES", "HAILO_DEVICE_IN_USE"}
_VERSIONS = {
    "HAILO_INVALID_DRIVER_VERSION",
    "HAILO_INVALID_FIRMWARE",
    "HAILO_UNSUPPORTED_FW_VERSION",
    "HAILO_UNSUPPORTED_CONTROL_PROTOCOL_VERSION",
}
_OTHER_CHIP = {"HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE", "HAILO_HEF_FILE_CORRUPTED",
               "HAILO_HEF_NOT_SUPPORTED", "HAILO_INVALID_HEF"}  # fmt: skip


def load_runtime() -> Any:  # noqa: ANN401 - a module without types
    """The package; HailoMissing where it is not there, or does not fit numpy or its library."""
    if find_spec(PACKAGE) is None:
        raise HailoMissing(
            "backend 'hailo': HailoRT's Python package (hailo_platform) is not installed; it is "
            "not on PyPI: install HailoRT for this Python from Hailo's developer zone, or on a "
            "Raspberry Pi `apt install hailo-all` and a virtual environment made with "
            "--system-site-packages"
        )
    # before it is imported: one made for numpy 1 may end the process instead of saying so
    _check_numpy(np.__version__, _requirements(), sys.version_info[:2])
    # else it writes a log into the folder that the process was started in, while parts flow
    os.environ.setdefault(LOG_PATH, "NONE")
    try:
        return import_module(PACKAGE)
    except Exception as error:  # it has an error of its own for a library that is not there
        raise HailoVersionError(
            f"backend 'hailo': HailoRT's Python package cannot be imported: "
            f"{type(error).__name__}: {one_line(error)}; package, library and driver must be of "
            "one and the same version: `hailortcli fw-control identify` and "
            "`pip show hailort` name them; install all three from one release"
        ) from error


def _requirements() -> Sequence[str] | None:
    """What the package says it needs; None where it says nothing."""
    try:
        return metadata.requires(DISTRIBUTION)
    except metadata.PackageNotFoundError:  # installed without pip, as by Debian's package
        return None


def _check_numpy(version: str, wanted: Sequence[str] | None, python: tuple[int, ...]) -> None:
    if int(version.partition(".")[0]) < NUMPY_2 or not _wants_numpy_1(wanted, python):
        return
    raise HailoNumpyError(
        f"backend 'hailo': numpy {version} is installed, and this HailoRT is made for numpy < 2; "
        "install what goes with it: pip install 'gonogo[hailo]' (numpy 1.26)"
    )


def _wants_numpy_1(wanted: Sequence[str] | None, python: tuple[int, ...]) -> bool:
    """Whether the package, by its own word or else by what is known of it, needs numpy < 2."""
    if wanted is None:
        return python < PYTHON_FROM
    return any(_NUMPY_1.match(each.replace(" ", "")) and _applies(each, python) for each in wanted)


def _applies(requirement: str, python: tuple[int, ...]) -> bool:
    """Whether a requirement is for this Python: the one kind of marker that matters here."""
    return all(
        (python < (int(major), int(minor))) == (how == "<")
        for how, major, minor in _MARKER.findall(requirement)
    )


# -- errors ----------------------------------------------------------------------------------


def one_line(error: BaseException) -> str:
    """What it says, in one line."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


def is_timeout(error: BaseException) -> bool:
    """Whether it says no more than that the time was over."""
    # by name too: the class is not in the package itself, and moved between releases
    return type(error).__name__ == "HailoRTTimeout" or "HAILO_TIMEOUT" in str(error)


def of_opening(error: Exception, found: Sequence[str] | None) -> GonogoError:
    """What a device that cannot be opened means; `found`: chips that are seen all the same."""
    statuses = set(_STATUS.findall(str(error)))
    said = f"HailoRT says: {one_line(error)}"
    if statuses & _VERSIONS:
        return HailoVersionError(
            f"backend 'hailo': the chip cannot be opened: {said}; package, driver and firmware "
            "must be of one and the same release of HailoRT"
        )
    if not found or "HAILO_OPEN_FILE_FAILURE" in statuses:
        return HailoNoChip(
            f"backend 'hailo': no Hailo chip is found; {said}; `lspci | grep -i hailo` and "
            "`ls -l /dev/hailo*` show whether the box sees it, `dmesg | grep -i hailo` why not, "
            "and this user must be let open /dev/hailo0"
        )
    if statuses & _TAKEN:
        return HailoTaken(
            f"backend 'hailo': another process has the chip {', '.join(found)}; {said}; one "
            "process at a time can have it: `sudo fuser -v /dev/hailo0` names it; end that one "
            "(another station, a viewer, `gonogo check` beside a station that runs)"
        )
    return HailoFailed(f"backend 'hailo': the chip cannot be opened: {said}; {_MORE}")


def of_loading(error: Exception, model: Path) -> GonogoError:
    """What a HEF that cannot be configured means."""
    statuses = set(_STATUS.findall(str(error)))
    said = f"HailoRT says: {one_line(error)}"
    if statuses & _OTHER_CHIP or type(error).__name__ == "HailoRTInvalidHEFException":
        return HefError(
            f"{model}: this chip does not take it; {said}; it is damaged, made for another chip "
            "(hailo8, hailo8l, hailo10h) or by a newer compiler: `hailortcli parse-hef` names "
            "what it is for, `hailortcli fw-control identify` what the chip is; compile it anew "
            "with `gonogo build --target`"
        )
    return HailoFailed(f"{model}: HailoRT cannot load it: {one_line(error)}; {_MORE}")
