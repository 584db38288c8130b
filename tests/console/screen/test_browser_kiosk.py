"""The rules of the browser on the box, as a real Chromium keeps them."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.launch.kiosk import POLICIES, Kiosk, policy_text
from gonogo.tests.console.screen.browser import Browser, browser
from gonogo.tests.console.screen.served import LIVES, Served, beating, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.screen.scene import Scene

# what drives a browser needs both: a debugger, and windows that share nothing
OF_TESTS = ("DeveloperToolsAvailability", "IncognitoModeAvailability")
# it sees a folder of policies of its own, and the rest of the machine does not
WRAPPER = """#!/bin/sh
exec unshare --mount sh -c 'mount -t tmpfs none /etc/chromium && mkdir -p {folder} \\
  && cp "$0" {folder} && exec {chromium} "$@"' {policy} "$@"
"""
ELSEWHERE = (
    "file:///etc/passwd",
    "chrome://version",
    "http://localhost:{port}/",
    "data:text/html,x",
)


@pytest.fixture
def here(scene: Scene) -> Iterator[Served]:
    """A page that is served."""
    made = Served(scene)
    try:
        with beating(scene):
            yield made
    finally:
        made.end()


@pytest.fixture
def managed(here: Served, tmp_path: Path) -> Iterator[Browser]:
    """A browser with the rules for that page; skips by the name of what it takes."""
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespace for this user: as root")
    rules = json.loads(policy_text(Kiosk("bolts", here.screen, "root")))
    policy, wrapper = tmp_path / POLICIES.name, tmp_path / "chromium"
    policy.write_text(json.dumps({key: rules[key] for key in rules if key not in OF_TESTS}))
    fields = {"folder": POLICIES.parent, "policy": policy, "chromium": shutil.which("chromium")}
    wrapper.write_text(WRAPPER.format(**fields))
    wrapper.chmod(0o755)
    made = browser(str(wrapper))
    yield made
    made.close()


def test_kiosk_browser_shows_the_page_and_refuses_all_else(here: Served, managed: Browser) -> None:
    """No file, none of its own pages, no other address; the browser says that it is managed so."""
    opened(managed, here)
    managed("wait", page="a", js=LIVES)
    for number, address in enumerate(ELSEWHERE):
        with pytest.raises(AssertionError, match="BLOCKED_BY_ADMINISTRATOR"):
            managed("open", page=f"x{number}", url=address.format(port=here.port))
