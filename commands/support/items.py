"""What stands in a support bundle: a function an item, which says in words why it has nothing."""

from __future__ import annotations

import json
import platform
import sys
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError
from gonogo.commands.support.said import dispositions, without_notes
from gonogo.commands.support.source import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from gonogo.commands.support.source import Source
    from gonogo.commands.trails import Trails

LAST_PARTS = 200
LAST_ROWS = 200
LOSSES_MS = 30 * 86_400_000
FAR_MS = 1 << 50


def station_file(its: Source) -> str:
    """The station file, also one that is wrong."""
    from gonogo.commands.support.station_text import shown

    if not its.raw:
        raise Absent(f"{its.file}: no such file, or it cannot be read")
    return shown(its.raw)


def findings(its: Source) -> str:
    """What is wrong with the station file."""
    from gonogo.config.station import load_station

    try:
        load_station(its.file)
    except GonogoError as error:
        return f"{error.args[0]}\n"
    return "the station file is right\n"


def last_good_file(its: Source) -> str:
    """The station file with which the station last came up."""
    from gonogo.commands.support.station_text import shown
    from gonogo.ipc.last_good_file import last_good

    return shown(last_good(its.file).read_bytes()[: 1 << 20].decode(errors="replace"))


def state(its: Source) -> str:
    """How the last run that judged ended."""
    from gonogo.ipc.last_state import look

    path = its.parts.with_name(f"{its.name}.state.json")
    found = look(path)
    if found is None:
        raise Absent(f"{path}: no such file, or it is damaged")
    return as_json(found._asdict())


def status(its: Source) -> str:
    """As `gonogo status --json` gives it."""
    from gonogo.console.standing import standing

    return as_json(standing(its.name))


def counters(its: Source) -> str:
    """What the running station counts, and how far the records are behind it."""
    from gonogo.ipc.heartbeat import HeartbeatView
    from gonogo.ipc.journal import JournalView

    heart = HeartbeatView.attach(its.name)
    found: dict[str, Any] = {
        name: getattr(heart, name) for name in ("cycles", "broken", "takeovers", "faults")
    }
    heart.close()
    journal = JournalView.attach(its.name)
    for name in ("run", "written", "taken", "untold"):
        found[f"journal_{name}"] = getattr(journal, name)
    journal.close()
    return as_json(found)


def losses(its: Source) -> str:
    """What was told to be lost to the records in thirty days before the newest part."""
    from gonogo.records.questions import gaps
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.parts import Choice, parts

    files = Files(its.parts)
    newest = next(iter(parts(files, Choice(last=1))), None)
    since_ms = 0 if newest is None else newest.wall_ms - LOSSES_MS
    found = [str(loss) for loss in gaps.losses(files, since_ms, FAR_MS)]
    found += [f"not read: {note}" for note in files.notes.values()]
    return _lines(found) or "nothing was told to be lost\n"


def versions(_: Source) -> str:
    """Python, the packages, the kernel, the system."""
    from importlib.metadata import distributions

    packages = {each.metadata["Name"]: each.version for each in distributions()}
    system = (
        platform.freedesktop_os_release() if hasattr(platform, "freedesktop_os_release") else {}
    )
    return as_json(
        {
            "gonogo": packages.get("gonogo"),
            "python": sys.version,
            "kernel": f"{platform.system()} {platform.release()} {platform.version()}",
            "machine": platform.machine(),
            "system": system.get("PRETTY_NAME"),
            "packages": dict(sorted(packages.items(), key=lambda each: str(each[0]).lower())),
        }
    )


def board(its: Source) -> str:
    """As `gonogo board --json` gives it."""
    from gonogo.commands.board.box import Box
    from gonogo.commands.board.found import Needs, find
    from gonogo.commands.board.found import as_json as of_board

    needs = Needs() if its.station is None else Needs.of(its.station)
    return as_json(of_board(find(Box(), needs), needs))


def parts_of(its: Source) -> str:
    """The newest parts with all that each was judged on, and gaps between; an object a line."""
    from gonogo.commands.part_files import records_of
    from gonogo.console.show.part import as_json as in_full
    from gonogo.records.questions.details import details
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.gaps import with_gaps
    from gonogo.records.questions.part_row import PartRow
    from gonogo.records.questions.parts import Choice

    files = Files(its.parts)
    found = [
        in_full(each, details(files, each), {})
        if isinstance(each, PartRow)
        else next(iter(records_of([each])))
        for each in with_gaps(files, Choice(last=LAST_PARTS))
    ]
    return _lines(json.dumps(each, ensure_ascii=False, default=str) for each in found)


def files_of(its: Source) -> str:
    """The files of the records with their sizes, and the room on their disk."""
    import shutil

    from gonogo.records.dispositions.reading import beside_records
    from gonogo.records.volumes import volumes

    paths = [each.path for each in volumes(its.parts)]
    paths += [each for each in (its.parts, its.trail, beside_records(its.parts)) if each.is_file()]
    disk = shutil.disk_usage(its.parts.parent)
    return as_json(
        {
            "bytes": {path.name: path.stat().st_size for path in paths},
            "disk_bytes": {"total": disk.total, "free": disk.free},
        }
    )


def engines(its: Source) -> str:
    """SHA-256 of each bundle and model file, which version is active, and who signed it."""
    from gonogo.config.recipe_switch import FIRST, others

    station = its.station
    if station is None:
        raise Absent("the station file is wrong, and says not where engines lie")
    found: dict[str, Any] = {"models": {}, "installed": []}
    for number, each in {FIRST: station, **others(station)}.items():
        for view in each.view:
            if view.engine is not None and view.engine.model is not None:
                path, key = view.engine.model, f"recipe {number}, view {view.name}"
                found["models"][key] = {"file": path.name, "sha256": sha256_of(path)}
    if station.engines is not None:
        found["installed"] = _installed(station.engines.folder)
    return as_json(found)


def _installed(folder: Path) -> list[dict[str, Any]]:
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.bundles.read import Bundle
    from gonogo.engines.installed.layout import Layout

    rows = []
    for each in Layout(folder).installed():  # not by the registry, which tidies up
        row = {"engine": each.name, "version": each.version, "mark": each.mark}
        try:
            with Bundle(each.path, INSPECTION) as bundle:
                signer = bundle.signer.fingerprint if bundle.signer else "nobody"
        except GonogoError as error:
            signer = str(error)
        rows.append({**row, "sha256": sha256_of(each.path), "signer": signer})
    return rows


def audit(its: Source) -> str:
    """The newest rows of the audit trails; what people noted is left out."""
    from gonogo.commands.trails import rows
    from gonogo.ipc.audit.row import line_of

    found = [{"trail": path.name, **json.loads(line_of(row))} for path, row in rows(_trails(its))]
    if not found:
        raise Absent("there is no row in it yet")
    return _lines(json.dumps(without_notes(row), ensure_ascii=False) for row in found[-LAST_ROWS:])


def audit_verified(its: Source) -> str:
    """Whether the audit trails are as they were written."""
    from gonogo.commands.trails import known_of
    from gonogo.ipc.audit.verifying import verify

    trail = _trails(its)
    lines = []
    for path in trail.paths:
        found = verify(path, known_of(trail, path))
        lines += [f"{path.name}: {found.rows} rows, {len(found.findings)} broken"]
        lines += [f"  {each}" for each in (*found.findings[:10], *found.notes[:10])]
    return _lines(lines)


def _trails(its: Source) -> Trails:
    """Of a wrong station file, the station's own."""
    from gonogo.commands.trails import Trails, of_file

    if its.station is not None:
        return of_file(its.station)
    return Trails(its.trail, None, its.parts.with_name(f"{its.name}.state.json"))


def sha256_of(path: Path) -> str:
    """Of a file of any size; why not, where it cannot be read."""
    import hashlib

    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        return str(error.strerror)
    return digest.hexdigest()


def as_json(value: Any) -> str:  # noqa: ANN401 - what JSON can hold
    """For people and programs; what stands under a secret key is left out."""
    from gonogo.base.secret_words import masked

    return json.dumps(masked(value), indent=1, ensure_ascii=False, default=str) + "\n"


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


# which file each is
ITEMS: dict[str, Callable[[Source], str]] = {
    "station.toml": station_file,
    "station-findings.txt": findings,
    "station-last-good.toml": last_good_file,
    "last-state.json": state,
    "status.json": status,
    "counters.json": counters,
    "losses.txt": losses,
    "records-files.json": files_of,
    "parts.jsonl": parts_of,
    "dispositions.jsonl": dispositions,
    "engines.json": engines,
    "audit.jsonl": audit,
    "audit-verified.txt": audit_verified,
    "versions.json": versions,
    "board.json": board,
}
