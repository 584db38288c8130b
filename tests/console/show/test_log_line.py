"""One kept line, for people or for programs."""

from __future__ import annotations

import json

from gonogo.console.show.log_line import as_json, as_sentence
from gonogo.records.log.reading import Line

TORN = Line(b'{"te\x1b[2J\xff', None)


def test_line_without_a_time_is_shown_with_what_it_has() -> None:
    """Of another program, or edited."""
    line = Line(b"", {"text": "a", "time": "noon\x1b"})
    assert as_sentence(line) == "noon\\x1b         a"


def test_what_is_no_message_is_shown_as_it_is() -> None:
    """But for what a terminal would obey; for programs it is the text of one."""
    assert as_sentence(TORN) == '{"te\\x1b[2J\ufffd'
    assert json.loads(as_json(TORN)) == {"event": "raw_line", "text": '{"te\x1b[2J\ufffd'}
