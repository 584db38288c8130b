"""What somebody should hear of: one table, and every reader of it says the same.

`gonogo status` shows what holds now, the records process tells the log and the PLC once it has held
for long enough, and Prometheus has the same conditions as rules (packaging/prometheus, made from
here). The box needs no Prometheus to know of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import FaultBit, Mode
from gonogo.ipc.board_health import Heat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.records.metrics.standing import Disk, Standing

MINUTE_S = 60
LOW_BYTES = 512 << 20  # some two million parts without their pictures
LOW_SHARE = 0.05  # of a small disk; whichever is less
CHARTS_BEHIND = 10_000  # parts that no chart of drift has yet
BEHIND = 1000  # entries; at three a part what comes in some minutes
SILENT_S = 5.0  # an idle line gives a sign of life some ten times a second

# bits that have an alert of their own
_APART = FaultBit.LINK | FaultBit.DISK | FaultBit.TEMPERATURE | FaultBit.DRIFT


class Alert(NamedTuple):
    """One condition.

    `holds`: on the box, in words, '' where it does not. `expr`: the same for Prometheus. `held_s`:
    for how long it must hold. `bit`: what the PLC is warned of meanwhile by the records process, 0
    where another process does that already, or nothing is to be done at the PLC.
    """

    name: str
    severity: str
    held_s: int
    holds: Callable[[Standing], str]
    expr: str
    summary: str
    means: str
    remedy: str
    bit: FaultBit = FaultBit(0)

    @property
    def seen_here(self) -> bool:
        """Whether the box itself sees it."""
        return self.holds is not _not_seen

    @property
    def of_rows(self) -> bool:
        """Whether it is about processes, of which the supervisor tells the log."""
        return self.holds is _ended


def found(standing: Standing) -> Iterator[tuple[Alert, str]]:
    """What holds now, in words, in the order of the table."""
    for alert in ALERTS:
        if words := alert.holds(standing):
            yield alert, words


def low(disk: Disk) -> bool:
    """Whether so little is free that somebody should make room."""
    return disk.free < min(LOW_BYTES, LOW_SHARE * disk.size)


# -- on the box ----------------------------------------------------------------------------


def _not_full(standing: Standing) -> str:
    mode = standing.line.mode
    return "" if mode is Mode.FULL else f"the station stands on {mode.name}, not on FULL"


def _silent(standing: Standing) -> str:
    age_s = standing.line.alive_age_s
    return "" if age_s is None or age_s < SILENT_S else f"the line is silent for {age_s:.0f} s"


def _no_link(standing: Standing) -> str:
    return "there is no PLC on the link" if standing.line.faults & FaultBit.LINK else ""


def _shown(standing: Standing) -> str:
    bits = standing.line.faults & ~_APART
    names = [bit.name.lower() for bit in FaultBit if bits & bit and bit.name]
    return f"FAULT at the PLC: {', '.join(names)}" if names else ""


def _behind(standing: Standing) -> str:
    waiting = standing.records.waiting
    return f"{waiting} entries wait for the records" if waiting > BEHIND else ""


def _lost(standing: Standing) -> str:
    lost = standing.records.lost
    return f"{lost} entries were lost to the records in this run" if lost else ""


def _aside(standing: Standing) -> str:
    count = standing.records.asides
    return f"{count} damaged records files were set aside in this run" if count else ""


def _disk_low(standing: Standing) -> str:
    disk = standing.disk
    if disk is None or not low(disk):
        return ""
    return f"{disk.free / 1e6:.0f} MB are free where the records lie"


def _hot(standing: Standing) -> str:
    heat = standing.board.heat
    if heat not in {Heat.WARM, Heat.HOT}:
        return ""
    hottest_c = standing.board.hottest_c
    degrees = "" if hottest_c is None else f", {hottest_c:.1f} degC"
    return f"the box is {heat.name.lower()}{degrees}"


def _ended(standing: Standing) -> str:
    gone = [row.name for row in standing.rows if row.starts and not row.lives]
    return f"not running: {', '.join(gone)}" if gone else ""


def _drifted(standing: Standing) -> str:
    drift = standing.drift
    if drift is None or not drift.alarms:
        return ""
    return f"{drift.alarms} charts of drift are out of their limits: `gonogo drift` says which"


def _charts_behind(standing: Standing) -> str:
    waiting = 0 if standing.drift is None else standing.drift.waiting
    return f"{waiting} parts wait for the charts of drift" if waiting >= CHARTS_BEHIND else ""


def _not_seen(_: Standing) -> str:
    """What is a rate needs a history, which the box leaves to whoever keeps one."""
    return ""


# -- the table -----------------------------------------------------------------------------

ALERTS = (
    Alert(
        "GonogoAbsent", "critical", 2 * MINUTE_S, _not_seen,
        'up{job="gonogo"} == 0 or absent(up{job="gonogo"})',
        "no figures come from the station",
        "Prometheus does not reach the endpoint: the box is off or off the network, the station is "
        "not running, `[metrics]` is bound to another address, or its port is taken (GN630). The "
        "line may judge as ever: nothing of it depends on this process.",
        "On the box: `gonogo status`. It shows the row `metrics`; the log says GN630 where the "
        "port is taken. From another machine the `host` in `[metrics]` must be an address that it "
        "reaches, and the job in Prometheus must be called `gonogo`.",
    ),
    Alert(
        "GonogoLineSilent", "critical", 5, _silent,
        f"gonogo_line_alive_age_seconds > {SILENT_S:g}",
        "the line gives no sign of life",
        "The line process hangs, or is being started again; the PLC hears no heartbeat and rejects "
        "every part by itself.",
        "The supervisor starts it anew; if it does not come back, `gonogo status` shows the row as "
        "latched, and `gonogo acknowledge` tries it again. The log says why it ended.",
    ),
    Alert(
        "GonogoNotFull", "warning", MINUTE_S, _not_full,
        'gonogo_mode{mode="full"} == 0',
        "the station does not stand on everything that it has",
        "RULES_ONLY: no trusted engine, the rules judge alone as far as the station file lets "
        "them. SAFE: no trusted image or rules, every part is rejected.",
        "The log says what was lost, and [when things break](when-things-break.md) by which rule "
        "each comes back.",
    ),
    Alert(
        "GonogoLinkDown", "critical", 10, _no_link,
        "gonogo_link_up == 0",
        "there is no PLC on the link",
        "The PLC does not poll us or does not answer, or does not follow the session. It rejects "
        "by itself.",
        "Cable, address and program of the PLC: `gonogo plc probe STATION` says how far it comes "
        "([commissioning](commissioning-plc.md)).",
    ),
    Alert(
        "GonogoFault", "critical", 10, _shown,
        'gonogo_fault{fault!~"link|disk|temperature|drift"} == 1',
        "the station shows a FAULT to the PLC",
        "The label (on the box: the words) says which bit: camera, light, engine, deadline, "
        "not_acking, config, stranger, ejector, trigger, master_part.",
        "[Error codes](error-codes.md) and [when things break](when-things-break.md) have each of "
        "them. Some stand until the PLC clears them or `gonogo acknowledge` does.",
    ),
    Alert(
        "GonogoDeadlineMissed", "warning", 0, _not_seen,
        "sum by (instance, stage) (increase(gonogo_overruns_total[10m])) > 0",
        "a stage ended after its deadline",
        "The parts were rejected in time or by silence; which stage was late is the label.",
        "The histogram of the stages shows whether one of them has become slow or one part was "
        "late. `gonogo check STATION` does the sum of the time; another program on the box, or "
        "heat, is the usual cause.",
    ),
    Alert(
        "GonogoEngineMisses", "warning", 5 * MINUTE_S, _not_seen,
        "sum by (instance, view) (rate(gonogo_engine_misses_total[5m])) > 0.01 * "
        "sum by (instance, view) (rate(gonogo_engine_misses_total[5m]) + "
        "rate(gonogo_engine_answers_total[5m]))",
        "more than 1 % of the frames of a view get no trusted score",
        "The engine is too slow for its deadline, rests because the box is hot, or ends again and "
        "again; the rules decide these parts as far as the station file lets them.",
        "`gonogo status` shows what the engine computes in, the log why it was lost.",
    ),
    Alert(
        "GonogoProcessDown", "warning", MINUTE_S, _ended,
        "gonogo_process_up == 0",
        "a process of the station does not run",
        "It ended too often and was left alone, or does not come up; which one is the label.",
        "The log says why it ended. `gonogo acknowledge` tries it again.",
    ),
    Alert(
        "GonogoProcessRestarts", "warning", 0, _not_seen,
        "increase(gonogo_process_starts_total[15m]) > 2",
        "a process of the station ends again and again",
        "It was started more than twice within a quarter of an hour.",
        "`gonogo status` shows the starts, the log why it ended each time.",
    ),
    Alert(
        "GonogoRecordsBehind", "warning", MINUTE_S, _behind,
        f"gonogo_records_waiting_entries > {BEHIND}",
        "entries wait for the records",
        "The disk is slow or full, or another program holds the database. Parts are judged as "
        "ever; what waits is kept in memory, then in a file beside the database.",
        "The log says GN600 or GN602 and which program to end; free space on the disk "
        "([records](when-things-break.md#records)).",
        FaultBit.DISK,
    ),
    Alert(
        "GonogoRecordsLost", "critical", 0, _lost,
        "increase(gonogo_records_lost_total[1h]) > 0",
        "parts went by whose rows are lost",
        "The verdict was right and in time, but no row says so: the journal was overwritten "
        "before records came by, or nothing could be written for too long.",
        "The records show it as a gap. Look at the disk; `gonogo check STATION` says for how long "
        "records may be away until the journal is overwritten.",
    ),
    Alert(
        "GonogoMonthSetAside", "critical", 0, _aside,
        "increase(gonogo_records_set_aside_total[1h]) > 0",
        "a damaged records file was set aside",
        "It lies beside its place under another name, whole; a new one was begun.",
        "GN603 in the log names it; `sqlite3 FILE .recover` reads what is left. Look at the disk.",
    ),
    Alert(
        "GonogoDiskLow", "warning", MINUTE_S, _disk_low,
        f"gonogo_disk_free_bytes < {LOW_BYTES} and "
        f"gonogo_disk_free_bytes < {LOW_SHARE:g} * gonogo_disk_size_bytes",
        "little room is left where the records lie",
        "Less than 512 MiB, or 5 % of a smaller disk. Once it is full rows wait, and then are "
        "lost.",
        "Archive months: a records file of a month that is over can be moved away while the "
        "station runs.",
        FaultBit.DISK,
    ),
    Alert(
        "GonogoHot", "warning", MINUTE_S, _hot,
        'gonogo_board_heat{heat=~"warm|hot"} == 1',
        "the box is warm, or too hot for its engine",
        "Warm: parts are judged as ever. Hot: the engine rests, the rules judge.",
        "Fan, dust, the sun on the cabinet ([board health](board-health.md)).",
    ),
    Alert(
        "GonogoDrift", "warning", 0, _drifted,
        "gonogo_drift_alarms > 0",
        "what was decided may no longer hold",
        "Scores, embeddings, rejects or looks of frames are not what they were after "
        "commissioning, people override more, or nobody reviews. Parts are judged as ever.",
        "`gonogo drift` says which chart, since when, and which parts to lay side by side (GN616 "
        "in the log). Clean glass, look at lamp and lens. Where the new state is the right one: "
        "`gonogo drift restart VIEW --why ...` ([drift](drift.md)).",
    ),
    Alert(
        "GonogoDriftBehind", "warning", 5 * MINUTE_S, _charts_behind,
        f"gonogo_drift_waiting_parts >= {CHARTS_BEHIND}",
        "the charts of drift are behind the records",
        "They chart parts that passed long ago; only how frames looked meanwhile is lost.",
        "GN629 in the log. Another program takes the processor, or the disk.",
    ),
    Alert(
        "GonogoFiguresIncomplete", "warning", 0, _not_seen,
        "increase(gonogo_metrics_journal_lost_total[15m]) > 0",
        "parts went by that the figures do not have",
        "The process that counts could not keep up with the journal; records and line are not "
        "touched, only these figures are too low.",
        "Something else takes the processor: `gonogo status` shows whether it was started again.",
    ),
)  # fmt: skip
