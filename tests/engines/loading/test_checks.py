"""What the loader asks of the folder of installed engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    BundleDamaged,
    BundleUntrusted,
    EngineChangeError,
    EngineNotInstalled,
)
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.selection import Selection
from gonogo.engines.loading.checks import (
    Checked,
    check,
    check_previous,
    make_active,
    noted,
    versions_of,
)
from gonogo.ipc.engine_names import beside_records, read_names
from gonogo.tests.engines.bundles.parcels import MAKER, STRANGER
from gonogo.tests.engines.loading.stage import VERSIONS, install, section_of

if TYPE_CHECKING:
    from gonogo.engines.section import EnginesSection


@pytest.fixture
def section(tmp_path: Path) -> EnginesSection:
    """Three versions of bolt, 1.0.0 active and none before it."""
    made = section_of(tmp_path)
    install(tmp_path, made, *VERSIONS)
    return made


def engine_id(path: Path) -> str:
    """Of the model in a bundle, as records have it."""
    with Bundle(path, INSPECTION) as found:
        return f"{found.manifest.engine_id:016x}"


def bundle(section: EnginesSection, version: str) -> Path:
    """The file of a version."""
    return section.folder / "bolt" / version / "bundle.gng"


def test_check_gives_what_a_slot_is_told_of_a_version(section: EnginesSection) -> None:
    """Its file, and who has signed it."""
    path = bundle(section, "1.1.0")
    assert check(section, "bolt", "1.1.0") == Checked(
        "bolt", "1.1.0", path, MAKER.public.fingerprint, engine_id(path)
    )


def test_noted_keeps_the_name_of_what_was_checked(section: EnginesSection, tmp_path: Path) -> None:
    """Beside the records, where they are known, for the day on which the bundle is gone."""
    checked = check(section, "bolt", "1.1.0")
    records = tmp_path / "records.sqlite"
    assert noted(checked, records) == noted(checked, None) == checked
    (found,) = read_names(beside_records(records))
    assert found == (engine_id(checked.path), "bolt", "1.1.0", MAKER.public.fingerprint)


def test_check_of_an_unsigned_one_names_nobody(tmp_path: Path) -> None:
    """Where the station takes such."""
    section = section_of(tmp_path, allow_unsigned=True)
    install(tmp_path, section, "1.0.0", key=None)
    assert check(section, "bolt", "1.0.0").signer == ""


def test_check_refuses_by_the_policy_of_the_station(section: EnginesSection) -> None:
    """Damaged, not there, of nobody whom the station trusts."""
    with pytest.raises(EngineNotInstalled):
        check(section, "bolt", "9.0.0")
    key = section.folder / "stranger.pub"
    key.write_text(STRANGER.public.line + "\n", encoding="ascii")
    with pytest.raises(BundleUntrusted):
        check(section.model_copy(update={"trust": (key,)}), "bolt", "1.1.0")
    path = bundle(section, "1.1.0")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleDamaged):
        check(section, "bolt", "1.1.0")


def test_check_previous_takes_the_version_before(section: EnginesSection) -> None:
    """None at first; not the one that judges though another is called active."""
    with pytest.raises(EngineNotInstalled, match="no version of bolt was active before"):
        check_previous(section, "bolt", "1.0.0")
    make_active(section, {"bolt": "1.1.0"})
    assert check_previous(section, "bolt", "1.1.0").version == "1.0.0"
    with pytest.raises(EngineChangeError, match=r"bolt 1\.0\.0, the version before, judges"):
        check_previous(section, "bolt", "1.0.0")


def test_make_active_changes_only_what_differs(tmp_path: Path, section: EnginesSection) -> None:
    """Active already: the one before it stays, there must be something to go back to."""
    registry = install(tmp_path, section)
    make_active(section, {"bolt": "1.1.0"})
    make_active(section, {"bolt": "1.1.0"})
    assert registry.selection("bolt") == Selection("1.1.0", "1.0.0")
    registry.activate("bolt", "1.2.0", policy_of(section))
    make_active(section, {})
    assert registry.selection("bolt").active == "1.2.0"


def test_versions_are_of_installed_bundles_alone(section: EnginesSection) -> None:
    """A bundle that the station file names by its path has no version here."""
    assert versions_of(
        section,
        {
            "bolt": bundle(section, "1.1.0"),
            "nut": Path("/elsewhere/nut/1.0.0/bundle.gng"),
            "clip": section.folder / "bolt" / "1.1.0" / "bundle.gng",
            "pin": section.folder / "pin" / "1.1.0" / "other.gng",
        },
    ) == {"bolt": "1.1.0"}
