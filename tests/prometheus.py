"""Prometheus and its tool, where they are installed: the judges of pages, rules and dashboards.

Import as `gonogo.tests.prometheus`. tests/peers/install.sh puts Debian's into .venv/peers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

_PEER = Path(sys.prefix) / "peers" / "prometheus" / "usr" / "bin"
PATH = os.pathsep.join((str(_PEER), os.environ.get("PATH", "")))


def program(name: str) -> str:
    """Its path; skips the test by name where it is not installed."""
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: prometheus; tests/peers/install.sh)")
    return found


def families(text: str) -> list[Family]:
    """A page in OpenMetrics, read by the library's own parser, which refuses what is none."""
    return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def promtool(*words: str, given: bytes = b"") -> tuple[int, str]:
    """Exit code and what it says."""
    found = subprocess.run(
        [program("promtool"), *words], input=given, capture_output=True, check=False, timeout=60
    )
    return found.returncode, (found.stdout + found.stderr).decode()
