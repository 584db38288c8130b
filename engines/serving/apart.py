"""The choice of a backend in a process of its own, for whoever must outlive it.

`python -I -m gonogo.engines.serving.apart` reads an Order, and says a line as each backend is
called, and what was chosen. A vendor's library that ends or hangs that process is left out of the
next one, as an engine process leaves out what the one before it died of.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from gonogo.base import errors
from gonogo.base.errors import BackendError, GonogoError, MissingExtra
from gonogo.base.first_line import handed_over
from gonogo.base.frame_shape import FrameShape
from gonogo.base.section import Section
from gonogo.engines.backends.candidates import Wanted
from gonogo.engines.backends.choose import ModelFiles
from gonogo.engines.backends.cuda.wanted import reached_by
from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.settle import Choice, Settling, settle_backend
from gonogo.engines.bundles.manifest import BackendFacts
from gonogo.engines.serving.held_files import HeldFiles
from gonogo.engines.serving.hostplan import ViewPlan
from gonogo.engines.serving.source import Proof

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.engines.serving.source import Source
    from gonogo.ipc.engine_choices import Candidate

LIMIT_S = 600.0  # a plan for an accelerator may be built on the way, which takes minutes
IMPORT_S = 60.0
ENTRY = (sys.executable, "-I", "-m", "gonogo.engines.serving.apart")
_IMPORTS = "import sys; from gonogo.engines.backends.catalogue import BACKENDS; BACKENDS.load"
IMPORT = (sys.executable, "-I", "-c", f"{_IMPORTS}(sys.argv[1])")
_CALLING, _RETURNED, _CHOICE, _ERROR = "calling", "returned", "choice", "error"
_CHOICES = TypeAdapter(Choice)
_SELF = Path("/proc/self/fd")  # where files in memory are found by the process that holds them


@contextlib.contextmanager
def importing_apart(backend: str, entry: tuple[str, ...] = IMPORT) -> Iterator[None]:
    """Where a backend is imported; MissingExtra for one that ends or hangs who imports it."""
    if _ends(backend, entry):
        raise MissingExtra(
            f"backend '{backend}': a process that imports it ends, or is not done in "
            f"{IMPORT_S:.0f} s; install its package anew"
        )
    yield


@cache
def _ends(backend: str, entry: tuple[str, ...]) -> bool:
    try:
        # an error is none of this: it is raised, and told, where the backend is imported
        ran = subprocess.run((*entry, backend), capture_output=True, timeout=IMPORT_S, check=False)
    except subprocess.TimeoutExpired:  # it has been killed
        return True
    return ran.returncode < 0  # by a signal


class Frames(Section):
    """Frames of a bundle in a file: uint8 of this shape."""

    file: Path
    shape: tuple[int, ...]


class Order(Section):
    """What is to be chosen for. `refused`: class and words of why a backend has nothing to open.

    Paths of files in memory are those of the process that ordered, which holds them open.
    """

    view: ViewPlan
    cores: int
    model: Path
    proven: tuple[str, ...]
    files: dict[str, Path]
    refused: dict[str, tuple[str, str]]
    facts: dict[str, BackendFacts]
    frames: Frames | None
    left_out: tuple[str, ...] = ()

    @property
    def engine(self) -> ModelFiles:
        """As it was ordered, on the other side."""
        refused = {name: _error(*words) for name, words in self.refused.items()}
        engine = ModelFiles(self.model, self.proven, {**self.files, **refused})
        if self.frames is None:
            return engine
        frames = np.fromfile(self.frames.file, np.uint8).reshape(self.frames.shape)
        return engine._replace(prove=Proof(self.facts, frames).check)


class _Said(NamedTuple):
    """What the process has said: its choice, or the error that it ended with, or what it called."""

    choice: Choice | None = None
    error: GonogoError | None = None
    called: str = ""


def settle_apart(
    view: ViewPlan,
    source: Source,
    cores: int,
    entry: Sequence[str] = ENTRY,
    limit_s: float = LIMIT_S,
) -> Choice:
    """As settle_backend; a backend that ends the process, or is not done in time, is left out."""
    held = HeldFiles()
    with contextlib.closing(held):
        order = _order(view, source, cores, held)
        while True:
            said = _ask(order, entry, limit_s)
            if said.choice is not None:
                return said.choice
            if said.error is not None:
                raise said.error
            if not said.called or said.called in order.left_out:
                raise BackendError(
                    f"{source.model.model}: the process that measures its backends ended without "
                    "an answer; its messages stand above"
                )
            order = order.model_copy(update={"left_out": (*order.left_out, said.called)})


def _order(view: ViewPlan, source: Source, cores: int, held: HeldFiles) -> Order:
    model, frames = source.model, None
    if source.frames is not None:
        file = held.hold(model.model, "frames", source.frames.tobytes(), "frames")
        frames = Frames(file=_ours(file), shape=source.frames.shape)
    found = model.files.items()
    return Order(
        view=view,
        cores=cores,
        model=model.model,
        proven=tuple(model.proven),
        files={name: _ours(file) for name, file in found if isinstance(file, Path)},
        refused={
            name: (type(file).__name__, str(file.args[0]))
            for name, file in found
            if isinstance(file, GonogoError)
        },
        facts=dict(source.facts),
        frames=frames,
    )


def _ours(file: Path) -> Path:
    """The same file as another process of this user finds it (proc(5))."""
    return Path(str(file).replace(str(_SELF), f"/proc/{os.getpid()}/fd", 1))


def _ask(order: Order, entry: Sequence[str], limit_s: float) -> _Said:
    try:
        ran = subprocess.run(
            entry,
            input=order.model_dump_json().encode() + b"\n",
            stdout=subprocess.PIPE,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as late:  # it has been killed
        return _said(late.stdout or b"")
    return _said(ran.stdout)


def _said(output: bytes) -> _Said:
    said = _Said()
    output = output.replace(_ours(_SELF).as_posix().encode(), _SELF.as_posix().encode())
    # the last line may be half of one: it was killed as it wrote
    for line in output.split(b"\n")[:-1]:
        kind, *words = json.loads(line)
        if kind in {_CALLING, _RETURNED}:
            said = _Said(called=words[0] if kind == _CALLING else "")
        elif kind == _CHOICE:
            return _Said(choice=_CHOICES.validate_python(words[0]))
        elif kind == _ERROR:
            return _Said(error=_error(*words))
    return said


def _error(kind: str, words: str) -> GonogoError:
    """An error of ours with its class: by its number people look it up."""
    made = getattr(errors, kind)(words)
    if not isinstance(made, GonogoError):
        raise TypeError(f"{kind}: expected an error of gonogo.base.errors")
    return made


class _Telling:
    """Notes that go to whoever has ordered, as they are made."""

    chosen: Candidate | None = None

    def __init__(self, left_out: Sequence[str], out: IO[str]) -> None:
        self.left_out, self._out = left_out, out

    @contextlib.contextmanager
    def calling(self, backend: str) -> Iterator[None]:
        """Said before it is called, for nothing may be said after."""
        self.say(_CALLING, backend)
        try:
            yield
        finally:
            self.say(_RETURNED, backend)

    def choose(self, candidate: Candidate) -> None:
        """It is the answer."""

    def say(self, *words: object) -> None:
        """One line."""
        self._out.write(json.dumps(words) + "\n")
        self._out.flush()


def main(out: IO[str]) -> None:
    """Choose as ordered."""
    order = Order.model_validate_json(handed_over())
    view, telling = order.view, _Telling(order.left_out, out)
    wanted = Wanted(view.backend, view.threads, order.cores)
    geometry = FrameShape(view.height_px, view.width_px, view.channels)
    try:
        with reached_by(view.cuda), told_to(_say_to_people):
            choice = settle_backend(wanted, order.engine, geometry, Settling(telling))
    except GonogoError as error:
        telling.say(_ERROR, type(error).__name__, str(error.args[0]))
    else:
        telling.say(_CHOICE, _CHOICES.dump_python(choice, mode="json"))


def _say_to_people(text: str) -> None:
    """How far a build is: whoever asked only waits for the answer."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answer:
        os.dup2(2, 1)  # what vendors' libraries print is for people
        main(answer)
