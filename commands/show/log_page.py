"""The page of the log, docs/log.md: how it is read, and every event, from the source itself.

python -I -m gonogo.commands.show.log_page docs/log.md     (make docs)
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "launch", "runtime", "build", "console", "config", "rules", "drivers", "plc", "engines",
    "records", "watchdog", "ipc", "base",
)  # fmt: skip
LEVELS = ("debug", "info", "warning", "error", "exception", "log")
LOGGERS = ("log", "_log")
HEAD = """# The log

Made from the program itself by `make docs`; a test holds it against it.

Every process of a station says what happens as *events*: a short name that does not change, a
sentence for people, and the values as fields with their unit in the name. The line says nothing
within a cycle. Nobody waits for the log: a line is one write that does not block, and what a full
pipe does not take is dropped, counted, and told before the next line that fits
(`log_lines_dropped`). Of one event a process says 60 lines a minute; the rest are counted and told
(`log_lines_held_back`: "recipe_refused: 214 more of it in the last 60 s") with the next line of
that process after the minute, or at its end.

## Where it goes

To stderr; under systemd that is the journal (`journalctl -u gonogo-STATION`). `form` in `[log]` of
the station file says how: sentences (`console`), or lines of JSON (`json`); left out, it is
sentences on a terminal and JSON elsewhere. With `path` in `[log]` a process of its own, `log`, also
writes the lines of all processes to files, whatever the form of stderr: `file_mb` large, `files` of
them, the newest under the name given, those before with `.1`, `.2` and so on
([all keys](station-file.md)). A slow or full disk holds up this process alone; what could not be
kept is counted in the files once there is room again (`log_lines_lost`, GN612 meanwhile on stderr).
Nothing is forced to the disk: a power cut may cost the last seconds. What the supervisor says
after the log process has ended, at the very end of an ordered stop, is on stderr alone.

## How it is read

```sh
gonogo log station.toml --since 14:02 --level warning
gonogo log station.toml --part 4711
gonogo log station.toml --process line --follow
```

All kept lines in order of the one clock that all processes of a box share (`at_ns`), so that a wall
clock that is set reorders nothing. `--follow` goes on with what comes, also when files are rotated.
`--part` finds the lines that name a part; PLC ids wrap, so give `--since` with it. `--json` gives
the lines as they are kept. A line that is no message (torn by a power cut, or written by a library
past the log) is shown as it is. Whatever a terminal would obey (escapes, control characters, marks
that turn the direction of writing) is shown as a code, `\\x1b`.

## A line

| field | what it is |
|---|---|
| `time` | the wall clock, in UTC |
| `at_ns` | CLOCK_MONOTONIC of the box, ns |
| `level` | debug, info, warning, error |
| `process`, `station` | who says it; `gonogo` is the command that becomes the supervisor |
| `event` | one of those below; `library`: of a library; `raw_line`: written past the log |
| `text` | the sentence |
| `code` | the [number](error-codes.md) of the error, where it is one of ours |
| `part` | the PLC's id of the part, where it is of one |
| `logger` | the module |
| `traceback` | of a bug |
| `cut` | true: it was too long, a line has 4096 bytes at most |

`process_ended` has `last_words`: what a process that ended by itself said last, 20 sentences.
A sentence that a library writes with the logging of Python comes the same way.

## Events

"""


class Event(NamedTuple):
    """One call: what it says, where it stands."""

    name: str
    level: str
    text: str
    fields: tuple[str, ...]
    module: str


def events() -> list[Event]:
    """Every call of a logger in the source of what runs a station, by name."""
    found = [
        event
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (ROOT / "base" / "log") not in path.parents
        for event in _events(path)
    ]
    return sorted(found)


def _events(path: Path) -> Iterator[Event]:
    module = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and is_message(node.func):
            yield _event(node, module)


def is_message(called: ast.expr) -> bool:
    """Whether that is a method of a logger."""
    return (
        isinstance(called, ast.Attribute)
        and called.attr in LEVELS
        and isinstance(called.value, ast.Name)
        and called.value.id in LOGGERS
    )


def _event(call: ast.Call, module: str) -> Event:
    level = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    *_, name = call.args  # of `log`, the level comes before
    said = {each.arg: each.value for each in call.keywords if each.arg}
    text = ast.literal_eval(said.pop("text"))
    fields = tuple(each for each in said if each != "exc_info")
    return Event(ast.literal_eval(name), level, text, fields, module)


def page() -> str:
    """The whole page."""
    rows = ["| event | level | sentence | from |", "|---|---|---|---|"]
    rows += [
        f"| `{each.name}` | {_level(each.level)} | {_cell(each.text)} | `{each.module}` |"
        for each in events()
    ]
    return HEAD + "\n".join(rows) + "\n"


def _level(method: str) -> str:
    # of a library that has levels of its own, each line has another
    return {"exception": "error", "log": "any"}.get(method, method)


def _cell(text: str) -> str:
    return "`" + text.replace("`", "'").replace("|", "\\|").strip() + "`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
