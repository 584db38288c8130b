"""Changes on trial: processes that no part waits for, told something else, until it is confirmed.

    {"do": "try", "id": .., "file": .., "in_place": .., "sha256": ..,
     "rows": {NAME: [[KEYS, VALUE], ..]}, "for_s": .., "told": ..}
    {"do": "trial"}                  what is on trial, and what became of the last one
    {"do": "keep", "id": ..}         its file is the station file now: it stays
    {"do": "take-back", "id": ..}    at once, and not at the end of its time

`file` is the new station file, of that SHA-256, beside the old one (`in_place`), which is in force
until somebody confirms. Who moves it first decides: the console renames it to the station file, or
we remove it, and then the processes are told again what they were told before. So there is no
moment at which one of the two is new and the other one cannot become so. `told` says whom it is of,
for the audit trail.

The disk may hang, which nobody here can wait for: a thread removes the file and writes the row.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gonogo.base.errors import ChangeNotWritten, ChangeTakenBack, ControlError
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import without_rank
from gonogo.ipc.audit.change import told as tell_trail
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.last_good_file import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gonogo.watchdog.plan import RowPlan

log = get_logger(__name__)

NS_PER_S = 1_000_000_000
LEAST_S, MOST_S = 10.0, 3600.0
# from the answer until the processes end: what the console says of it is to leave the port first
BEGINS_S = 2.0
KEPT, BACK = "kept", "taken back"
THREAD = "trial"
WHAT = "station file taken back"  # as the audit trail calls it


class Retold(Protocol):
    """A row as it is needed here (gonogo.watchdog.row)."""

    name: str
    plan: RowPlan

    def retell(self, argument: str) -> None:
        """Its process ends in order, and another one begins that is told that."""
        ...


class Trial(NamedTuple):
    """One change: what its rows were told before, and what they are told on trial."""

    id: str
    file: Path
    in_place: Path
    sha256: str
    before: dict[str, str]
    after: dict[str, str]
    begins_ns: int
    until_ns: int
    told: dict[str, Any]


class Decision:
    """Removes the file of a trial, if it is still there; `kept` is None until that is known."""

    def __init__(self, trial: Trial, why: str) -> None:
        self.why = why
        self.kept: bool | None = None
        self._trial = trial
        # its end waits for nothing of it
        threading.Thread(target=self._decide, name=THREAD, daemon=True).start()

    def _decide(self) -> None:
        # not with the rank of the supervisor, which is above that of the line
        with without_rank():
            self.kept = _is_kept(self._trial)
            if not self.kept:
                _tell(self._trial, self.why)


def _is_kept(trial: Trial) -> bool:
    try:
        trial.file.unlink()
    except FileNotFoundError:
        return _is_in_place(trial)
    except OSError as error:  # no disk to write on: nobody can confirm there either
        log.error("trial_file_stays", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
    return False


def _is_in_place(trial: Trial) -> bool:
    """Whether it is the station file, and was not removed by other hands."""
    try:
        return digest(trial.in_place.read_bytes()) == trial.sha256
    except OSError:
        return False


def _tell(trial: Trial, why: str) -> None:
    """The audit trail, if the console has said where it lies."""
    path = trial.told.get("trail")
    if isinstance(path, str):
        new = {key: each for key, each in trial.told.items() if key != "trail"}
        tell_trail(Trail(Path(path)), Entry(WHAT, "noted", new=new, why=why))


class Trials:
    """One at a time, of the rows of a table."""

    def __init__(
        self, rows: Sequence[Retold], now_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._rows = {row.name: row for row in rows}
        self._now_ns = now_ns
        self._trial: Trial | None = None
        self._begun = False
        self._back: Decision | None = None
        self._last: dict[str, Any] | None = None

    @property
    def table(self) -> Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """By what they are asked for."""
        return {
            "try": self._try, "trial": self._show, "keep": self._keep, "take-back": self._take_back,
        }  # fmt: skip

    def look(self, now_ns: int) -> None:
        """Begin what is to begin, and take back what nobody has confirmed."""
        trial = self._trial
        if trial is None:
            return
        if self._back is not None:
            self._end(trial, self._back)
        elif now_ns >= trial.until_ns:
            self._back = Decision(trial, "nobody has confirmed it in time")
        elif not self._begun and now_ns >= trial.begins_ns:
            self._begun = True
            self._retell(trial.after)

    def _end(self, trial: Trial, back: Decision) -> None:
        """Once the thread has decided."""
        if back.kept is None:
            return
        if back.kept:
            self._stay(trial)
            return
        self._over(trial, BACK)
        log.warning(
            "change_taken_back",
            text="a change of the station file is taken back (%(why)s): the old values are in "
            "force, %(rows)s told so",
            why=back.why,
            rows=", ".join(trial.before) or "nobody is",
        )
        if self._begun:
            self._retell(trial.before)

    def _stay(self, trial: Trial) -> None:
        """The new file is the station file; what was not told yet is told now."""
        self._over(trial, KEPT)
        log.info("change_kept", text="a change of the station file was confirmed")
        if not self._begun:
            self._retell(trial.after)

    def _over(self, trial: Trial, how: str) -> None:
        self._last = {"id": trial.id, "how": how, "at_ns": self._now_ns()}
        self._trial = self._back = None

    def _retell(self, arguments: Mapping[str, str]) -> None:
        for name, argument in arguments.items():
            self._rows[name].retell(argument)

    def _try(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._trial is not None:
            raise ChangeNotWritten(
                f"another change waits to be confirmed (by {_person(self._trial)}): expected "
                "`commit` or `commit take-back` first"
            )
        self._trial = _trial_of(request, self._rows, self._now_ns())
        self._begun = False
        log.warning(
            "change_on_trial",
            text="a change of the station file is on trial for %(for_s)g s: %(rows)s",
            for_s=request["for_s"],
            rows=", ".join(self._trial.after) or "no process is told",
        )
        return self._show({})

    def _show(self, _: dict[str, Any]) -> dict[str, Any]:
        trial, now_ns = self._trial, self._now_ns()
        found: dict[str, Any] = {"trial": None, "last": None}
        if trial is not None:
            left_s = max((trial.until_ns - now_ns) / NS_PER_S, 0.0)
            found["trial"] = {
                "id": trial.id, "file": str(trial.file), "left_s": left_s, "told": trial.told,
            }  # fmt: skip
        if self._last is not None:
            ago_s = (now_ns - self._last["at_ns"]) / NS_PER_S
            found["last"] = {"id": self._last["id"], "how": self._last["how"], "ago_s": ago_s}
        return found

    def _keep(self, request: dict[str, Any]) -> dict[str, Any]:
        last = self._last
        # the end of its time came between the rename and this
        if last is None or (last["id"], last["how"]) != (request.get("id"), KEPT):
            self._decide(request, "its file was not made the station file")
        return {}

    def _take_back(self, request: dict[str, Any]) -> dict[str, Any]:
        self._decide(request, str(request.get("why") or "it was asked for"))
        return {}

    def _decide(self, request: dict[str, Any], why: str) -> None:
        """See at once which of the two it is."""
        trial = self._trial
        if trial is None or trial.id != request.get("id"):
            raise ChangeTakenBack("no such change waits to be confirmed")
        if self._back is None:
            self._back = Decision(trial, why)


def _trial_of(request: dict[str, Any], rows: Mapping[str, Retold], now_ns: int) -> Trial:
    """ControlError where something of it is not as it must be."""
    words = [request.get(key) for key in ("id", "file", "in_place", "sha256")]
    if not all(isinstance(each, str) for each in words):
        raise ControlError("try: expected an id, file, station file and sha256")
    name, file, in_place, sha256 = map(str, words)
    steps, told, for_s = request.get("rows"), request.get("told"), request.get("for_s")
    if not isinstance(for_s, (int, float)) or not LEAST_S <= for_s <= MOST_S:
        raise ControlError(f"try: for_s: expected {LEAST_S:g} to {MOST_S:g} s, got {for_s!r}")
    if not isinstance(steps, dict) or not isinstance(told, dict):
        raise ControlError("try: expected rows and whom it is of")
    before = {each: _apart(rows, each).plan.argument for each in steps}
    after = {each: _changed(before[each], steps[each]) for each in steps}
    begins_ns = now_ns + round(BEGINS_S * NS_PER_S)
    until_ns = now_ns + round(for_s * NS_PER_S)
    return Trial(
        name, Path(file), Path(in_place), sha256, before, after, begins_ns, until_ns, told
    )  # fmt: skip


def _apart(rows: Mapping[str, Retold], name: str) -> Retold:
    """The row, if parts pass without it."""
    row = rows.get(name)
    if row is None or not row.plan.apart:
        raise ControlError(f"try: expected a row that no part waits for, got {name!r}")
    return row


def _changed(argument: str, steps: Any) -> str:  # noqa: ANN401 - of a request
    """An argument with other values at some of its keys; ControlError where there are none such."""
    root = json.loads(argument)
    try:
        for keys, value in steps:
            table = root
            for key in keys[:-1]:
                table = table[key]
            if keys[-1] not in table:
                raise KeyError(keys[-1])
            table[keys[-1]] = value
    except (LookupError, TypeError, ValueError) as error:
        raise ControlError(f"try: a key that the process is not told: {error}") from error
    # as pydantic writes it: another supervisor compares (gonogo.watchdog.place)
    return json.dumps(root, separators=(",", ":"), ensure_ascii=False)


def _person(trial: Trial) -> str:
    who = trial.told.get("who")
    return str(who.get("account") if isinstance(who, dict) else "") or "somebody"
