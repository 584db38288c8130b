"""`gonogo check` on installed engines: opened, proven, shown with signer and limits."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.station import prepare_station
from gonogo.commands.check_engine import EngineCheck
from gonogo.commands.report import Report
from gonogo.engines.card import sha256_of
from gonogo.tests.build.parts import SIDE_PX as PART_PX
from gonogo.tests.build.parts import save_good
from gonogo.tests.engines import tiny
from gonogo.tests.engines.bundles.parcels import MAKER, contents, for_hailo
from gonogo.tests.engines.serving.places import RED, bolt, facts, install, section
from gonogo.tests.stations import bundled_station, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.section import EnginesSection


def checked(folder: Path, engines: EnginesSection) -> tuple[list[str], list[str]]:
    """What is said and what is found wrong on a station with the bundle "bolt"."""
    station = bundled_station(folder, engines)
    lines: list[str] = []
    report = Report(lines.append)
    view = station.view[0]
    EngineCheck(report, station).check(view, np.zeros(view.camera.geometry.shape, np.uint8))
    return lines, report.findings


def test_check_shows_the_bundle_its_signer_and_its_limits(tmp_path: Path) -> None:
    """Nothing wrong, and the engine was measured."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    lines, findings = checked(tmp_path, engines)
    assert findings == []
    assert f"  bolt 1.0.0, signed by {MAKER.public.fingerprint}" in lines
    assert "  engine bolt 1.0.0 (a bundle): recheck above 240, reject above 252" in lines
    assert "  its 2 self-test frames score as its maker saw them" in lines
    assert any("p99.9" in line for line in lines)


def test_check_says_what_the_engine_does_not_see(tmp_path: Path) -> None:
    """A centre crop of the camera's frame: with the share, and how large a cell of the map is."""
    model = tiny.brightest(tmp_path / "cropped.onnx")
    tiny.say(model, {"gonogo.fit": "centre-crop"})
    card = contents(tmp_path).card.model_copy(update={"sha256": sha256_of(model)})
    engines = section(tmp_path)
    install(engines, bolt(tmp_path, model=model, card=card))
    lines, findings = checked(tmp_path, engines)
    assert findings == []
    assert "  frames get to its 16x16 px by centre-crop, antialias" in lines
    assert any("a cell of its map is 7.62x7.5 px of the frame" in line for line in lines)
    (unseen,) = [line for line in lines if "does not see the outer" in line]
    assert "23.8 % of a frame of 160x120 px" in unseen


def test_check_shows_what_was_chosen_and_why_the_others_were_not(tmp_path: Path) -> None:
    """A backend that does not score the bundle's frames is left out, and that is no finding."""
    engines = section(tmp_path)
    its = {"openvino": facts((1.0, 2.0)), "onnxruntime": facts(RED)}
    install(engines, bolt(tmp_path, backends=its))
    lines, findings = checked(tmp_path, engines)
    assert findings == []
    (left,) = [line for line in lines if "left out" in line]
    # not itself where it is installed, and not installed elsewhere
    assert "expected 1, 2 within" in left or "pip install 'gonogo[openvino]'" in left
    assert left.startswith("  openvino")
    (chosen,) = [line for line in lines if "p99.9" in line]
    assert chosen.startswith("  onnxruntime, ")


def test_check_says_of_a_bundle_that_it_is_for_another_box(tmp_path: Path) -> None:
    """One for an accelerator alone, on a box without it: a finding that names what it is for."""
    engines = section(tmp_path)
    created = datetime.now(timezone.utc) - timedelta(hours=1)
    install(engines, for_hailo(tmp_path, created=created))
    lines, findings = checked(tmp_path, engines)
    assert f"  bolt 1.0.0, signed by {MAKER.public.fingerprint}" in lines
    (finding,) = findings
    assert "GN380" in finding
    assert "hailo" in finding


def test_check_says_that_unsigned_bundles_are_taken(tmp_path: Path) -> None:
    """The switch, and the bundle that needs it."""
    engines = section(tmp_path, allow_unsigned=True)
    install(engines, bolt(tmp_path, key=None))
    lines, findings = checked(tmp_path, engines)
    assert findings == []
    assert "  bolt 1.0.0, NOT SIGNED" in lines
    assert any("NOBODY SIGNED" in line for line in lines)


def test_check_finds_an_engine_that_cannot_be_used(tmp_path: Path) -> None:
    """Not installed; and installed, but not itself on this box."""
    engines = section(tmp_path)
    _, findings = checked(tmp_path, engines)
    assert [finding[:5] for finding in findings] == ["GN342"]
    install(engines, bolt(tmp_path, backends={"onnxruntime": facts((1.0, 2.0))}))
    _, findings = checked(tmp_path, engines)
    assert len(findings) == 1
    assert "self-test: the bundle's frames score" in findings[0]


def test_check_says_that_pictures_have_changed_since_the_engine_was_made(tmp_path: Path) -> None:
    """It judges all the same; also where the folder is gone, which is said."""
    source, good = tiny.filters(tmp_path / "fp32.onnx"), save_good(tmp_path / "parts", 8)
    prepare = {"method": "quantize", "source": source, "good": good}
    engine = {"model": tmp_path / "e.onnx", "backend": "onnxruntime", "prepare": prepare}
    camera = synthetic(width_px=PART_PX, height_px=PART_PX)
    station = small_station(tmp_path, {"name": "top", "camera": camera, "engine": engine})
    prepare_station(station, lambda *_: None)
    made = (tmp_path / "e.onnx").read_bytes()
    view = station.view[0]

    def lines() -> str:
        said: list[str] = []
        report = Report(said.append)
        EngineCheck(report, station).check(view, np.zeros(view.camera.geometry.shape, np.uint8))
        assert report.findings == []
        return "\n".join(said)

    assert "changed since" not in lines()
    min(good.iterdir()).unlink()
    assert "have changed since the engine was made: `gonogo prepare` makes another one" in lines()
    shutil.rmtree(good)
    assert "what its engine was made from is not there now: " in lines()
    assert (tmp_path / "e.onnx").read_bytes() == made
