"""A bundle with other limits in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.scores import ScoreLimits
from gonogo.build.label import label_of
from gonogo.build.review.remake import Remake, Service
from gonogo.commands.show.limits_bundle import differing_lines, service_lines
from gonogo.config.limits_in_file import Place
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.installed.choice import Chosen
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.engines.serving.places import section

if TYPE_CHECKING:
    from pathlib import Path


def remake(folder: Path, out: str = "bolt-1.0.1.gng", **more: Any) -> Remake:  # noqa: ANN401 - of both
    """Of the usual bundle; signed by its maker."""
    facts = parcels.contents(folder).backends["onnxruntime"]
    further = {"tensorrt": folder / "bolt.onnx"}
    path = parcels.make(folder, further=further, backends={"onnxruntime": facts, "tensorrt": facts})
    key = more.pop("key", parcels.MAKER)
    with Bundle(path, INSPECTION) as bundle:
        chosen = Chosen(path, bundle.manifest, bundle.signer)
    old = Service(
        folder / "cell.toml", "cell 3", Place("top"), section(folder, **more), chosen, "auto"
    )
    return Remake(old, ("onnxruntime",), folder / out, label_of(folder / out), key)


def test_differing_lines_name_what_stays(tmp_path: Path) -> None:
    """Another form has scores of its own."""
    assert list(differing_lines(remake(tmp_path), ScoreLimits(1.5, 2.5))) == [
        "bolt 1.0.0 -> bolt 1.0.1: the same model, other limits",
        "  onnxruntime: recheck above 240 -> 1.5, reject above 252 -> 2.5",
        "  tensorrt: as they are, for their scores are others",
    ]


def test_service_lines_are_what_is_typed(tmp_path: Path) -> None:
    """Words of a shell: a station's name may have a blank in it."""
    lines = list(service_lines(remake(tmp_path)))
    assert lines[0].endswith(f"bolt 1.0.1, signed by {parcels.MAKER.public.fingerprint}")
    at = lines.index("to have it judge while parts flow:")
    taken = f"--root {tmp_path}/engines --trust {tmp_path}/maker.pub"
    assert lines[at + 1 : at + 6] == [
        f"  gonogo engines install {tmp_path}/bolt-1.0.1.gng {taken}",
        "  gonogo swap load bolt 1.0.1 --station 'cell 3'",
        "  gonogo swap activate --station 'cell 3'",
        "to take it back, in one step:",
        "  gonogo swap rollback bolt --station 'cell 3'",
    ]


@pytest.mark.parametrize("key", [None, parcels.STRANGER])
def test_service_lines_warn_of_what_the_station_does_not_take(tmp_path: Path, key: Any) -> None:  # noqa: ANN401 - a key or none
    """Signed by nobody, or by somebody whom it does not trust."""
    told = "\n".join(service_lines(remake(tmp_path, key=key)))
    assert "warning: this station does not take it so: " in told
    assert f"gonogo bundle sign {tmp_path}/bolt-1.0.1.gng --key KEY" in told


def test_service_lines_of_a_trial_install_it_unsigned(tmp_path: Path) -> None:
    """Where the station file takes such ones nothing is warned of."""
    told = list(service_lines(remake(tmp_path, key=None, allow_unsigned=True)))
    assert not any("warning" in line for line in told)
    assert next(line for line in told if "install " in line).endswith("maker.pub --unsigned")


def test_service_lines_of_a_name_of_its_own_name_the_station_file(tmp_path: Path) -> None:
    """A running station does not ask for it."""
    told = "\n".join(service_lines(remake(tmp_path, "lid-1.0.0.gng")))
    assert f"gonogo engines activate lid 1.0.0 --root {tmp_path}/engines" in told
    assert f"then bundle = \"lid\" in {tmp_path}/cell.toml, for the engine of view 'top'" in told
    assert 'to take it back: bundle = "bolt" there' in told
    assert "swap" not in told
