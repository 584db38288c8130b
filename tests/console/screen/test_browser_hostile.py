"""What is hostile stays text, and the policy of the page is kept, on every page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gonogo.base.words import VerdictKind
from gonogo.tests.console.screen.served import LIVES, every_page, opened, shows
from gonogo.tests.console.screen.test_browser_languages import FITTING

if TYPE_CHECKING:
    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene
    from gonogo.tests.console.screen.served import Served

MALICE = (
    "<img src=x onerror=\"document.title='got'\">", "\"><script>document.title='got'</script>",
    "'-document.title='got'-'", "javascript:document.title='got'", "{who}{n}{text}", "${t}",
    "</option></select><iframe src=/>", "<svg/onload=document.title='got'>", "__proto__",
    "constructor", "\u202eturned", "\u0000\u0007", "\U0001f600" * 20, "x" * 300,
)  # fmt: skip
# what the box has from a list of its own, and what is a number in an address
OURS = (
    "language", "languages", "may", "run", "value", "why", "verdict", "reason", "fault", "standing",
    "words", "word", "status", "ticket", "means", "driver", "href", "session", "csrf", "role",
    "said", "signal", "stage", "warns", "phase", "gate", "part", "sha256",
)  # fmt: skip
# every other text that the page is told ends with what somebody might have called a thing
SPOILT = """
(() => {
  const malice = MALICE.join(" ");
  const ours = new Set(OURS);
  const spoil = (value, key) => {
    if (typeof value === "string") { return ours.has(key) ? value : value + malice; }
    if (Array.isArray(value)) { return value.map((each) => spoil(each, key)); }
    if (value === null || typeof value !== "object") { return value; }
    const fields = Object.entries(value).map(([name, each]) => [name, spoil(each, name)]);
    return Object.fromEntries(fields);
  };
  const own = window.fetch;
  window.fetch = async (path, options) => {
    const answer = await own(path, options);
    const plain = (answer.headers.get("content-type") || "").startsWith("application/json");
    if (!plain || String(path).startsWith("/texts/")) { return answer; }
    const body = JSON.stringify(spoil(await answer.json(), ""));
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
})();
""".replace("MALICE", json.dumps(MALICE)).replace("OURS", json.dumps(OURS))
WATCHED = """
window.broken = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.broken.push(`${event.effectiveDirective}: ${event.blockedURI}`));
"""
MADE = (
    "[...document.querySelectorAll('script:not([src]), iframe, b, object, style, "
    "img:not([alt]), img[src=x], svg[onload], [onerror], [onclick], [style]')]"
    ".map((each) => each.outerHTML)"
)


def test_whatever_a_thing_is_called_is_text_on_every_page(
    scene: Scene, tabs: Browser, whole: Served
) -> None:
    """Nothing is made of it, nothing runs, nothing is filled in, and it has room."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    opened(tabs, whole, script=WATCHED + SPOILT)
    for address in every_page(tabs, whole):
        check(tabs, address)
        assert MALICE[0] in tabs.text("a", "h1")
    shows(tabs, whole.url)
    tabs("wait", page="a", js="!document.querySelector('#look').hidden")
    tabs("click", page="a", selector="#look")
    tabs("wait", page="a", js="document.querySelectorAll('#part-words button').length > 2")
    check(tabs, "the dialog")
    said = tabs.text("a", "#part-checks")
    # fields of a text that comes from elsewhere stay as they are, and nothing turns the line around
    assert MALICE[4] in said
    assert "\u202e" not in said
    assert tabs("told")["errors"] == []


def check(tabs: Browser, where: str) -> None:
    """No element of it, no title by it, no violation of the policy."""
    assert tabs("ask", page="a", js=MADE) == [], where
    assert tabs("ask", page="a", js="document.title !== 'got'")
    assert tabs("ask", page="a", js="window.broken") == [], where
    assert tabs("ask", page="a", js=FITTING) == [], where


def test_no_page_asks_for_what_its_policy_forbids(
    scene: Scene, tabs: Browser, whole: Served
) -> None:
    """The browser itself reports none, on any page and in the dialog with its map."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    opened(tabs, whole, script=WATCHED)
    for address in every_page(tabs, whole):
        assert tabs("ask", page="a", js="window.broken") == [], address
    shows(tabs, whole.url)
    tabs("wait", page="a", js="!document.querySelector('#look').hidden")
    tabs("click", page="a", selector="#look")
    tabs("click", page="a", selector="#map")
    tabs("wait", page="a", js="document.querySelector('#part-told').textContent !== ''")
    assert tabs("ask", page="a", js="window.broken") == []


def test_policy_stops_what_is_inline_on_every_page(
    scene: Scene, tabs: Browser, whole: Served
) -> None:
    """A script, a style, a text that is run: each is reported, and none of them acts."""
    assert scene.station
    opened(tabs, whole, script=WATCHED)
    # in a task of the page's own: what a debugger evaluates may do everything
    tried = """
    (() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = 1";
      document.body.append(script);
      const button = document.createElement("button");
      button.setAttribute("style", "color: red");
      button.setAttribute("onclick", "window.ran = 2");
      document.body.append(button);
      button.click();
    })()
    """
    for address in every_page(tabs, whole):
        tabs("ask", page="a", js="window.broken = []")
        tabs("ask", page="a", js=tried)
        tabs("wait", page="a", js="window.broken.length >= 3")
        kinds = {each.partition(":")[0] for each in tabs("ask", page="a", js="window.broken")}
        assert kinds == {"script-src-elem", "style-src-attr", "script-src-attr"}, address
        assert tabs("ask", page="a", js="window.ran === undefined && " + LIVES)
