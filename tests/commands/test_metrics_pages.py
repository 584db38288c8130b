"""Pages, rules and dashboard: as the tables say, and as Prometheus itself takes them."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.commands.metrics_pages import RUNBOOK, pages
from gonogo.records.metrics.alerts import ALERTS
from gonogo.records.metrics.counts import Counts
from gonogo.records.metrics.page import render, wants_openmetrics
from gonogo.records.metrics.server import MetricsServer
from gonogo.records.metrics.table import METRICS, Kind
from gonogo.tests.prometheus import program, promtool
from gonogo.tests.records.metrics.made import figures
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.records.metrics.page import Page

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
RULES = PACKAGING / "prometheus" / "gonogo.rules.yml"
DASHBOARD = PACKAGING / "grafana" / "gonogo.json"
WAIT_S = 60.0
IT = 'job="gonogo",instance="box:9464"'
UP = (f"up{{{IT}}}", "1x90")


def series(name: str, labels: str = "") -> str:
    """A series of our job."""
    return f"{name}{{{IT}{',' if labels else ''}{labels}}}"


# of each alert: the series that make it fire, with a value each minute, and those that do not
CASES: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    "GonogoAbsent": ([(UP[0], "0x90")], []),
    "GonogoLineSilent": (
        [(series("gonogo_line_alive_age_seconds"), "6x90")],
        [(series("gonogo_line_alive_age_seconds"), "0.1x90")],
    ),
    "GonogoNotFull": (
        [(series("gonogo_mode", 'mode="full"'), "0x90")],
        [(series("gonogo_mode", 'mode="full"'), "1x90")],
    ),
    "GonogoLinkDown": (
        [(series("gonogo_link_up"), "0x90")],
        [(series("gonogo_link_up"), "1x90")],
    ),
    "GonogoFault": (
        [(series("gonogo_fault", 'fault="camera"'), "1x90")],
        [
            (series("gonogo_fault", 'fault="camera"'), "0x90"),
            (series("gonogo_fault", 'fault="link"'), "1x90"),
        ],
    ),
    "GonogoDeadlineMissed": (
        [(series("gonogo_overruns_total", 'stage="rules"'), "0x25 1x65")],
        [(series("gonogo_overruns_total", 'stage="rules"'), "7x90")],
    ),
    "GonogoEngineMisses": (
        [
            (series("gonogo_engine_misses_total", 'view="top"'), "0+2x90"),
            (series("gonogo_engine_answers_total", 'view="top"'), "0+98x90"),
        ],
        [
            (series("gonogo_engine_misses_total", 'view="top"'), "0x90"),
            (series("gonogo_engine_answers_total", 'view="top"'), "0+98x90"),
        ],
    ),
    "GonogoProcessDown": (
        [(series("gonogo_process_up", 'process="board"'), "0x90")],
        [(series("gonogo_process_up", 'process="board"'), "1x90")],
    ),
    "GonogoProcessRestarts": (
        [(series("gonogo_process_starts_total", 'process="line"'), "2x20 3 4 5 6x67")],
        [(series("gonogo_process_starts_total", 'process="line"'), "2x25 3x65")],
    ),
    "GonogoRecordsBehind": (
        [(series("gonogo_records_waiting_entries"), "1001x90")],
        [(series("gonogo_records_waiting_entries"), "1000x90")],
    ),
    "GonogoRecordsLost": (
        [(series("gonogo_records_lost_total"), "0x20 5x70")],
        [(series("gonogo_records_lost_total"), "5x90")],
    ),
    "GonogoMonthSetAside": (
        [(series("gonogo_records_set_aside_total"), "0x20 1x70")],
        [(series("gonogo_records_set_aside_total"), "1x90")],
    ),
    "GonogoDiskLow": (
        [
            (series("gonogo_disk_free_bytes"), "4e8x90"),
            (series("gonogo_disk_size_bytes"), "1e11x90"),
        ],
        [  # a small disk that is half empty
            (series("gonogo_disk_free_bytes"), "4e8x90"),
            (series("gonogo_disk_size_bytes"), "8e8x90"),
        ],
    ),
    "GonogoHot": (
        [(series("gonogo_board_heat", 'heat="warm"'), "1x90")],
        [
            (series("gonogo_board_heat", 'heat="warm"'), "0x90"),
            (series("gonogo_board_heat", 'heat="cool"'), "1x90"),
        ],
    ),
    "GonogoDrift": (
        [
            (series("gonogo_drift_alarms"), "1x90"),
            (series("gonogo_fault", 'fault="drift"'), "1x90"),
        ],
        [(series("gonogo_drift_alarms"), "0x90")],
    ),
    "GonogoDriftBehind": (
        [(series("gonogo_drift_waiting_parts"), "10000x90")],
        [(series("gonogo_drift_waiting_parts"), "9999x90")],
    ),
    "GonogoFiguresIncomplete": (
        [(series("gonogo_metrics_journal_lost_total"), "0x20 9x70")],
        [(series("gonogo_metrics_journal_lost_total"), "9x90")],
    ),
}


@pytest.mark.parametrize("path", sorted(pages()))
def test_page_is_what_the_program_says(path: str) -> None:
    """`make docs` makes it anew."""
    assert (ROOT / path).read_text(encoding="utf-8") == pages()[path]


def test_every_alert_has_a_section_of_its_page_and_a_rule_that_leads_there() -> None:
    """By the anchor that a heading has."""
    headings = re.findall(r"^## (\w+)$", pages()["docs/alerts.md"], re.MULTILINE)
    assert headings == [alert.name for alert in ALERTS]
    links = re.findall(r'runbook_url: "(.*)"', RULES.read_text(encoding="utf-8"))
    assert links == [RUNBOOK + name.lower() for name in headings]


def test_rules_and_dashboard_ask_for_metrics_that_there_are() -> None:
    """A metric that is renamed must not leave a panel or an alert without data."""
    known = {metric.shown for metric in METRICS}
    known |= {f"{m.name}_bucket" for m in METRICS if m.kind is Kind.HISTOGRAM}
    asked = [alert.expr for alert in ALERTS] + [expr for _, expr in panels()]
    named = {name for expr in asked for name in re.findall(r"\bgonogo_\w+", expr)}
    assert named <= known


def unit_tests(folder: Path, cases: list[dict[str, Any]]) -> tuple[int, str]:
    """Let promtool run them; what it says."""
    path = folder / "tests.yml"  # JSON is YAML
    path.write_text(
        json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases})
    )
    return promtool("test", "rules", str(path))


def case(given: list[tuple[str, str]], *firing: str, at: str = "30m") -> dict[str, Any]:
    """All alerts at one time: those that fire, by name, and all others quiet."""
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in given],
        "alert_rule_test": [
            {"eval_time": at, "alertname": alert.name, "exp_alerts": []}
            for alert in ALERTS
            if alert.name not in firing
        ],
        "promql_expr_test": [
            {
                "expr": "count(count by (alertname) "
                f'(ALERTS{{alertname="{name}",alertstate="firing"}}))',
                "eval_time": at,
                "exp_samples": [{"labels": "{}", "value": 1}],
            }
            for name in firing
        ],
    }


def test_rules_fire_each_by_its_own_and_stay_quiet(tmp_path: Path) -> None:
    """One alert a case and all others quiet; then what is just not enough; Debian's tool judges."""
    assert list(CASES) == [alert.name for alert in ALERTS]
    assert promtool("check", "rules", str(RULES))[0] == 0
    fires = [
        case([*fire, *([UP] if name != "GonogoAbsent" else [])], name)
        for name, (fire, _) in CASES.items()
    ]
    quiet = [case([*calm, UP]) for _, calm in CASES.values()]
    code, said = unit_tests(tmp_path, fires + quiet)
    assert code == 0, said


def test_rules_wait_as_long_as_they_say(tmp_path: Path) -> None:
    """What has just begun is no alert yet, of all that wait."""
    waiting = [alert for alert in ALERTS if alert.held_s >= 60]
    assert len(waiting) > 5
    given = [
        [(name, "_x30 " + values) for name, values in CASES[alert.name][0]] for alert in waiting
    ]
    cases = [
        case([*fire, *([UP] if alert.name != "GonogoAbsent" else [])], at="30m")
        for alert, fire in zip(waiting, given, strict=True)
        if alert.name != "GonogoEngineMisses"  # a rate that begins
    ]
    for each in cases:
        each["alert_rule_test"] = [
            one for one in each["alert_rule_test"] if one["alertname"] != "GonogoAbsent"
        ]
    code, said = unit_tests(tmp_path, cases)
    assert code == 0, said


def test_rules_tell_of_a_station_that_is_not_there(tmp_path: Path) -> None:
    """Whether the target is down, or Prometheus has never heard of one; of nothing else a word."""
    code, said = unit_tests(
        tmp_path, [case([(UP[0], "1x10 0x80")], "GonogoAbsent"), case([], "GonogoAbsent")]
    )
    assert code == 0, said


def test_example_of_a_configuration_is_taken() -> None:
    """With the rules beside it."""
    code, said = promtool("check", "config", str(PACKAGING / "prometheus" / "prometheus.yml"))
    assert code == 0, said


# -- the dashboard on a real server -----------------------------------------------------------


def panels() -> list[tuple[str, str]]:
    """Title and query of each target."""
    found = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [
        (panel["title"], each["expr"]) for panel in found["panels"] for each in panel["targets"]
    ]


def test_dashboard_asks_whichever_source_is_chosen() -> None:
    """No name of somebody's own Prometheus stands in it."""
    found = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert found["templating"]["list"][0]["type"] == "datasource"
    sources = {
        json.dumps(each["datasource"]) for panel in found["panels"] for each in panel["targets"]
    }
    assert sources == {'{"type": "prometheus", "uid": "${datasource}"}'}
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])


class Busy:
    """A station to which everything happens, served by a thread; each page says a little more."""

    def __init__(self) -> None:
        self.counts = Counts(0.2, (0,))
        self.server = MetricsServer(("127.0.0.1", 0), self.page)
        self.server.turn(0)
        self.port = self.server.port
        self._ends = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def page(self, accept: str) -> Page:
        """After a few parts more."""
        counts = self.counts
        for key in counts.parts:
            counts.parts[key] += 1
        for numbers in (counts.answers, counts.misses, counts.overruns, counts.deliveries):
            for name in numbers:
                numbers[name] += 1  # type: ignore[index]
        for histogram in counts.stages.values():
            histogram.add(0.05)
        return render(figures(counts=counts), openmetrics=wants_openmetrics(accept))

    def _serve(self) -> None:
        while not self._ends:
            self.server.turn(0.05)
        self.server.close()

    def close(self) -> None:
        """End the thread."""
        self._ends = True
        self._thread.join()


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[int]:
    """The port of a server that reads a busy station each half second."""
    command, port, station = program("prometheus"), free_port(), Busy()
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 500ms}\n"
        f"rule_files: [{json.dumps(str(RULES))}]\n"
        "scrape_configs:\n  - job_name: gonogo\n    static_configs:\n"
        f'      - targets: ["127.0.0.1:{station.port}"]\n'
    )
    words = [f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]  # fmt: skip
    with subprocess.Popen(
        [command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as it:
        try:
            yield port
        finally:
            it.terminate()
            it.wait(WAIT_S)
            station.close()


def asked(port: int, query: str) -> list[Any]:
    """What the server answers; nothing while it is not up."""
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        with urllib.request.urlopen(url, timeout=WAIT_S) as answer:
            found: list[Any] = json.load(answer)["data"]["result"]
            return found
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.SERVICE_UNAVAILABLE:  # it listens, and reads its own store yet
            return []
        raise AssertionError(f"{query}: {error.read().decode()}") from error
    except OSError:
        return []


def test_dashboard_gets_data_for_every_panel_from_a_real_server(prometheus: int) -> None:
    """Every query of every panel, on a station to which everything has happened."""
    end_s = time.monotonic() + WAIT_S
    while len(asked(prometheus, "count_over_time(gonogo_link_up[1m]) > 3")) == 0:
        assert time.monotonic() < end_s, "nothing was read"
        time.sleep(0.2)
    empty = [
        (title, query)
        for title, query in panels()
        if not asked(
            prometheus,
            query.replace("$__rate_interval", "1m").replace(
                'instance=~"$instance"', 'instance=~".*"'
            ),
        )
    ]
    assert empty == []
