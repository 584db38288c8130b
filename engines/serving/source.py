"""Where the engine of a view comes from: a model file with its card, or a bundle.

What a runtime opens is not on the disk: the checked bytes lie in a file in memory
(memfd_create(2)) that is sealed, so that nobody can change it, this process neither.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BundleManifestError, EngineNotInstalled, GonogoError, ModelError
from gonogo.base.handover import sealed
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.engines.backends.choose import proven_among
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.engines.bundles.manifest import BackendFacts
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.serving.hostplan import ViewPlan

_NO_FACTS: Mapping[str, BackendFacts] = MappingProxyType({})


class Source(NamedTuple):
    """One engine to be loaded: `path` is what a runtime opens, `proven` the backends it may use.

    `facts` and `frames` (frames, height, width[, 3]) are a bundle's; a model file has none.
    """

    path: Path
    engine_id: int
    proven: Sequence[str]
    facts: Mapping[str, BackendFacts] = _NO_FACTS
    frames: NDArray[np.uint8] | None = None


class Sources:
    """The engines of some views; each bundle is opened once and checked whole, before any is used.

    The paths of its Sources are good until it is closed. BundleError, ModelError.
    """

    def __init__(
        self, views: Sequence[ViewPlan], bundles: Mapping[str, Path], policy: Policy | None
    ) -> None:
        self._stack = ExitStack()
        self._bundles: dict[str, Bundle] = {}
        self._made: dict[str, Source] = {}
        self._files: dict[Path, Source] = {}
        with ExitStack() as stack:
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

    def of(self, view: ViewPlan) -> Source:
        """The engine of a view; its bytes are checked again as they are taken."""
        if view.model is not None:
            return self._of_file(view.model)
        name = view.bundle or ""
        if name not in self._made:
            self._made[name] = self._unpack(self._bundles[name])
        return self._made[name]

    def _of_file(self, model: Path) -> Source:
        """What a runtime opens are the bytes that were checked, whatever becomes of the file."""
        if model not in self._files:
            card, content = read_engine(model)
            fd = sealed("model", content)
            self._stack.callback(os.close, fd)
            path = Path(f"/proc/self/fd/{fd}")
            self._files[model] = Source(path, card.engine_id, proven_among(card.proven))
        return self._files[model]

    def _unpack(self, bundle: Bundle) -> Source:
        manifest = bundle.manifest
        proven = [name for name in BACKENDS if name in manifest.backends]
        if not proven:
            raise ModelError(
                f"{bundle.path}: it is for {', '.join(manifest.backends)}, expected one of "
                f"{', '.join(BACKENDS)}; ask its maker for a form for this box"
            )
        fd = sealed(manifest.name, bundle.section("cpu"))
        self._stack.callback(os.close, fd)
        facts = {str(name): its for name, its in manifest.backends.items()}
        path, frames = Path(f"/proc/self/fd/{fd}"), bundle.self_test_frames()
        return Source(path, manifest.engine_id, proven, facts, frames)

    @contextmanager
    def by_name(self) -> Iterator[None]:
        """Errors speak of files and bundles, not of what lies in memory."""
        try:
            yield
        except GonogoError as error:
            raise type(error)(self.named(str(error.args[0]))) from error

    def named(self, text: str) -> str:
        """A message with the paths of files and bundles instead of those in memory."""
        shown = {str(source.path): model for model, source in self._files.items()}
        shown |= {str(source.path): self._bundles[name].path for name, source in self._made.items()}
        for path in sorted(shown, key=len, reverse=True):  # 12 before 1
            text = text.replace(path, str(shown[path]))
        return text


def _opened(name: str, bundles: Mapping[str, Path], policy: Policy | None) -> Bundle:
    path = bundles.get(name)
    if path is None or policy is None:
        raise EngineNotInstalled(
            f"bundle '{name}' is not among those ordered ({', '.join(bundles) or 'none'}); "
            "order every bundle that the station file names"
        )
    bundle = Bundle(path, policy)
    if bundle.manifest.name != name:
        bundle.close()
        raise BundleManifestError(
            f"{path}: it is engine '{bundle.manifest.name}', expected '{name}'; install it again"
        )
    return bundle
