"""Where the engine of a view comes from: a model file with its card, or a bundle.

Which file of a bundle is taken, the backend says that opens it (`file_role_of`). What a runtime
opens is not on the disk (gonogo.engines.serving.held_files).
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import (
    BundleManifestError,
    EngineNotInstalled,
    GonogoError,
    MissingExtra,
    ModelError,
    UnknownDriver,
)
from gonogo.engines.backends.backend import CPU_ROLE, file_role_of
from gonogo.engines.backends.catalogue import ACCELERATORS, AUTO, BACKENDS
from gonogo.engines.backends.choose import ModelFiles
from gonogo.engines.bundles.manifest import FILE_OF
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_engine
from gonogo.engines.serving.golden import prove
from gonogo.engines.serving.held_files import HeldFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.base.catalogue import Catalogue
    from gonogo.engines.backends.backend import Backend
    from gonogo.engines.bundles.manifest import BackendFacts
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.serving.hostplan import ViewPlan

# shared by all model files, and so unchangeable
_NO_FACTS: Mapping[str, BackendFacts] = MappingProxyType({})


class Source(NamedTuple):
    """One engine to be loaded: `model` says what each backend opens.

    `facts` and `frames` (frames, height, width[, 3]) are a bundle's; a model file has none.
    """

    model: ModelFiles
    engine_id: int
    facts: Mapping[str, BackendFacts] = _NO_FACTS
    frames: NDArray[np.uint8] | None = None


class Proof(NamedTuple):
    """The frames of a bundle, and what each backend must score on them."""

    facts: Mapping[str, BackendFacts]
    frames: NDArray[np.uint8]

    def check(self, name: str, backend: Backend) -> None:
        """BackendError unless a backend that serves nobody yet scores them so."""
        if name in self.facts:
            prove(backend, 0, self.frames, self.facts[name])


class Sources:
    """The engines of some views; each bundle is opened once and checked whole, before any is used.

    The files of its Sources are good until it is closed. BundleError, ModelError.
    """

    def __init__(
        self,
        views: Sequence[ViewPlan],
        bundles: Mapping[str, Path],
        policy: Policy | None,
        backends: Catalogue = BACKENDS,
    ) -> None:
        self._backends = backends
        self._bundles: dict[str, Bundle] = {}
        self._of_bundles: dict[tuple[str, str], Source] = {}  # by bundle, and backend wanted
        self._of_models: dict[Path, Source] = {}
        self._held = HeldFiles()
        with ExitStack() as stack:
            stack.callback(self._held.close)
            # all of them before any is used: one that is refused leaves the others closed again
            for name in dict.fromkeys(view.bundle for view in views if view.bundle):
                self._bundles[name] = stack.enter_context(_opened(name, bundles, policy))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def unsigned(self) -> bool:
        """Whether nobody has signed one of them."""
        return any(bundle.signer is None for bundle in self._bundles.values())

    def backends(self, view: ViewPlan) -> list[str]:
        """Those in which the engine of a view may be opened."""
        proven = self._bundles[view.bundle].manifest.backends if view.bundle else self._backends
        return [name for name in self._backends if name in proven and view.backend in {name, AUTO}]

    def of(self, view: ViewPlan) -> Source:
        """The engine of a view; its bytes are checked again as they are taken."""
        if view.model is not None:
            if view.model not in self._of_models:
                self._of_models[view.model] = self._of_model(view.model)
            return self._of_models[view.model]
        name = view.bundle or ""
        # one file in memory for all views that it judges, however many there are
        if (name, view.backend) not in self._of_bundles:
            unpacked = self._unpack(self._bundles[name], view.backend)
            self._of_bundles[name, view.backend] = unpacked
        return self._of_bundles[name, view.backend]

    def _of_model(self, model: Path) -> Source:
        """What a runtime opens are the bytes that were checked, whatever becomes of the file."""
        card, content = read_engine(model)
        # no role: it is the only file there is
        held = self._held.hold(model, "", content, "model")
        # a card that names no backend is of the form for CPUs, as all cards once were
        proven = [
            name
            for name in self._backends
            if name in card.proven or (not card.proven and _opens_on_cpus(name, self._backends))
        ]
        return Source(ModelFiles(model, proven, dict.fromkeys(proven, held)), card.engine_id)

    def _unpack(self, bundle: Bundle, wanted: str) -> Source:
        manifest = bundle.manifest
        proven: list[str] = [name for name in self._backends if name in manifest.backends]
        if not proven:
            raise ModelError(
                f"{bundle.path}: it is for {', '.join(manifest.backends)}, expected one of "
                f"{', '.join(self._backends)}; ask its maker for a form for this box"
            )
        # one that is not wanted is not asked for its role: that would import its runtime
        asked = [name for name in proven if wanted in {name, AUTO}]
        files = {name: self._file_of(bundle, name) for name in asked}
        facts = {str(name): its for name, its in manifest.backends.items()}
        frames = bundle.self_test_frames()
        model = ModelFiles(bundle.path, proven, files, Proof(facts, frames).check)
        return Source(model, manifest.engine_id, facts, frames)

    def _file_of(self, bundle: Bundle, backend: str) -> Path | GonogoError:
        """The file that a backend opens, or why there is none: another backend may have one."""
        try:
            return self._take(bundle, backend)
        except (MissingExtra, UnknownDriver, ModelError) as error:
            return error

    def _take(self, bundle: Bundle, backend: str) -> Path:
        """The file that a backend opens, in memory once however many backends and views open it."""
        role = file_role_of(self._backends.load(backend))
        held = self._held.find(bundle.path, role)
        if held is not None:
            return held
        if bundle.manifest.find(role) is None:
            raise ModelError(
                f"{bundle.path}: it holds no file of role {role}, which backend '{backend}' "
                "opens; ask its maker for one"
            )
        return self._held.hold(bundle.path, role, bundle.section(role), bundle.manifest.name)

    @contextmanager
    def by_name(self) -> Iterator[None]:
        """Errors speak of files and bundles, not of what lies in memory."""
        try:
            yield
        except GonogoError as error:
            # the same class: by its number the loader is told why the order was refused
            raise type(error)(self.named(str(error.args[0]))) from error

    def named(self, text: str) -> str:
        """A message with the paths of files and bundles instead of those in memory."""
        return self._held.named(text)


def _opens_on_cpus(name: str, backends: Catalogue) -> bool:
    """Whether a backend opens the form for CPUs."""
    # ours are known by their names: to ask one would import its runtime
    if name in FILE_OF:
        return name not in ACCELERATORS
    try:
        return file_role_of(backends.load(name)) == CPU_ROLE
    except (MissingExtra, UnknownDriver):
        return True  # what is wrong with it is told where it is opened


def _opened(name: str, bundles: Mapping[str, Path], policy: Policy | None) -> Bundle:
    path = bundles.get(name)
    if path is None or policy is None:
        raise EngineNotInstalled(
            f"bundle '{name}' is not among those ordered ({', '.join(bundles) or 'none'}); "
            "order every bundle that the station file names"
        )
    bundle = Bundle(path, policy)
    # the order names a file; whose it is, its signed manifest says
    if bundle.manifest.name != name:
        bundle.close()
        raise BundleManifestError(
            f"{path}: it is engine '{bundle.manifest.name}', expected '{name}'; install it again"
        )
    return bundle
