"""Which wheels fit a box: held against what `packaging` takes on such a machine."""

from __future__ import annotations

import pytest
from packaging.utils import parse_wheel_filename

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.release.targets import TARGETS, target_of


def fits(target: str, tag: str) -> bool:
    """Whether pip is told to take a wheel of such a name for that box."""
    _, _, _, tags = parse_wheel_filename(f"some-1.0-{tag}.whl")
    options = target_of(target).wheels
    python = target_of(target).python.replace(".", "")
    platforms = {each.partition("=")[2] for each in options if each.startswith("--platform")}
    abis = {each.partition("=")[2] for each in options if each.startswith("--abi")}
    return any(
        each.platform in platforms | {"any"}
        and each.abi in abis
        and each.interpreter in {f"cp{python}", "cp37", "py3"}
        for each in tags
    )


@pytest.mark.parametrize(
    ("target", "tag", "taken"),
    [
        ("x86_64-debian12", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        ("x86_64-debian12", "cp311-cp311-manylinux_2_36_x86_64", True),
        ("x86_64-debian12", "cp311-cp311-manylinux_2_37_x86_64", False),  # too new a glibc
        ("x86_64-debian12", "cp311-cp311-manylinux1_x86_64", True),
        ("x86_64-debian12", "cp37-abi3-manylinux_2_28_x86_64", True),
        ("x86_64-debian12", "py3-none-any", True),
        ("x86_64-debian12", "cp310-cp310-manylinux_2_17_x86_64", False),
        ("x86_64-debian12", "cp311-cp311-musllinux_1_2_x86_64", False),
        ("x86_64-debian12", "cp311-cp311-manylinux_2_17_aarch64", False),
        ("aarch64-debian12", "cp311-cp311-manylinux2014_aarch64", True),
        ("aarch64-jetpack6", "cp310-cp310-manylinux_2_35_aarch64", True),
        ("aarch64-jetpack6", "cp310-cp310-manylinux_2_36_aarch64", False),
        ("aarch64-jetpack6", "cp311-cp311-manylinux_2_17_aarch64", False),
    ],
)
def test_wheels_of_a_box_and_no_others_are_asked_for(target: str, tag: str, taken: bool) -> None:  # noqa: FBT001 - a case
    """By Python, interface, processor and glibc."""
    assert fits(target, tag) is taken


def test_targets_are_known_by_name() -> None:
    """And a slip of the pen is answered with those that there are."""
    assert [target_of(name).name for name in TARGETS] == list(TARGETS)
    with pytest.raises(ReleaseNotBuilt, match="expected one of x86_64-debian12, aarch64-"):
        target_of("x86-debian12")


def test_markers_are_answered_for_the_box() -> None:
    """Not for the machine that builds."""
    markers = target_of("aarch64-jetpack6").markers
    assert markers["python_version"] == "3.10"
    assert markers["platform_machine"] == "aarch64"
    assert str(target_of("aarch64-jetpack6")).startswith("aarch64-jetpack6 (Python 3.10, aarch64,")
