"""`gonogo build` with a real model and photographs of real parts; skipped where they are not."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from gonogo.build.engine import LOSS_MAX, Wanted
from gonogo.build.exports.options import Options
from gonogo.build.images import Folders
from gonogo.build.job import build
from gonogo.build.label import Label
from gonogo.build.limits import auroc
from gonogo.tests.build.parts import quiet, real

if TYPE_CHECKING:
    from pathlib import Path


def test_real_toy_aliens_build_within_the_loss_by_the_search(tmp_path: Path) -> None:
    """Quantized whole, AUROC falls by a quarter; the search finds what must stay float."""
    parts, model = real("toy_aliens", "models/toy_aliens_sqz11_posgauss_256.onnx")
    bad = tuple(parts / "test" / kind for kind in ("broken", "eyes", "marked"))
    folders = Folders(parts / "train" / "good", bad, parts / "test" / "good")
    built = build(
        Wanted(model, folders, Options()),
        Label("aliens", "1.0.0", datetime.now(timezone.utc)),
        tmp_path / "aliens.gng",
        key=None,
        progress=quiet,
    )
    cpu = built.engine.proofs["cpu"]
    assert "0 of 14 in float" in cpu.tried[0]
    assert 0 < len(cpu.floats) < cpu.convolutions
    fp32 = auroc(built.engine.fp32.good, built.engine.fp32.bad)
    for scored in built.packed.scored.values():
        assert auroc(scored.good, scored.bad) >= fp32 - LOSS_MAX
