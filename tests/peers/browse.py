"""A real Chromium, asked by a test: one JSON request a line on stdin, one JSON answer a line.

In an environment of its own, with Playwright; gonogo is not there. A page is named by the test, and
all pages are of one browser profile, as tabs are. What pages print as an error, and which addresses
they ask for, is kept and told.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Error, Page, sync_playwright

LIMIT_MS = 30_000
LOOK_MS = 30


class Tabs:
    """Of one profile."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[str, Page] = {}
        self._wires: dict[str, CDPSession] = {}
        self.errors: list[str] = []
        self.asked: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._context = self._browser.new_context(
            viewport={"width": 1024, "height": 600}, ignore_https_errors=True
        )
        self._context.set_default_timeout(LIMIT_MS)

    def open(self, page: str, url: str, script: str = "") -> None:
        """Another tab; the script runs in it before those of the page, now and in later ones."""
        made = self._pages[page] = self._context.new_page()
        if script:
            made.add_init_script(script)
        made.on("console", self._said)
        made.on("pageerror", lambda error: self.errors.append(str(error)))
        made.on("request", lambda request: self.asked.append(request.url))
        made.goto(url)

    def _said(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.errors.append(said.text)

    def size(self, page: str, width: int, height: int) -> None:
        """Of the window, px."""
        self._pages[page].set_viewport_size({"width": width, "height": height})

    def go(self, page: str, url: str) -> None:
        """To another address in the same tab; loaded also where only the hash is another."""
        self._pages[page].goto("about:blank")
        self._pages[page].goto(url)

    def wire(self, page: str, method: str, params: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        """A call of the DevTools protocol; what it sets holds until the tab is shut."""
        if page not in self._wires:
            self._wires[page] = self._context.new_cdp_session(self._pages[page])
        return self._wires[page].send(method, params)

    def ask(self, page: str, js: str) -> Any:  # noqa: ANN401 - what JSON can hold
        """What an expression comes to."""
        return self._pages[page].evaluate(js)

    def wait(self, page: str, js: str) -> None:
        """Until an expression is true; asked from here, for the page itself may evaluate none."""
        end_s = time.monotonic() + LIMIT_MS / 1000
        while not self._holds(page, js):
            if time.monotonic() > end_s:
                raise TimeoutError(f"{js}: not true in {LIMIT_MS / 1000:.0f} s")
            self._pages[page].wait_for_timeout(LOOK_MS)

    def _holds(self, page: str, js: str) -> bool:
        try:
            return bool(self.ask(page, js))
        except Error:  # a page that is being left, or is not there yet, answers nothing
            return False

    def click(self, page: str, selector: str) -> None:
        """As a finger does: it must be visible, and enabled."""
        self._pages[page].click(selector)

    def fill(self, page: str, selector: str, text: str) -> None:
        """Type a text."""
        self._pages[page].fill(selector, text)

    def key(self, page: str, selector: str, key: str) -> None:
        """Press one there."""
        self._pages[page].press(selector, key)

    def picture(self, page: str, path: str, selector: str = "") -> None:
        """Of what is in the window or of one element, PNG."""
        shown = self._pages[page]
        (shown.locator(selector) if selector else shown).screenshot(path=path)

    def told(self) -> dict[str, list[str]]:
        """Errors, and addresses."""
        return {"errors": self.errors, "asked": self.asked}

    def shut(self) -> None:
        """All tabs; what they told, and what they kept, is forgotten."""
        self._context.close()
        self._pages.clear()
        self._wires.clear()
        self._begin()
        self.errors.clear()
        self.asked.clear()


def main(chromium: str) -> None:
    """Until stdin ends."""
    with sync_playwright() as playwright:
        # without its sandbox it runs for root, too; without /dev/shm it needs no large one
        flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        tabs = Tabs(browser)
        print(json.dumps({"version": browser.version}), flush=True)  # noqa: T201 - a program
        for line in sys.stdin:
            request = json.loads(line)
            try:
                answer = {"is": getattr(tabs, request.pop("do"))(**request)}
            except Exception as error:  # noqa: BLE001 - the test is told, whatever it is
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)  # noqa: T201 - a program
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
