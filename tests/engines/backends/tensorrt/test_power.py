"""The power mode of a Jetson, as nvpmodel writes it down."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.engines.backends.tensorrt.power import power_mode


@pytest.mark.parametrize(
    ("text", "mode"),
    [("pmode:0002", "0002"), ("pmode: 0 \n", "0"), ("", "none"), ("\xff nonsense", "none")],
)
def test_power_mode_reads_what_nvpmodel_wrote(tmp_path: Path, text: str, mode: str) -> None:
    """Its number; what cannot be read is no mode."""
    status = tmp_path / "status"
    status.write_bytes(text.encode("latin-1"))
    assert power_mode(status) == mode


def test_power_mode_of_a_box_without_one() -> None:
    """A card in a PC has none."""
    assert power_mode(Path("/nowhere/status")) == "none"
