"""A hawkBit of one box and one action, whose faults a test chooses.

Import as `gonogo.tests.build.update.ddi.server`. It does not simulate rollouts, several artifacts,
or the states of an action: what was closed is offered no more, and that is all.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from gonogo.build.update.settings import ServerSection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "secret-0815"  # noqa: S105 - of the tests
PIECE = 64 << 10


class Ddi:
    """`offered`: an image, or nothing. `asked`: method, path, what was sent.

    `statuses`: of the next answers, by the last part of their path; `download` may be told to send
    only so many bytes (`cut_at`), to say another length, size or hash, or to know no ranges.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.offered: bytes = b""
        self.action, self.sleep = "17", "00:05:00"
        self.wants_config = False
        self.cancels = ""
        self.statuses: dict[str, list[int]] = {}
        self.retry_after = ""
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.tokens: list[str | None] = []
        self.ranges: list[str | None] = []
        self.cut_at: int | None = None
        self.length: int | None = None
        self.size: int | None = None
        self.sha256 = ""
        self.knows_ranges = True
        self.download_mode = "forced"
        ddi = self

        class Handler(_Handler):
            it = ddi

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if tls is not None:
            self.scheme = "https"
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Of it."""
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}"

    def section(self, folder: Path, **more: Any) -> ServerSection:  # noqa: ANN401 - keys
        """The settings of a box that it serves."""
        (folder / "token").write_text(f"{TOKEN}\n")
        given = {"url": self.url, "id": "box-1", "token_file": folder / "token",
                 "unencrypted": self.scheme == "http"}  # fmt: skip
        return ServerSection.model_validate({**given, **more})

    def told(self) -> list[tuple[str, str, str]]:
        """What a box said: execution, finished, and its words, without what it said twice."""
        found: list[tuple[str, str, str]] = []
        for method, path, body in self.asked:
            if method == "POST" and path.endswith("/feedback"):
                status = body["status"]
                said = (status["execution"], status["result"]["finished"], status["details"][0])
                found += [said] if said not in found[-1:] else []
        return found

    def base(self) -> dict[str, Any]:
        """GET of a box."""
        root, links = f"{self.url}/DEFAULT/controller/v1/box-1", {}
        if self.wants_config:
            links["configData"] = {"href": f"{root}/configData"}
        if self.cancels:
            links["cancelAction"] = {"href": f"{root}/cancelAction/{self.cancels}"}
        elif self.offered:
            links["deploymentBase"] = {"href": f"{root}/deploymentBase/{self.action}?c=-1"}
        return {"config": {"polling": {"sleep": self.sleep}}, "_links": links}

    def deployment(self) -> dict[str, Any]:
        """GET of the action."""
        digest = self.sha256 or hashlib.sha256(self.offered).hexdigest()
        artifact = {
            "filename": "gonogo.raucb", "hashes": {"sha256": digest},
            "size": self.size or len(self.offered),
            "_links": {"download-http": {"href": f"{self.url}/files/gonogo.raucb"}},
        }  # fmt: skip
        mode = self.download_mode
        chunk = {"part": "os", "version": "0.3.0", "name": "gonogo", "artifacts": [artifact]}
        return {"id": self.action,
                "deployment": {"download": mode, "update": mode, "chunks": [chunk]}}  # fmt: skip


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Ddi]:
    """One that serves as long as the block lasts."""
    ddi = Ddi(tls)
    ddi.start()
    try:
        yield ddi
    finally:
        ddi.close()


class _Handler(BaseHTTPRequestHandler):
    it: Ddi
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        """A resource, or the file."""
        self._answer()

    do_PUT = do_POST = do_GET  # noqa: N815 - as http.server has them

    def _answer(self) -> None:
        it = self.it
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        it.asked.append((self.command, path, json.loads(raw) if raw else {}))
        it.tokens.append(self.headers.get("Authorization"))
        last = path.rpartition("/")[2]
        status = it.statuses.get(last, []).pop(0) if it.statuses.get(last) else 200
        if status != 200:
            self._json(status, {"exceptionClass": "x", "message": "no"})
        elif last == "gonogo.raucb":
            self._file()
        elif last == "feedback":
            body = it.asked[-1][2]["status"]
            if body["execution"] == "closed":
                it.offered = b"" if "cancelAction" not in path else it.offered
                it.cancels = ""
            self._json(200, {})
        else:
            self._json(200, it.deployment() if "deploymentBase" in path else it.base())

    def _json(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        if self.it.retry_after:
            self.send_header("Retry-After", self.it.retry_after)
        self.end_headers()
        self.wfile.write(raw)

    def _file(self) -> None:
        it, wanted = self.it, self.headers.get("Range")
        it.ranges.append(wanted)
        begin = int(wanted[6:-1]) if wanted and it.knows_ranges else 0
        data = it.offered[begin:]
        self.send_response(206 if begin else 200)
        if begin:
            end = len(it.offered)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{end}")
        self.send_header("Content-Length", str(it.length or len(data)))
        self.end_headers()
        self.wfile.write(data if it.cut_at is None else data[: it.cut_at])
        self.close_connection = True
