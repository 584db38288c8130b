"""`gonogo check`: everything is tried, and everything found is said at once."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.commands.check import check_station
from gonogo.commands.cli import main
from gonogo.commands.report import span
from gonogo.rules.calibration import write_calibration
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.rules.optics import calibration
from gonogo.tests.softplc import SoftPlc
from gonogo.tests.stations import PLAIN_FILE, free_port, s7_station

if TYPE_CHECKING:
    from collections.abc import Callable

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"


def test_check_says_what_the_station_will_do_view_by_view(tmp_path: Path) -> None:
    """A station of rules alone: camera, rules with limits, latency sum, PLC not there."""
    text = DEMO.read_text(encoding="utf-8")
    start, end = text.index("[view.engine]"), text.index("[[view.rule]]")
    path = tmp_path / "rules.toml"
    plain = text[:start] + text[end:]
    path.write_text(plain.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2'))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.output.startswith("this box: ")
    assert "view 'top': synthetic camera, 640 x 480 px bgr8" in result.output
    assert "rule diameter: 71.4 to 72.6 mm" in result.output
    assert "latency: capture" in result.output
    assert "connection refused" in result.output
    assert result.exit_code == 1


def test_check_tries_the_data_block_of_an_s7_plc(tmp_path: Path) -> None:
    """The place is named, and a block that is there is found good."""
    with contextlib.closing(S7Plc()) as plc:
        section = f'[plc]\ndriver = "s7"\nhost = "127.0.0.1"\nport = {plc.port}\ndb = {DB}\n'
        result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
    assert f"PLC: s7 127.0.0.1:{plc.port}, rack 0 slot 1, DB {DB}" in result.output
    assert "  the PLC answers" in result.output
    assert "  D0-D31 read 0: no station has written there yet" in result.output


def test_check_does_not_only_connect_but_looks_at_the_words(tmp_path: Path) -> None:
    """A PLC of ours that is something else there: found, named, and left as it is."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    with SoftPlc() as plc:
        plc._server.data_bank.set_holding_registers(0, [17] * 32)
        section = (
            f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = {plc.section.port}\n'
        )
        result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
        assert plc.d[:32] == [17] * 32
    assert "  WRONG  D0-D31 hold something that no station wrote (D0 = 17" in result.output
    assert result.exit_code == 1


def test_check_names_references_that_were_typed_as_addresses(tmp_path: Path) -> None:
    """Before anything answers there."""
    bases = "d_base = 40001\np_base = 40101\n"
    section = f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = 9\n{bases}'
    result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
    assert "  d_base = 40001 looks like a 4x reference" in result.output


def test_s7_station_cannot_drive_its_own_ejector(tmp_path: Path) -> None:
    """The coil of [eject] has no place in a data block; what to do instead is said."""
    section = '[plc]\ndriver = "s7"\nhost = "127.0.0.1"\ndb = 1\n'
    eject = "[eject]\ndistance_mm = 400\n"
    result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section + eject))])
    assert "eject: its coil has no place in an S7 data block" in result.output


def test_s7_section_reports_half_a_word_at_its_line(tmp_path: Path) -> None:
    """Offsets are bytes, and words start at even ones."""
    section = '[plc]\ndriver = "s7"\nhost = "127.0.0.1"\ndb = 1\nd_offset = 3\n'
    result = CliRunner().invoke(main, ["check", str(s7_station(tmp_path, section))])
    assert "plc.d_offset: expected 0 to 65344 and a multiple of 2, got 3" in result.output


def rules_alone(folder: Path, change: Callable[[str], str] = str) -> list[str]:
    """What is said of the demo without its engine, after a change of its file."""
    text = DEMO.read_text(encoding="utf-8")
    text = text[: text.index("[view.engine]")] + text[text.index("[[view.rule]]") :]
    path = folder / "rules.toml"
    path.write_text(change(text.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2')))
    said: list[str] = []
    assert check_station(path, said.append) == 1  # no PLC answers
    return said


def test_check_counts_its_findings_and_goes_on_after_each(tmp_path: Path) -> None:
    """A camera that cannot be opened, and a PLC that is not there."""
    said = rules_alone(tmp_path, lambda text: text.replace("pool = 2", "max_memory_mb = 1"))
    wrong = [line for line in said if line.startswith("  WRONG")]
    assert len(wrong) == 2
    assert "need" in wrong[0]
    assert "max_memory_mb = 1" in wrong[0]
    assert "GN401" in wrong[1]
    assert any(line.startswith("  rules take ") for line in said)
    assert said[-1] == "2 finding(s)"


def test_check_says_the_calibration_and_its_residual(tmp_path: Path) -> None:
    """Beside the view; the rule without a scale of its own is in mm by it."""
    write_calibration(tmp_path / "top.json", calibration(mm_per_px=0.2, lens=None))

    def change(text: str) -> str:
        return text.replace("mm_per_px = 0.2\n", 'lengths_in = "mm"\n').replace(
            'name = "top"', 'name = "top"\ncalibration = "top.json"'
        )

    said = rules_alone(tmp_path, change)
    known = f"  calibration {tmp_path / 'top.json'}: 0.2 mm/px by board, residual 0.050 px rms"
    assert any(line.startswith(known) for line in said)
    (measured,) = [line for line in said if line.startswith("  rule diameter: ")]
    assert measured.startswith("  rule diameter: 71.4 to 72.6 mm; last frame 7")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('calibration = "small.json"', "GN731: .*made of frames of 64 x 48 px, expected 640 x 480"),
        ('calibration = "none.json"', "GN731: .*none.json: cannot be read: No such file"),
        ("", "rule 'diameter': expected mm_per_px, or a calibration of the view"),
    ],
)
def test_check_refuses_millimetres_without_a_scale(tmp_path: Path, key: str, expected: str) -> None:
    """Of another frame, missing, or never made: found before a part is measured."""
    small = calibration().model_copy(update={"width_px": 64, "height_px": 48})
    write_calibration(tmp_path / "small.json", small)

    def change(text: str) -> str:
        named = text.replace('name = "top"', f'name = "top"\n{key}')
        return named.replace("mm_per_px = 0.2\n", 'lengths_in = "mm"\n')

    said = rules_alone(tmp_path, change)
    assert any(re.search(expected, line) for line in said if line.startswith("  WRONG  view 'top'"))


def test_check_measures_the_latency_of_each_recipe(tmp_path: Path) -> None:
    """Under a heading, with the rules that it has instead."""
    rule = '[[recipe.view.rule]]\nkind = "dimension"\nname = "small"\nmeasure = "width"\n'
    recipe = (
        f'[[recipe]]\nnumber = 3\nname = "small"\n[[recipe.view]]\nname = "top"\n{rule}high = 9\n'
    )
    said = rules_alone(tmp_path, lambda text: f"{text}\n{recipe}")
    at = said.index("recipe 3 'small', in place of the above:")
    assert any(line.startswith("  rule small: at most 9 ") for line in said[at:])
    assert sum(line.startswith("  latency: ") for line in said[at:]) == 1
    assert sum(line.startswith("  latency: ") for line in said[:at]) == 1


def test_check_tells_of_each_image_that_cannot_be_shown(tmp_path: Path) -> None:
    """By its file, and of the part that would show it; the others are measured."""
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no image")
    (folder / "notes.txt").touch()
    cv2.imwrite(str(folder / "b.png"), np.full((480, 640, 3), 90, np.uint8))
    replay = f'driver = "replay"\nfolder = "{folder}"\nwidth_px = 640\nheight_px = 480'

    def change(text: str) -> str:
        start, end = text.index("[view.camera]"), text.index("[[view.rule]]")
        return f"{text[:start]}[view.camera]\n{replay}\n{text[end:]}"

    said = rules_alone(tmp_path, change)
    (problem,) = [line for line in said if line.startswith("  WRONG  view")]
    assert "a.png" in problem
    assert "  left out: notes.txt ends in none of .png .jpg .jpeg .bmp .tif .tiff" in said
    assert sum(line.startswith("  frame ") for line in said) == 10
    assert any(line.startswith("  camera opens; 10 of 20 frames, ") for line in said)


def test_check_asks_no_picture_of_a_camera_that_needs_a_part(tmp_path: Path) -> None:
    """None passes now: that it opens is all there is to see, and no finding."""
    folder = tmp_path / "parts"
    folder.mkdir()
    camera = f'driver = "folder"\nfolder = "{folder}"\nwidth_px = 640\nheight_px = 480'

    def change(text: str) -> str:
        start, end = text.index("[view.camera]"), text.index("[[view.rule]]")
        return f"{text[:start]}[view.camera]\n{camera}\npause_ms = 100\n{text[end:]}"

    said = rules_alone(tmp_path, change)
    assert "  camera opens; it brings a frame for a part alone" in said
    assert not any("frame 1" in line or "WRONG  view" in line for line in said)


def test_span_leaves_out_a_side_without_a_limit() -> None:
    """As a technician would say it."""
    inf = float("inf")
    assert [span(1.0, 2.5), span(-inf, 2.0), span(1.0, inf)] == [
        "1 to 2.5", "at most 2", "at least 1",
    ]  # fmt: skip


def test_check_says_what_a_link_does_not_carry_before_it_opens_a_camera(tmp_path: Path) -> None:
    """By the file alone; one that cannot be tried without a part is in the sum all the same."""
    camera = (
        'driver = "aravis"\naddress = "127.0.0.77"\nwidth_px = 640\nheight_px = 480\n'
        "exposure_us = 140000\ntrigger_lead_ms = 20\nsocket_buffer_kb = 64"
    )

    def change(text: str) -> str:
        start, end = text.index("[view.camera]"), text.index("[[view.rule]]")
        return f"{text[:start]}[view.camera]\n{camera}\n{text[end:]}"

    said = rules_alone(tmp_path, change)
    wrong = [line for line in said if line.startswith("  WRONG")]
    assert "GN204: view 'top': its frame is there 140.0 ms after the trigger" in wrong[0]
    assert said.index(wrong[0]) < said.index("view 'top': aravis camera, 640 x 480 px bgr8")
    assert any(line.startswith("  latency: capture 140.0 + ") for line in said)


def test_check_for_a_program_has_findings_by_number(tmp_path: Path) -> None:
    """Of a file that is right but for its PLC, and of one that is not; its exit code as well."""
    file = tmp_path / "station.toml"
    file.write_text(PLAIN_FILE.replace("1502", str(free_port())), encoding="utf-8")
    found = CliRunner().invoke(main, ["check", str(file), "--json"])
    assert found.exit_code == 1
    about = json.loads(found.stdout)
    assert (about["schema"], about["ok"], about["file"]) == (1, False, str(file))
    assert [finding["number"] for finding in about["findings"]] == ["GN401"]
    assert any(line.startswith("view 'top'") for line in about["said"])
    file.write_text(PLAIN_FILE.replace("low = 1.0", "low = 60.0\nlov = 1"), encoding="utf-8")
    found = CliRunner().invoke(main, ["check", str(file), "--json"])
    assert found.exit_code == 1
    about = json.loads(found.stdout)
    assert any("lov" in finding["text"] for finding in about["findings"])
    assert about["said"] == []
