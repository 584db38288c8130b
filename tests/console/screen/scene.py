"""A station's memory and records as the screen finds them, without any process of a station.

Import as `gonogo.tests.console.screen.scene`.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.words import Mode, Reason, RuleResult, Score, Status, VerdictKind
from gonogo.config.access import AccessSection
from gonogo.config.screen import ScreenSection
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.accounts_file import beside_records
from gonogo.console.screen.app import make_app
from gonogo.console.screen.plan import ScreenPlan, ScreenView
from gonogo.console.screen.process import behind
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.frame_ring import R_MAP_COLUMNS, R_MAP_ROWS, FrameRing, ResultStatus
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.labels import Labels
from gonogo.records.store import Store
from gonogo.tests.console.access.people import Work
from gonogo.tests.fakes import SMALL, entry_of, part_now, put
from gonogo.tests.records.pictures.made import photographed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.types import ASGIApp, Message

    from gonogo.console.screen.access import Access
    from gonogo.console.screen.shown import Behind
    from gonogo.ipc.journal_records import VerdictEntry

ENGINE = 0xABC
RULE = "<b>width</b>"  # as somebody may call one
ABOUT = {"views": ["top"], "rules": [RULE], "units": ["mm"]}
OURS = {"origin": "http://127.0.0.1:8470"}


class Scene:
    """Of one station, which has a view `top`; the run is that of its journal."""

    def __init__(self, station: str, folder: Path, slots: int = 8) -> None:
        self.station, self.folder = station, folder
        self.records = folder / "records.sqlite"
        self.accounts = Accounts(beside_records(self.records), by=Work())
        with ExitStack() as stack:
            self.heart = Heartbeat.create(station)
            stack.callback(self.heart.close)
            self.journal = Journal.create(station, 128, json.dumps(ABOUT))
            stack.callback(self.journal.close)
            self.ring = FrameRing.create(station, 0, SMALL, slots)
            stack.callback(self.ring.close)
            self.mailbox = Mailbox.create(station, 0)
            stack.callback(self.mailbox.close)
            self._stack = stack.pop_all()
        self.why = ""  # what the process that works out why is told
        self.heart.idle(time.monotonic_ns())
        self.heart.show(Mode.FULL, 1)

    def plan(
        self,
        *,
        audited: bool = False,
        limits: AccessSection = AccessSection(),  # noqa: B008 - immutable
        **screen: Any,  # noqa: ANN401 - keys
    ) -> ScreenPlan:
        """What the screen of this station is told; `limits` are those of [access]."""
        return ScreenPlan(
            station=self.station, screen=ScreenSection.model_validate(screen), access=limits,
            records=self.records, shift_starts=("00:00",), dispositions=DispositionsSection(),
            views=(ScreenView(name="top", **SMALL._asdict()),), audited=audited,
            why=self.why,
        )  # fmt: skip

    def open(self, stack: ExitStack, access: Access | None = None, **screen: Any) -> Behind:  # noqa: ANN401 - keys
        """All that stands behind its answers; nothing goes on by itself."""
        return behind(self.plan(**screen), stack, access, self.accounts)

    def judge(
        self, serial: int, kind: VerdictKind = VerdictKind.ACCEPT, shade: int = 90
    ) -> VerdictEntry:
        """A part that came just now, its frame of that shade, and its map in the ring."""
        part = part_now(serial)
        look = photographed(self.ring, serial % len(self.ring.slots), part, shade)
        score = Score(0, 0.25, part.trigger_ns + 1, part.trigger_ns + 2, ENGINE)
        result = self.ring.slots[look.slot].results[0]
        result.begin(serial, look.generation, score.start_ns)
        result.map[:6] = range(6)
        result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = 2, 3
        result.commit(ResultStatus.OK, ENGINE, score.done_ns)
        bad = kind is VerdictKind.REJECT
        check = RuleResult(Status.FAIL if bad else Status.PASS, 12.5, 10.0, float("inf"))
        entry = entry_of(serial)._replace(
            part=part, kind=kind, reason=Reason.RULE if bad else Reason.OK, mode=Mode.FULL,
            score=4000 + serial, looks=(look,), scores=(score,), checks=(check,),
        )  # fmt: skip
        put(self.journal, entry)
        return entry

    def record(self, *entries: VerdictEntry) -> None:
        """Give parts their rows."""
        store = Store(self.records, Labels.read(self.journal.about), self.journal.run)
        store.write(list(entries))
        store.close()

    def close(self) -> None:
        """Unmap it."""
        self._stack.close()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it says
        """The body, read."""
        return json.loads(self.body)


def call(
    app: ASGIApp,
    path: str,
    *,
    fields: object = None,
    headers: Mapping[str, str] | None = None,
    address: str = "127.0.0.1",
    scheme: str = "http",
) -> Answer:
    """Ask an application as a server does: GET, or POST of `fields` (bytes as they are)."""
    return asyncio.run(called(app, path, fields, headers, (address, scheme)))


async def called(
    app: ASGIApp,
    path: str,
    fields: object,
    headers: Mapping[str, str] | None,
    whence: tuple[str, str],
) -> Answer:
    """The same beside other questions; `whence`: the address at the other end, and the scheme."""
    address, scheme = whence
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    told = {"host": "127.0.0.1:8470", **(headers or {})}
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": scheme,
        "method": "GET" if fields is None else "POST", "path": where, "raw_path": where.encode(),
        "query_string": query.encode(), "root_path": "", "client": (address, 5000),
        "server": ("127.0.0.1", 8470),
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], head, b"".join(each.get("body", b"") for each in sent[1:]))


def app_of(found: Behind) -> ASGIApp:
    """The application over it."""
    return make_app(found)
