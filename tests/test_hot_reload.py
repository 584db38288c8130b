"""Engines exchanged under parts that flow: none lost, none late, and no bad one let in.

The PLC simulator judges every run: whatever happens to an engine, each part has one
timely verdict of its own.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.engines.bundles.header import HEADER_BYTES
from gonogo.engines.bundles.manifest import BackendFacts
from gonogo.engines.card import sha256_of
from gonogo.ipc.engine_slot import Phase
from gonogo.tests.engines import tiny
from gonogo.tests.engines.bundles.parcels import STRANGER, forge, manifest_end
from gonogo.tests.hotstation import NAME, NONE_PASS, HotStation, bundle
from gonogo.tests.judged import assert_timely
from gonogo.tests.records.months import joined

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.proving.plcsim.judge import Judgement


def assert_clean(judged: Judgement, least: int = 5) -> None:
    """Every part had one timely verdict of its own; parts did flow."""
    assert judged.parts >= least
    assert_timely(judged)


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
        assert status["switches"] == 1
        back = hot.done("rollback", name=None)
        assert back["number"] == 0, back
        assert active(hot.ask("status"))["holds"] == {NAME: "1.0.0"}
        hot.until(lambda status: other(status)["holds"] == {})
        hot.running.wait(1.0)  # some more parts
    assert_clean(hot.judged())
    with closing(joined(tmp_path / "records.sqlite")) as db:
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


def test_reload_of_other_limits_alone_holds_and_goes_back(tmp_path: Path) -> None:
    """The same model and so the same engine id: the limits of whichever judges are in force."""
    with HotStation(tmp_path) as hot:
        same = tmp_path / f"{NAME}-1.0.0.onnx"
        hot.install(bundle(tmp_path, "1.0.1", file=same, reject_above=NONE_PASS))
        assert hot.done("load", name=NAME, version="1.0.1", shadow=None, keep=False)["number"] == 0
        assert hot.ask("status")["shadow"]["agreement"]["agree"] == 0
        assert hot.done("activate", without_shadow=False)["number"] == 0
        assert hot.done("rollback", name=None)["number"] == 0
        hot.until(lambda status: other(status)["holds"] == {})
        hot.running.wait(1.0)  # some more parts
    assert_clean(hot.judged())
    with closing(joined(tmp_path / "records.sqlite")) as db:
        parts = db.execute("SELECT verdict FROM part ORDER BY serial").fetchall()
        engines = db.execute("SELECT DISTINCT engine_id FROM view WHERE engine_id <> ''").fetchall()
    assert len(engines) == 1
    verdicts = [row[0] for row in parts]
    rejected = [k for k, verdict in enumerate(verdicts) if verdict == "REJECT"]
    assert len(rejected) >= 10, "the trial"
    assert "ACCEPT" in verdicts[: rejected[0]]
    assert "ACCEPT" in verdicts[rejected[-1] :]


Damage = Callable[["Path"], object]
NOW = datetime.now(timezone.utc)
HUNGRY_MB, MEMORY_MB = 900, 300


def flip(at: int) -> Damage:
    """Damage one byte of the installed file."""

    def damage(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[at] ^= 0x40
        path.write_bytes(raw)

    return damage


def cut(at: int) -> Damage:
    """The file ends there."""
    return lambda path: path.write_bytes(path.read_bytes()[:at])


def other_bundle(**changes: Any) -> Damage:  # noqa: ANN401 - any field of a bundle
    """Another bundle of the same name and version in its place."""

    def damage(path: Path) -> None:
        path.write_bytes(bundle(path.parents[3], "1.1.0", **changes).read_bytes())

    return damage


def hungry(path: Path) -> None:
    """A model that takes more memory than its maker says, and than the station gives it."""
    other_bundle(file=tiny.hungry(path.with_name("hungry.onnx"), HUNGRY_MB))(path)


def forged(change: Callable[[dict[str, Any]], object]) -> Damage:
    """Signed by its maker, but not what a manifest may be."""
    return lambda path: forge(path, change)


def outside(manifest: dict[str, Any]) -> None:
    """A file that would be written elsewhere."""
    manifest["files"][0]["name"] = "../../../etc/passwd"


def bomb(manifest: dict[str, Any]) -> None:
    """A file that says it is larger than any memory."""
    manifest["files"][0]["length"] = 1 << 50


WRONG_SCORES = BackendFacts(
    recheck_above=5.0, reject_above=9.0, self_test_scores=(1.0, 2.0), tolerance=0.01
)
REFUSED: dict[str, tuple[Damage, int]] = {
    "a stranger's": (other_bundle(key=STRANGER), 323),
    "unsigned": (other_bundle(key=None), 323),
    "expired": (
        other_bundle(created=NOW - timedelta(days=2), expires=NOW - timedelta(days=1)),
        324,
    ),
    "of the future": (other_bundle(created=NOW + timedelta(days=2)), 324),
    "for a newer gonogo": (other_bundle(minimum_runtime="99.0.0"), 325),
    "needs more memory by its manifest": (other_bundle(memory_mb=5000), 326),
    "needs more memory than it says": (hungry, 326),
    "fails its self-test": (other_bundle(backends={"onnxruntime": WRONG_SCORES}), 310),
    "a path outside": (forged(outside), 322),
    "a bomb": (forged(bomb), 322),
    "gone": (lambda path: path.unlink(), 320),
}


def damages(raw: bytes) -> dict[str, tuple[Damage, int]]:
    """A byte flipped in, and the file cut off at, every section of a bundle; and REFUSED."""
    head = manifest_end(raw)
    files = json.loads(raw[HEADER_BYTES:head])["files"]
    starts = {"magic": 0, "signature": 80, "manifest": HEADER_BYTES}
    starts |= {entry["name"]: head + entry["offset"] for entry in files}
    flips = {f"flipped in {name}": (flip(at + 9), 0) for name, at in starts.items()}
    cuts = {f"cut off at {name}": (cut(at), 0) for name, at in starts.items()}
    return flips | cuts | {"cut off at the end": (cut(len(raw) - 1), 321)} | REFUSED


def test_reload_refuses_what_is_wrong_and_parts_flow_on(tmp_path: Path) -> None:
    """One after another, in one run: each with its number, and the engine that judges untouched."""
    with HotStation(tmp_path, memory_mb=MEMORY_MB) as hot:
        path = hot.install(bundle(tmp_path, "1.1.0"))
        good = path.read_bytes()
        for what, (damage, number) in damages(good).items():
            path.write_bytes(good)
            damage(path)
            outcome = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
            assert outcome["number"] > 0, what
            assert outcome["number"] == (number or outcome["number"]), (what, outcome)
            hot.until(lambda status: status["step"] == "idle")
            status = hot.ask("status")
            assert (active(status)["holds"], status["switches"]) == ({NAME: "1.0.0"}, 0), what
        path.write_bytes(good)
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, "and the sound one is taken"
    assert_clean(hot.judged())


def test_reload_takes_no_bundle_that_is_replaced_under_its_eyes(tmp_path: Path) -> None:
    """A stranger's file comes and goes in its place while it is checked and loaded."""
    with HotStation(tmp_path) as hot:
        path = hot.install(bundle(tmp_path, "1.1.0"))
        good, ids = path.read_bytes(), []
        bad = bundle(tmp_path, "1.1.0", key=STRANGER, file=tiny.undefined(tmp_path / "bad.onnx"))
        for turn in range(6):
            ticket = hot.ask("load", name=NAME, version="1.1.0", shadow=0, keep=False)["ticket"]
            while (outcome := hot.ask("status")["outcome"]) is None or outcome["ticket"] < ticket:
                for content in (bad.read_bytes(), good):
                    new = path.with_name("new")
                    new.write_bytes(content)
                    new.replace(path)
                    hot.running.wait(0.01 * turn)
            assert hot.running.slots is not None
            if outcome["number"] == 0:
                limits = hot.running.slots.places[1].limits(0)
                ids.append(limits and limits.engine_id)
                hot.done("unload")
            hot.until(lambda status: status["step"] == "idle")
            path.write_bytes(good)
    assert set(ids) <= {int(sha256_of(tmp_path / f"{NAME}-1.1.0.onnx")[:16], 16) >> 1}
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
        assert active(hot.answered())["holds"] == {NAME: "1.1.0"}
    judged = hot.judged()
    assert (judged.wrong_part, judged.doubled, judged.late - judged.late_by_judge) == (0, 0, 0)
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
        status = hot.until(lambda status: status["roll_backs"]["count"] == 1 and status)
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
        hot.until(lambda status: status["shadow"]["parts"] >= 20)
        assert hot.done("unload")["number"] == 0
    assert_clean(hot.judged(), 15)  # some of those in shadow are still on the belt
    with closing(joined(tmp_path / "records.sqlite")) as db:
        rows = db.execute(
            "SELECT part.engine_alone, shadow.engine_alone, COUNT(*)"
            " FROM shadow JOIN part USING (run, serial) GROUP BY 1, 2"
        ).fetchall()
    assert [row[:2] for row in rows] == [("ACCEPT", "ACCEPT")]
    assert rows[0][2] >= 20
