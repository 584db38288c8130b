"""The calibration file: what was written is read, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base import strict_json
from gonogo.base.errors import CalibrationFileError, OutputError
from gonogo.rules.calibration import MAX_BYTES, read_calibration, write_calibration
from gonogo.tests.rules.optics import FRAME, calibration

if TYPE_CHECKING:
    from pathlib import Path

SEAL = strict_json.seal_of("gonogo calibration")


def sealed(**changes: Any) -> bytes:  # noqa: ANN401 - JSON values
    """A file with other values, as whole as one of ours."""
    return strict_json.sealed(calibration().model_dump(mode="json") | changes, SEAL)


def test_calibration_that_was_written_is_read_to_the_bit(tmp_path: Path) -> None:
    """Every number, with a lens and without one."""
    path = tmp_path / "top.json"
    for known in (calibration(), calibration(lens=None, mm_per_px=1 / 3)):
        write_calibration(path, known)
        assert read_calibration(path, "top", FRAME) == known


def test_calibration_is_the_same_file_each_time(tmp_path: Path) -> None:
    """No date in it: the same pictures make the same bytes, and its digest tells it from others."""
    for name in ("a.json", "b.json"):
        write_calibration(tmp_path / name, calibration())
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert calibration().digest == calibration().digest != calibration(mm_per_px=1.01).digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "version"),
        ({"mm_per_px": 0}, "mm_per_px"),
        ({"mm_per_px": "0.2"}, "mm_per_px"),
        ({"width_px": 640.5}, "width_px"),
        ({"colour": 1}, "colour"),
        ({"lens": {"fx_px": 700}}, "lens.*findings|findings.*lens"),
        ({"made_by": "eye"}, "made_by"),
    ],
)
def test_calibration_with_another_value_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """Strictly, although its digest is right: another program may have written it."""
    path = tmp_path / "top.json"
    path.write_bytes(sealed(**changes))
    with pytest.raises(CalibrationFileError, match=rf"GN731: .*(?:{message}).*; make it"):
        read_calibration(path, "top", FRAME)


def test_calibration_that_was_edited_or_damaged_is_refused(tmp_path: Path) -> None:
    """One digit, one byte less, nothing, a picture: the digest says so."""
    path = tmp_path / "top.json"
    write_calibration(path, calibration(mm_per_px=0.2))
    whole = path.read_bytes()
    for raw in (whole.replace(b"0.2", b"0.3"), whole[:-1], b"", b"\x89PNG\r\n" * 20):
        path.write_bytes(raw)
        with pytest.raises(CalibrationFileError, match=r"its digest says so.*gonogo calibrate"):
            read_calibration(path, "top", FRAME)


def test_calibration_of_another_frame_or_view_is_refused_with_both(tmp_path: Path) -> None:
    """A camera that was exchanged, or two files that were."""
    path = tmp_path / "top.json"
    write_calibration(path, calibration())
    with pytest.raises(CalibrationFileError, match=r"640 x 480 px, expected 800 x 480 px.*'top'"):
        read_calibration(path, "top", FRAME._replace(width_px=800))
    with pytest.raises(CalibrationFileError, match=r"made for view 'top', expected .*'side'"):
        read_calibration(path, "side", FRAME)


def test_calibration_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    """The path and what to do; a disk full of something is not read whole."""
    with pytest.raises(CalibrationFileError, match=r"x.json: cannot be read: No such file"):
        read_calibration(tmp_path / "x.json", "top", FRAME)
    large = tmp_path / "large.json"
    large.write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(CalibrationFileError, match=f"at most {MAX_BYTES} bytes"):
        read_calibration(large, "top", FRAME)


def test_calibration_is_written_where_it_can_be(tmp_path: Path) -> None:
    """Another ending, a folder that is not there: a number, and the old file stays."""
    for name, message in (("top.txt", "ends in .json"), ("no/top.json", "No such file")):
        with pytest.raises(OutputError, match=rf"GN740: .*{message}"):
            write_calibration(tmp_path / name, calibration())
    assert list(tmp_path.iterdir()) == []


def test_calibration_says_what_is_not_known() -> None:
    """One picture of a gauge has no residual, and no lens."""
    said = calibration(mm_per_px=0.2).in_words()
    assert said == ("0.2 mm/px by board, residual 0.050 px rms, 0.100 px worst, lens straightened")
    lone = calibration(lens=None).model_copy(update={"rms_px": None, "worst_px": None})
    assert lone.in_words().endswith("residual not known (one picture), lens not known")
