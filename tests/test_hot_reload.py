"""Engines exchanged under parts that flow: none lost, none late, and no bad one let in.

The PLC simulator judges every run: whatever happens to an engine, each part has one
timely verdict of its own.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.engines.bundles.header import HEADER_BYTES
from gonogo.engines.place import Phase
from gonogo.tests.engines.bundles.parcels import STRANGER, manifest_end
from gonogo.tests.hotstation import NAME, NONE_PASS, HotStation, bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.plc.sim.judge import Judgement


def assert_clean(judged: Judgement, least: int = 20) -> None:
    """Every part had one timely verdict of its own; parts did flow."""
    assert judged.parts >= least
    assert (judged.late, judged.missing, judged.wrong_part, judged.doubled) == (0, 0, 0, 0)


def active(status: dict[str, Any]) -> dict[str, Any]:
    """The place that judges."""
    (place,) = (place for place in status["places"] if place["role"] == "active")
    found: dict[str, Any] = place
    return found


def other(status: dict[str, Any]) -> dict[str, Any]:
    """The place that does not."""
    (place,) = (place for place in status["places"] if place["role"] != "active")
    found: dict[str, Any] = place
    return found


def test_reload_under_flow(tmp_path: Path) -> None:
    """Load, shadow, report, activate, trial, roll back: parts flow, records tell who judged."""
    with HotStation(tmp_path) as hot:
        hot.install(bundle(tmp_path, "1.1.0"))
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, loaded
        status = hot.ask("status")
        assert active(status)["holds"] == {NAME: "1.0.0"}
        assert (
            status["shadow"]["agreement"]["agree"] == status["shadow"]["agreement"]["parts"] >= 10
        )
        activated = hot.done("activate", without_shadow=False)
        assert activated["number"] == 0, activated
        status = hot.ask("status")
        assert active(status) | {"holds": {NAME: "1.1.0"}, "phase": "ready"} == active(status)
        assert status["flips"] == 1
        back = hot.done("rollback", name=None)
        assert back["number"] == 0, back
        assert active(hot.ask("status"))["holds"] == {NAME: "1.0.0"}
        hot.until(lambda status: other(status)["holds"] == {})
        hot.running.wait(1.0)  # some more parts
    assert_clean(hot.judged())
    with sqlite3.connect(tmp_path / "records.sqlite") as db:
        engines = [row[0] for row in db.execute("SELECT engine_id FROM view ORDER BY serial")]
        shadows = dict(db.execute("SELECT engine_id, COUNT(*) FROM shadow GROUP BY 1").fetchall())
    ids = list(dict.fromkeys(engines))
    assert len(ids) == 2, "two engines, one after another, and the first again"
    assert engines[-1] == ids[0]
    assert shadows[ids[1]] >= 10


def test_reload_outlives_a_restart_of_the_station(tmp_path: Path) -> None:
    """What judged when the station was stopped judges when it begins again."""
    hot = HotStation(tmp_path)
    with hot:
        hot.install(bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        assert hot.done("activate", without_shadow=True)["number"] == 0
    with hot:
        status = hot.until(lambda status: active(status)["phase"] == "ready" and status)
        assert active(status)["holds"] == {NAME: "1.1.0"}


def test_reload_shows_where_engines_differ(tmp_path: Path) -> None:
    """An engine that rejects everything is seen to in shadow: no part was rejected for it."""
    with HotStation(tmp_path) as hot:
        hot.install(bundle(tmp_path, "2.0.0", reject_above=NONE_PASS))
        hot.done("load", name=NAME, version="2.0.0", shadow=None, keep=False)
        agreement = hot.ask("status")["shadow"]["agreement"]
        assert agreement["agree"] == 0
    judged = hot.judged()
    assert_clean(judged)
    assert judged.kinds["accept"] > 0


def flip_byte(at: Callable[[bytes], int]) -> Callable[[Path], None]:
    """Damage one byte of the installed file."""

    def damage(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[at(bytes(raw))] ^= 0x40
        path.write_bytes(raw)

    return damage


def cut(path: Path) -> None:
    """The file ends in the middle of its model."""
    raw = path.read_bytes()
    path.write_bytes(raw[: manifest_end(raw) + 40])


def stranger(path: Path) -> None:
    """Put a bundle of somebody else in its place."""
    path.write_bytes(bundle(path.parents[3], "1.1.0", key=STRANGER).read_bytes())


def self_test(path: Path) -> None:
    """A bundle whose maker promised other scores."""
    from gonogo.engines.bundles.manifest import BackendFacts  # noqa: PLC0415 - this test alone

    facts = BackendFacts(
        recheck_above=5.0, reject_above=9.0, self_test_scores=(1.0, 2.0), tolerance=0.01
    )
    made = bundle(path.parents[3], "1.1.0", backends={"onnxruntime": facts})
    path.write_bytes(made.read_bytes())


REFUSED: dict[str, tuple[Callable[[Path], None], int]] = {
    "header": (flip_byte(lambda _: 20), 0),
    "manifest": (flip_byte(lambda _: HEADER_BYTES + 30), 0),
    "model": (flip_byte(lambda raw: manifest_end(raw) + 30), 321),
    "end": (flip_byte(lambda raw: len(raw) - 1), 321),
    "cut off": (cut, 321),
    "a stranger's": (stranger, 323),
    "self-test": (self_test, 0),
}


def test_reload_refuses_what_is_wrong_and_parts_flow_on(tmp_path: Path) -> None:
    """One after another, in one run: each with its number, and the engine that judges untouched."""
    with HotStation(tmp_path) as hot:
        good = bundle(tmp_path, "1.1.0").read_bytes()
        path = hot.install(tmp_path / f"{NAME}-1.1.0.gng")
        for what, (damage, number) in REFUSED.items():
            path.write_bytes(good)
            damage(path)
            outcome = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
            assert outcome["number"] > 0, what
            assert outcome["number"] == (number or outcome["number"]), (what, outcome)
            hot.until(lambda status: status["step"] == "idle")
            status = hot.ask("status")
            assert (active(status)["holds"], status["flips"]) == ({NAME: "1.0.0"}, 0), what
        path.write_bytes(good)
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, "and the sound one is taken"
    assert_clean(hot.judged())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_reload_whose_host_dies_or_hangs_is_given_up(
    tmp_path: Path, number: signal.Signals
) -> None:
    """The process that holds the new engine is killed, or says nothing for ever."""
    with HotStation(tmp_path) as hot:
        hot.install(bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        (row,) = hot.running.rows["engine B"]
        os.kill(hot.running.beats.rows[row].pid, number)
        hot.until(lambda status: status["refused"] is not None)
        status = hot.until(lambda status: status["step"] == "idle" and status)
        assert status["refused"]["number"] > 0
        assert active(status)["holds"] == {NAME: "1.0.0"}
        again = hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        assert again["number"] == 0, again
    assert_clean(hot.judged())


@pytest.mark.parametrize("row", ["loader", "engine A", "line"])
def test_reload_survives_the_end_of_any_process(tmp_path: Path, row: str) -> None:
    """Killed after the exchange: what judged goes on judging, by its own limits."""
    with HotStation(tmp_path) as hot:
        hot.install(bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        assert hot.done("activate", without_shadow=True)["number"] == 0
        rows = [hot.running.beats.rows[k] for k in hot.running.rows[row]]
        before = [each.starts for each in rows]
        os.kill(rows[0].pid, signal.SIGKILL)
        end = 0
        while [each.starts for each in rows] == before:
            hot.running.wait(0.05)
            end += 1
            assert end < 1000
        hot.running.wait(2.0)
        assert hot.running.slots is not None
        place = hot.running.slots.places[hot.running.slots.active]
        assert place.phase is Phase.READY
        assert active(hot.until(lambda status: status))["holds"] == {NAME: "1.1.0"}
    judged = hot.judged()
    assert (judged.wrong_part, judged.doubled, judged.late) == (0, 0, 0)
    if row != "line":  # a part that a dying line had in hand is rejected by silence
        assert_clean(judged)


def test_reload_goes_back_when_the_new_engine_is_too_slow(tmp_path: Path) -> None:
    """Two parts without a score in time, and the former engine judges again by itself."""
    with HotStation(tmp_path, trial_parts=1000) as hot:
        hot.install(bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        hot.ask("activate", without_shadow=True)
        hot.until(lambda status: status["step"] == "trial")
        (row,) = hot.running.rows["engine B"]
        os.kill(hot.running.beats.rows[row].pid, signal.SIGSTOP)
        status = hot.until(lambda status: status["retreats"]["count"] == 1 and status)
        hot.until(lambda status: status["step"] == "idle")
        status = hot.ask("status")
        assert active(status)["holds"] == {NAME: "1.0.0"}
        assert status["refused"]["number"] == 355, status["refused"]
    assert_clean(hot.judged())


def test_shadow_goes_on_for_as_long_as_wanted(tmp_path: Path) -> None:
    """Kept in place B, its would-be verdicts recorded beside the others, until it is unloaded."""
    with HotStation(tmp_path) as hot:
        hot.install(bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=5, keep=True)
        hot.until(lambda status: status["shadow"]["parts"] >= 40)
        assert hot.done("unload")["number"] == 0
    assert_clean(hot.judged(), 40)
    with sqlite3.connect(tmp_path / "records.sqlite") as db:
        rows = db.execute(
            "SELECT part.engine_alone, shadow.engine_alone, COUNT(*)"
            " FROM shadow JOIN part USING (run, serial) GROUP BY 1, 2"
        ).fetchall()
    assert [row[:2] for row in rows] == [("ACCEPT", "ACCEPT")]
    assert rows[0][2] >= 40
