"""What is made from the tables of metrics and alerts: two pages, and the rules of Prometheus.

    python -I -m gonogo.commands.metrics_pages .     (make docs), the folder with docs/ in it

docs/metrics.md, docs/alerts.md, packaging/prometheus/gonogo.rules.yml
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.records.metrics.alerts import ALERTS
from gonogo.records.metrics.counts import SHARES, STAGES
from gonogo.records.metrics.table import METRICS, SERIES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.records.metrics.alerts import Alert

METRICS_HEAD = f"""# Metrics

Made from the program itself by `make docs`; a test holds it against it. With

```toml
[metrics]
host = "127.0.0.1"   # an address of this box; 0.0.0.0 serves everybody who reaches it
port = 9464
```

in the station file a process of its own serves `http://HOST:PORT/metrics`, in the text format of
Prometheus and in OpenMetrics (by the Accept header). There is no password and no TLS: what is
bound to another address than 127.0.0.1 belongs behind a firewall, or a proxy that asks. Nothing on
the page is secret, and nothing can be changed through it.

**Where the figures come from.** The journal, which it reads with a cursor of its own, each part
once; the shared memory that `gonogo status` reads; the file system of the records. Nothing is
asked of the line, and nothing was added to its cycle. The page is made once after each look (two a
second), however many ask: a reader sees what was so at most half a second ago. At most 128
connections are served at a time, each for 5 s; a reader that does not ask or does not read is cut
off. A port that is taken is GN630, tried again every 10 s, and costs no part and no row.

**Counters** begin with 0 when the station starts, and those that this process counts itself also
when it is started again, as Prometheus expects (`rate`, `increase`). Parts that passed meanwhile
are counted by the process that comes after, as far as the journal still holds them.

**Buckets** of `gonogo_stage_seconds` end at {", ".join(f"{share:g}" for share in SHARES)} of the
station's `budget_ms`, so that a dashboard fits every station; stages are {", ".join(STAGES)}, each
measured from the trigger.

At most {SERIES_MAX} series a station, whatever happens; a label never holds a part id or a
person. [Alerts](alerts.md) has what to do about them. `packaging/prometheus/gonogo.rules.yml`
has them as rules, `packaging/grafana/gonogo.json` is a dashboard: the tests try each of its queries
on a Prometheus of Debian's (2.42); in Grafana itself it was not run. What ten readers a second
cost a part `make bench` shows (`load_scrapers_p99`).

| metric | kind | labels | what it is |
|---|---|---|---|
"""
ALERTS_HEAD = """# Alerts

Made from the program itself by `make docs`; a test holds it against it.

What somebody should look after. The box knows of them by itself: `gonogo status` shows what holds
now, in words and with the name below; the records process writes one line into the log when a
condition has held for its time, and one when it is over; and the PLC is warned by the bit of FAULT
that is named. Prometheus is one more reader: `packaging/prometheus/gonogo.rules.yml` has the same
conditions as rules, with a link to this page (`runbook_url`).

What needs a history (a rate, an absence) Prometheus alone can see; the page says so.
"""
RUNBOOK = "docs/alerts.md#"


def metrics_page() -> str:
    """docs/metrics.md."""
    rows = [
        f"| `{each.shown}` | {each.kind.value} | {', '.join(f'`{one}`' for one in each.labels)} | "
        f"{each.help} |"
        for each in METRICS
    ]
    return METRICS_HEAD + "\n".join(rows) + "\n"


def alerts_page() -> str:
    """docs/alerts.md."""
    return "\n".join([ALERTS_HEAD, *(line for each in ALERTS for line in _section(each))])


def _section(alert: Alert) -> Iterator[str]:
    yield from [f"## {alert.name}", "", f"{alert.severity}: {alert.summary}.", "", alert.means, ""]
    yield from [f"**What to do.** {alert.remedy}", ""]
    yield f"On the box: {_on_the_box(alert)}."
    yield f"Prometheus: `{alert.expr}`{_for(alert)}."
    yield ""


def _on_the_box(alert: Alert) -> str:
    if not alert.seen_here:
        return "only what `gonogo status` and the log say of its cause; it takes a history"
    if alert.of_rows:
        return "in `gonogo status` at once; the supervisor's own message in the log"
    held = f", once it has held for {alert.held_s} s" if alert.held_s else ""
    bit = f", and FAULT {alert.bit.name.lower()} at the PLC" if alert.bit and alert.bit.name else ""
    return f"in `gonogo status` at once; in the log{bit}{held}"


def _for(alert: Alert) -> str:
    return f", for {alert.held_s} s" if alert.held_s else ""


def rules() -> str:
    """packaging/prometheus/gonogo.rules.yml."""
    head = (
        "# Made from records/metrics/alerts.py by `make docs`; a test holds it against it.\n"
        "# What each means and what to do: docs/alerts.md\n"
        "groups:\n  - name: gonogo\n    rules:\n"
    )
    return head + "".join(map(_rule, ALERTS))


def _rule(alert: Alert) -> str:
    # a JSON string is one of YAML as well
    lines = [
        f"      - alert: {alert.name}",
        f"        expr: {json.dumps(alert.expr)}",
        *([f"        for: {alert.held_s}s"] if alert.held_s else []),
        f"        labels: {{severity: {alert.severity}}}",
        "        annotations:",
        f"          summary: {json.dumps(alert.summary)}",
        f"          description: {json.dumps(alert.means)}",
        f"          runbook_url: {json.dumps(RUNBOOK + alert.name.lower())}",
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """All that is made, by its path from the root."""
    return {
        "docs/metrics.md": metrics_page(),
        "docs/alerts.md": alerts_page(),
        "packaging/prometheus/gonogo.rules.yml": rules(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        (Path(sys.argv[1]) / path).write_text(text, encoding="utf-8")
