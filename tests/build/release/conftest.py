"""A release that was built once; whoever changes it copies it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.build.release.building import build
from gonogo.tests.build.release import parcels

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.manifest import Manifest


@pytest.fixture(scope="session")
def small_parcel(tmp_path_factory: pytest.TempPathFactory) -> parcels.Parcel:
    """The small project, its wheels and its lock file."""
    parcels.needs()
    return parcels.parcel(tmp_path_factory.mktemp("parcel"))


@pytest.fixture(scope="session")
def small_release(
    small_parcel: parcels.Parcel, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Manifest]:
    """Its release, signed by MAKER."""
    order = small_parcel.order(tmp_path_factory.mktemp("release"))
    return order.file, build(order, parcels.quiet)
