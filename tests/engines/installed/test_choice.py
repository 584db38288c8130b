"""What a station starts with: the active version, or the one before it, or nothing."""

from __future__ import annotations

import logging
import shutil
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    BundleDamaged,
    BundleManifestError,
    BundleUntrusted,
    EngineNotInstalled,
    GonogoError,
    KeyFileError,
)
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.bundles.write import sign_bundle
from gonogo.engines.installed.choice import choose_installed
from gonogo.tests.engines.bundles.parcels import MAKER, STRANGER, forge
from gonogo.tests.engines.serving.places import bolt, install, section

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.engines.section import EnginesSection


@pytest.fixture
def engines(tmp_path: Path) -> EnginesSection:
    """Versions 1.0.0 (the previous) and 1.1.0 (the active) of bolt are installed."""
    made = section(tmp_path)
    install(made, *(bolt(tmp_path, f"{v}.gng", version=v) for v in ("1.0.0", "1.1.0")))
    return made


def installed(engines: EnginesSection, version: str) -> Path:
    """The file of a version."""
    return engines.folder / "bolt" / version / "bundle.gng"


def test_choose_installed_takes_the_active_version(engines: EnginesSection) -> None:
    """With its path, manifest and signer."""
    chosen = choose_installed(["bolt"], engines)["bolt"]
    assert (chosen.path, chosen.manifest.version) == (installed(engines, "1.1.0"), "1.1.0")
    assert chosen.signer == MAKER.public


def test_choose_installed_takes_no_version_for_another(engines: EnginesSection) -> None:
    """Signed by the same maker, and whole, in the place of the active one; then of both."""
    nut = bolt(engines.folder.parent, "nut.gng", name="nut", version="1.0.0")
    shutil.copy(installed(engines, "1.0.0"), installed(engines, "1.1.0"))
    assert choose_installed(["bolt"], engines)["bolt"].manifest.version == "1.0.0"
    shutil.copy(nut, installed(engines, "1.0.0"))
    with pytest.raises(BundleManifestError, match=r"it is bolt 1\.0\.0, expected bolt 1\.1\.0"):
        choose_installed(["bolt"], engines)


def damage(path: Path) -> None:
    """One byte is lost."""
    path.write_bytes(path.read_bytes()[:-1])


def expire(path: Path) -> None:
    """Its time was over yesterday."""
    before, yesterday = (datetime.now(timezone.utc) - timedelta(days=n) for n in (2, 1))
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    forge(
        path, lambda m: m.update(created=before.strftime(stamp), expires=yesterday.strftime(stamp))
    )


def estrange(path: Path) -> None:
    """Signed anew by a stranger."""
    sign_bundle(path, STRANGER)


def vanish(path: Path) -> None:
    """Somebody has removed its folder by hand."""
    shutil.rmtree(path.parent)


@pytest.mark.parametrize(
    ("harm", "said"),
    [(damage, "GN321"), (expire, "GN324"), (estrange, "GN323"), (vanish, "GN342")],
)
def test_choose_installed_falls_back_to_the_version_before(
    engines: EnginesSection,
    harm: Callable[[Path], None],
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Said loudly, with the reason and both versions; the selection itself is left alone."""
    harm(installed(engines, "1.1.0"))
    with caplog.at_level(logging.ERROR):
        chosen = choose_installed(["bolt"], engines)["bolt"]
    assert chosen.manifest.version == "1.0.0"
    assert said in caplog.text
    assert "starting with version 1.0.0, the one before" in caplog.text


def test_choose_installed_says_why_neither_version_can_be_had(
    engines: EnginesSection, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is that of the active one; the other's stands in the log."""
    estrange(installed(engines, "1.0.0"))
    damage(installed(engines, "1.1.0"))
    with caplog.at_level(logging.ERROR), pytest.raises(BundleDamaged, match=r"1\.1\.0"):
        choose_installed(["bolt"], engines)
    assert "the version before it is no better: GN323" in caplog.text


def test_choose_installed_says_what_is_missing(engines: EnginesSection, tmp_path: Path) -> None:
    """An engine, an active version, a version before, trust."""
    wrong: list[tuple[EnginesSection, str, type[GonogoError]]] = [
        (engines, "nut", EngineNotInstalled),
        (engines.model_copy(update={"folder": tmp_path / "none"}), "bolt", EngineNotInstalled),
        (engines.model_copy(update={"trust": ()}), "bolt", BundleUntrusted),
        (engines.model_copy(update={"trust": (tmp_path / "none.pub",)}), "bolt", KeyFileError),
    ]
    for section_, name, error in wrong:
        with pytest.raises(error):
            choose_installed([name], section_)
    registry = install(engines)
    registry.install(bolt(tmp_path, "clip.gng", name="clip"), policy_of(engines))
    with pytest.raises(EngineNotInstalled, match="no version of clip is active"):
        choose_installed(["clip"], engines)
