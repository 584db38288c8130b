"""A small station whose engine comes in bundles, with the PLC simulator as judge of what flows.

Import as `gonogo.tests.hotstation`.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import onnx

from gonogo.base.errors import ControlError
from gonogo.config.station import Station
from gonogo.engines.bundles.manifest import FILE_OF, BackendFacts
from gonogo.engines.bundles.policy import Policy
from gonogo.engines.bundles.write import Contents, write_bundle
from gonogo.engines.card import Card, sha256_of
from gonogo.engines.installed.registry import Registry
from gonogo.ipc.control_socket import ask
from gonogo.launch.running_station import RunningStation
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.tests.engines import tiny
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import BackendName
    from gonogo.proving.plcsim.judge import Judgement

NAME = "bolt"
ALL_PASS, NONE_PASS = 1000.0, 0.5  # limits for scores of 0 to 255
PATIENCE_S = 60.0


def model(path: Path, version: str) -> Path:
    """Score: the brightest red. Another version is another file, and so another engine."""
    tiny.brightest(path)
    graph = onnx.load(str(path))
    graph.doc_string = version
    path.write_bytes(graph.SerializeToString())
    return path


def bundle(
    folder: Path,
    version: str,
    *,
    reject_above: float = ALL_PASS,
    key: PrivateKey | None = MAKER,
    created: datetime | None = None,
    file: Path | None = None,
    backend: BackendName = "onnxruntime",
    **changes: Any,  # noqa: ANN401 - any field of Contents
) -> Path:
    """A bundle of that version, or of `file`, with its real scores on two frames of noise."""
    file = file or model(folder / f"{NAME}-{version}.onnx", version)
    rng = np.random.default_rng(5)
    frames = [rng.integers(0, top, (tiny.SIDE, tiny.SIDE, 3), np.uint8) for top in (128, 256)]
    scores = tuple(float(frame[..., 2].max()) for frame in frames)
    card = Card(
        name=NAME,
        sha256=sha256_of(file),
        method="teach",
        source="a test",
        good_parts=5,
        reject_above=reject_above,
        recheck_above=reject_above,
        good_scores=scores,
    )
    facts = BackendFacts(
        recheck_above=reject_above,
        reject_above=reject_above,
        self_test_scores=scores,
        tolerance=0.01,
    )
    fields: dict[str, Any] = {
        "model": file,
        "card": card,
        "version": version,
        "backends": {backend: facts},
        # the same file in every form: it has nothing that is quantized
        "further": {} if FILE_OF[backend] == "cpu" else {FILE_OF[backend]: file},
        "self_test": frames,
        "memory_mb": 100,
        "minimum_runtime": "0.1.0",
    }
    out = folder / f"{NAME}-{version}.gng"
    created = created or datetime.now(timezone.utc)
    write_bundle(out, Contents(**(fields | changes)), created=created, key=key)
    return out


class HotStation:
    """A running station with bundle 1.0.0 of its one engine, parts flowing, and a judge."""

    bundle: ClassVar[Callable[..., Path]] = staticmethod(bundle)  # makes one of a version

    def __init__(
        self,
        folder: Path,
        backend: BackendName = "onnxruntime",
        **engines: Any,  # noqa: ANN401 - keys of [engines]
    ) -> None:
        self.folder = folder
        self.root = folder / "engines"
        public = folder / "maker.pub"
        public.write_text(MAKER.public.line + "\n", encoding="ascii")
        self.install(self.bundle(folder, "1.0.0", backend=backend))
        Registry(self.root).activate(NAME, "1.0.0", self.policy)
        view = {
            "name": "top",
            "camera": synthetic(),
            "rule": (DIAMETER,),
            "engine": {"bundle": NAME, "backend": backend},
        }
        fields = small_station(folder).model_dump()
        fields |= {"view": (view,), "realtime": {"enabled": True}}
        fields["engines"] = {
            "folder": self.root,
            "trust": (public,),
            "shadow_parts": 10,
            "trial_parts": 10,
        } | engines
        self.station = Station.model_validate(fields)
        self.journal = folder / "plc.jsonl"
        self._stack = ExitStack()

    @property
    def policy(self) -> Policy:
        """Whom this box trusts now."""
        return Policy(datetime.now(timezone.utc), (MAKER.public,))

    def install(self, path: Path) -> Path:
        """Put a bundle into the registry; where it lies there."""
        manifest = Registry(self.root).install(path, self.policy)
        return self.root / manifest.name / manifest.version / "bundle.gng"

    def __enter__(self) -> Self:
        plan = simulator_plan(self.station, 1_000_000, self.journal)
        with ExitStack() as stack:
            self.running = stack.enter_context(RunningStation(self.station))
            stack.enter_context(simulator(plan))  # and so the first to leave
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def ask(self, do: str, **keys: object) -> dict[str, Any]:
        """Ask the loader."""
        return ask(self.running.name, purpose="engines", do=do, **keys)

    def done(self, do: str, **keys: object) -> dict[str, Any]:
        """Ask the loader for something that takes a while; its outcome."""
        ticket = self.ask(do, **keys)["ticket"]
        found: dict[str, Any] = self.until(lambda status: _outcome(status, ticket))
        return found

    def until(self, found: Callable[[dict[str, Any]], Any]) -> Any:  # noqa: ANN401 - of the caller
        """What is found in the loader's status, once it is there."""
        end_s = time.monotonic() + PATIENCE_S
        while not (value := found(self.ask("status"))):
            assert time.monotonic() < end_s, self.ask("status")
            self.running.wait(0.05)
        return value

    def answered(self) -> dict[str, Any]:
        """The loader's status once it serves: after a kill it begins anew behind everybody else."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            with suppress(ControlError):
                return self.ask("status")
            assert time.monotonic() < end_s
            self.running.wait(0.05)

    def judged(self) -> Judgement:
        """What the PLC simulator has seen so far."""
        return judge(self.journal)


def _outcome(status: dict[str, Any], ticket: int) -> dict[str, Any] | None:
    outcome: dict[str, Any] | None = status["outcome"]
    return outcome if outcome is not None and outcome["ticket"] == ticket else None
