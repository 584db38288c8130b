"""The package is looked at before anything of it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import TensorRtMissing, TensorRtVersion
from gonogo.engines.backends.tensorrt.package import check_version, package
from gonogo.tests.vendors.tensorrt_fake import VERSIONS, make

if TYPE_CHECKING:
    from collections.abc import Callable


def raising(error: Exception) -> Callable[[str], Any]:
    """An import that ends so."""

    def load(_: str) -> Any:  # noqa: ANN401 - never
        raise error

    return load


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libnvinfer.so.10: cannot open shared object file"),
        ModuleNotFoundError("libnvinfer.so.10 and No module named 'tensorrt'"),
        OSError("libnvinfer.so.10: undefined symbol: cudaGetDevice"),
    ],
)
def test_package_says_what_the_import_said(error: Exception) -> None:
    """Which library is missing stands in the message, and what brings it."""
    with pytest.raises(TensorRtMissing, match=r"GN370: .*libnvinfer\.so\.10.*JetPack"):
        package(raising(error))


@pytest.mark.parametrize("version", VERSIONS)
def test_package_takes_each_version_that_is_supported(version: str) -> None:
    """From JetPack 6.1 on."""
    module = make(version)
    assert package(lambda _: module) is module


@pytest.mark.parametrize("version", ["8.6.1", "10.2.9", "12.0.0", "", "dev"])
def test_check_version_refuses_others(version: str) -> None:
    """Older, newer, and none that says what it is."""
    with pytest.raises(TensorRtVersion, match=r"GN371: .*expected 10\.3 or newer, below 12\.0"):
        check_version(version)


def test_check_version_knows_numbers_from_words() -> None:
    """10.16 is newer than 10.3, whatever the order of their letters."""
    check_version("10.16.1.11")


def test_package_names_what_it_lacks() -> None:
    """A package that is cut down, or another one of that name."""
    module = make()
    del module.OnnxParser
    del module.Builder
    with pytest.raises(TensorRtMissing, match="has no Builder, OnnxParser"):
        package(lambda _: module)
