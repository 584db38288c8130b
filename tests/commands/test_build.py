"""`gonogo build` and `gonogo models` as they are typed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.engines.bundles.keys import write_pair
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import save_parts
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from click.testing import Result


def gonogo(*words: str | Path, ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result: Result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == ends, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of good and bad parts."""
    return save_parts(tmp_path_factory.mktemp("parts"))


def test_build_signs_and_shows_what_it_made(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """Proof, limits and histogram on the terminal; a signed bundle with its label."""
    public = write_pair(tmp_path / "key")
    out = tmp_path / "bolt-1.2.0.gng"
    model = made.ultralytics(tmp_path / "best.onnx")
    said = gonogo(
        *("build", model, "--good", parts[0], "--bad", parts[1]),
        *("--key", tmp_path / "key", "--out", out, "--expires", "2099-01-01", "--note", "line 3"),
    )
    for wanted in (
        "the FP32 model: AUROC",
        "AUROC INT8",
        "rank correlation",
        "recheck above",
        "accept",
        "escape",
    ):
        assert wanted in said
    assert f"bolt 1.2.0, signed by {public.fingerprint}" in said
    with Bundle(out, INSPECTION) as bundle:
        manifest = bundle.manifest
        assert bundle.signer is not None
        assert bundle.signer.raw == public.raw
    assert (manifest.name, manifest.version, manifest.note) == ("bolt", "1.2.0", "line 3")
    assert manifest.expires is not None
    assert manifest.expires.year == 2099


def test_build_wants_a_key_or_to_be_told(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """Without --key it refuses unless --unsigned; a file that is no key is named."""
    model, out = tiny.filters(tmp_path / "m.onnx"), tmp_path / "bolt.gng"
    words = ("build", model, "--good", parts[0], "--out", out)
    assert "expected --key" in gonogo(*words, ends=1)
    assert "GN330" in gonogo(*words, "--key", model, ends=1)
    assert not out.exists()
    assert "GN309" in gonogo(*words, "--unsigned", ends=1)
    assert not out.exists()
    said = gonogo(*words, "--unsigned", "--accept-weak", "--max-auroc-loss", "0.2")
    assert "NOT SIGNED" in said
    assert "note: taken all the same (--accept-weak): AUROC" in said
    with Bundle(out, INSPECTION) as bundle:
        assert "weak, --accept-weak" in bundle.manifest.note
        assert "taken all the same" in bundle.card.note
        assert bundle.document("proof")["fp32"]["accepted_all_the_same"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--size", "256", "expected WIDTHxHEIGHT in px"),
        ("--mean", "a,b", "expected numbers"),
        ("--crop-at", "1,2,3", "--crop-at: expected LEFT,TOP"),
        ("--max-auroc-loss", "2", "is not in the range"),
        ("--min-rank", "1", "is not in the range"),
        ("--input", "0..2", "is not one of"),
        ("--score", "badness", "has no such output"),
    ],
)
def test_build_names_the_option_that_is_wrong(
    tmp_path: Path, parts: tuple[Path, Path], option: str, value: str, message: str
) -> None:
    """Whatever is wrong with an option, the message has its name."""
    model = tiny.filters(tmp_path / "m.onnx")
    words = ("build", model, "--good", parts[0], "--unsigned", "--out", tmp_path / "bolt.gng")
    result = CliRunner().invoke(main, [str(word) for word in (*words, option, value)])
    assert result.exit_code in {1, 2}
    assert option in result.output
    assert message in result.output


def test_build_stopped_by_hand_says_how_to_go_on(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """Ctrl-C leaves what is finished, and the message names the folder."""
    model, out = made.patchcore(tmp_path / "m.onnx"), tmp_path / "bolt.gng"
    command = [str(Path(sys.executable).parent / "gonogo"), "build", str(model)]
    running = subprocess.Popen(
        [*command, "--good", parts[0], "--unsigned", "--out", out],
        stderr=subprocess.PIPE,
        text=True,
        # a test run in the background of a shell ignores it, and so would what it starts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    kept = tmp_path / "bolt.gng.work" / "fp32.npz"
    give_up_s = time.monotonic() + 60
    while not kept.is_file() and time.monotonic() < give_up_s:
        os.sched_yield()
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "the same command goes on" in said
    assert kept.is_file()
    assert not out.exists()
