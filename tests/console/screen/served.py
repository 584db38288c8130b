"""A screen that is served to a browser, and the pages that it has.

Import as `gonogo.tests.console.screen.served`.
"""

from __future__ import annotations

import random
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.console.screen.pages import FOLDER, page_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene

BEAT_S = 0.2
LIVES = "!document.body.classList.contains('dead')"
# what a page shows last, of those that ask for more once they are there
WHOLE = {
    "/limits.html": "!document.querySelector('#whole').hidden",
    "/trends.html": "document.querySelector('#health').childElementCount > 0",
    "/setup.html": "document.querySelector('#frame').textContent"
    " && document.querySelector('#rows-about').textContent",
    "/login.html": "!document.querySelector('#form').hidden",
}


class Served:
    """The process that serves, and where."""

    def __init__(self, scene: Scene, *access: str, **screen: Any) -> None:  # noqa: ANN401 - keys of a file
        self.port = quiet_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        plan = scene.plan(port=self.port, local_operator=True, **screen)
        self.screen = plan.screen
        module = "gonogo.tests.console.screen.serving"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", module, plan.model_dump_json(), *access]
        )

    @property
    def listens(self) -> bool:
        """Whether it has got so far."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self) -> None:
        """Also where it was stopped."""
        with self.process as process:
            process.kill()


@contextmanager
def beating(scene: Scene) -> Iterator[None]:
    """A line that lives."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            scene.heart.idle(time.monotonic_ns())

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def quiet_port() -> int:
    """A TCP port that nobody has now, and that the system gives to nobody who asks for any."""
    least = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("utf-8").split()[0]
    while True:
        port = random.randrange(10_000, int(least))  # noqa: S311 - no secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def opened(tabs: Browser, served: Served, page: str = "a", **fields: str) -> None:
    """A tab with the page on it, as soon as it is served."""
    end_s = time.monotonic() + 30
    while not served.listens:
        assert time.monotonic() < end_s
        time.sleep(0.05)
    tabs("open", page=page, **{"url": served.url, **fields})


def shows(tabs: Browser, address: str, page: str = "a") -> None:
    """Open that page in the same tab, and wait until it lives."""
    tabs("go", page=page, url=address)
    tabs("wait", page=page, js=f"document.querySelector('h1')?.textContent && {LIVES}")


def every_page(tabs: Browser, served: Served, query: str = "") -> Iterator[str]:
    """Show each page that there is, one after the other; the name of the one that is shown.

    Those of the first file, which are told apart by the hash, and those with a file of their own.
    """
    shows(tabs, f"{served.url}{query}")
    first = (FOLDER / "index.html").read_text("utf-8")
    for name in re.findall(r'<main id="page-(\w+)"', first):
        tabs("ask", page="a", js=f"location.hash = '{name}'")
        tabs("wait", page="a", js=f"!document.querySelector('#page-{name}').hidden")
        yield f"{query}#{name}"
    for path in page_files():
        if path.endswith(".html"):
            shows(tabs, f"{served.url}{path[1:]}{query}")
            tabs("wait", page="a", js=WHOLE[path])
            yield f"{path}{query}"
