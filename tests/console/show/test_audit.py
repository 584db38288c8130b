"""A row of the audit trail as people read it."""

from __future__ import annotations

from gonogo.console.show.audit import in_lines
from gonogo.ipc.audit.row import NOTHING, Head, Row

ROW = Row(7, "2026-11-30T14:02:00.000+00:00", "b", 1, {}, "limit", "done", None, None, "", None, "",
          None, NOTHING, "")  # fmt: skip


def lines(**fields: object) -> list[str]:
    """Of the row with these."""
    return list(in_lines(ROW._replace(**fields), "t.jsonl"))  # type: ignore[arg-type]


def test_in_lines_says_when_who_and_what_in_one() -> None:
    """Whoever is behind another, and where nothing is known of him."""
    who = {"login": "anna", "user": "anna", "place": "pts/3"}
    assert lines(who=who) == [
        "2026-11-30T14:02:00.000+00:00  anna at pts/3  limit DONE  [t.jsonl 7]"
    ]
    assert "  ? at ?  " in lines()[0]
    assert "anna as gonogo over su at" in lines(who={**who, "user": "gonogo", "over": "su"})[0]
    noted = lines(state="noted", asked=3)[0]
    assert "  limit (asked in row 3)  " in noted


def test_in_lines_says_who_it_was_by_an_account_and_by_which_way() -> None:
    """Not the process that wrote it down for them; nobody where nobody has signed in."""
    process = {"login": "gonogo", "user": "gonogo", "over": "", "place": "gonogo.service"}
    anna = {**process, "account": "anna", "role": "operator", "way": "tls", "from": "10.0.0.9"}
    assert "  anna (operator) by tls from 10.0.0.9  limit" in lines(who=anna)[0]
    unknown = {**anna, "account": "", "role": "", "from": ""}
    assert "  nobody by tls  limit" in lines(who=unknown)[0]
    at_the_box = {**unknown, "login": "screen", "way": "http", "from": "this box"}
    assert "  screen by http from this box  limit" in lines(who=at_the_box)[0]


def test_in_lines_shows_what_differs_a_key_a_line() -> None:
    """What is the same is left out; values that are no tables stand beside each other."""
    assert lines(old="1.0.0", new="1.1.0")[1:] == ["    1.0.0 -> 1.1.0"]
    assert lines(old="1.0.0")[1:] == ["    1.0.0 -> (none)"]
    old = {"a": 1, "b": {"x": 1, "y": 2}, "same": 5}
    new = {"a": 2, "b": {"x": 1, "y": 3}, "same": 5, "c": [1]}
    assert lines(old=old, new=new)[1:] == ["    a: 1 -> 2", "    b.y: 2 -> 3", "    c: [1]"]
    changes = {"changes": {"k": [1, 2], "new": [None, 3], "odd": "x"}}
    assert lines(new=changes)[1:] == ["    k: 1 -> 2", "    new: 3", "    odd: x"]


def test_in_lines_says_what_is_missing_or_torn_before_it_and_why() -> None:
    """On lines of their own."""
    said = lines(torn="ab", lost=Head(6, NOTHING), why="new lamp")
    assert said[1].startswith("    a line before it was torn")
    assert said[2] == "    ROWS ARE MISSING before it: row 6 was known as the newest"
    assert said[3] == "    why: new lamp"


def test_in_lines_is_harmless_whatever_stands_there() -> None:
    """Of another hand: escapes in every place."""
    bad = "\x1b[2J\u202e\n"
    said = lines(
        at=bad,
        what=bad,
        why=bad,
        who={"login": bad, "place": bad},
        old={bad: bad},
        new={bad: [bad]},
    )
    assert all(line.isprintable() for line in said)
