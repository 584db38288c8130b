"""The list of what `make armtest` does not run: no entry of it is stale."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = ROOT / "tests" / "arm" / "left_out.txt"
FILES = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}


def sections() -> list[tuple[str, list[str]]]:
    """Each reason with what it is for; the first one is the page's own heading."""
    parts = [part.splitlines() for part in LEFT_OUT.read_text(encoding="utf-8").split("\n\n")]
    return [
        (
            " ".join(line for line in part if line.startswith("#")),
            [line for line in part if not line.startswith("#")],
        )
        for part in parts
    ]


def there(entry: str) -> bool:
    """Whether such a file, or such a test in it, exists."""
    name, _, test = entry.partition("::")
    if test:
        return name in FILES and f"def {test}(" in (ROOT / name).read_text(encoding="utf-8")
    return any(path.startswith(entry) for path in FILES)


def test_every_entry_has_a_reason_and_leaves_something_out() -> None:
    """What was renamed or has gone would silently be run, or excuse nothing."""
    (_, none), *listed = sections()
    assert none == []
    assert all(reason and entries for reason, entries in listed)
    assert [entry for _, entries in listed for entry in entries if not there(entry)] == []


def test_what_is_left_out_is_the_smaller_part() -> None:
    """A list that grew over most of the tests would call a run a success that tries nothing."""
    entries = [entry for _, named in sections() for entry in named if "::" not in entry]
    left = {path for path in FILES if path.startswith(tuple(entries))}
    assert len(left) < len(FILES) / 2
