"""`gonogo build --target` and `gonogo bundle add-hef` as they are typed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.build.hailo.finish import finish
from gonogo.build.hailo.folder import folder_of
from gonogo.build.label import Label
from gonogo.commands.cli import main
from gonogo.commands.show.built import _finished
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.build.hailo.conftest import NOW, TARGET
from gonogo.tests.build.parts import quiet
from gonogo.tests.vendors.hailo_fake.compiler import compiler

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.hailo.conftest import Made


def gonogo(*words: str | Path, ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == ends, result.output
    return result.output


def test_finish_with_the_compiler_here_makes_the_form_at_once(
    made_for_hailo: Made, tmp_path: Path
) -> None:
    """The bundle has a form for the chip, and says how it was proven; rounded as 8 bits are."""
    out = tmp_path / made_for_hailo.bundle.name
    shutil.copyfile(made_for_hailo.bundle, out)
    shutil.copytree(made_for_hailo.folder, folder_of(out, TARGET))
    with compiler("rounded"):
        made = finish(Label("bolt", "1.2.0", NOW), out, TARGET, key=None, progress=quiet)
    assert made.compiled is not None
    assert made.compiled.agreement.ok
    with Bundle(out, INSPECTION) as bundle:
        assert "hailo" in bundle.manifest.backends
    assert "--target" in gonogo("build", "--help")


def test_finish_without_the_compiler_says_what_to_type(made_for_hailo: Made) -> None:
    """There, and here when it is done."""
    label = Label("bolt", "1.2.0", NOW)
    made = finish(label, made_for_hailo.bundle, "hailo8", key=None, progress=quiet)
    assert made.compiled is None
    said = "\n".join(_finished(made))
    assert "not installed here" in said
    assert "python run.py" in said
    assert "gonogo bundle add-hef" in said


def test_add_hef_writes_another_bundle(made_for_hailo: Made, tmp_path: Path) -> None:
    """With what it has proven, and what it has not."""
    out = tmp_path / "bolt-1.2.1.gng"
    said = gonogo("bundle", "add-hef", made_for_hailo.bundle, made_for_hailo.folder, "--out", out)
    assert "the chip has not been asked yet" in said
    assert "bolt 1.2.1 for onnxruntime" in said
    assert "NOT SIGNED" in said or "nobody" in said.lower()
    assert "GN" in gonogo("bundle", "add-hef", out, tmp_path, "--out", out, ends=1)
