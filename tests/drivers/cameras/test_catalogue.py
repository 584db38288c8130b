"""The cameras there are, by their name in the station file."""

from __future__ import annotations

import contextlib

import pytest

from gonogo.base.errors import UnknownDriver
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.catalogue import CAMERAS, open_camera
from gonogo.drivers.cameras.synthetic import SyntheticCamera
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.tests.stations import synthetic


def test_every_camera_has_a_section_that_the_line_can_ask() -> None:
    """Ours are there, and each says its frames."""
    assert {"replay", "synthetic"} <= set(CAMERAS)
    for name in CAMERAS:
        assert issubclass(CAMERAS.section_of(name), CameraSection)


def test_open_camera_opens_what_the_section_names() -> None:
    """The view's name is for its messages."""
    section = SyntheticSection.model_validate(synthetic())
    with contextlib.closing(open_camera(section, "top")) as camera:
        assert isinstance(camera, SyntheticCamera)


def test_camera_that_there_is_not_is_answered_with_those_there_are() -> None:
    """Before anything is opened."""
    section = SyntheticSection.model_validate(synthetic()).model_copy(update={"driver": "webcam"})
    with pytest.raises(
        UnknownDriver,
        match="camera driver 'webcam'; known: aravis, basler, folder, genicam, gstreamer, replay",
    ):
        open_camera(section, "top")
