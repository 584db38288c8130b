"""`gonogo engines inspect`: what each layer of an engine computes in, as TensorRT built it here.

It is also had as `gonogo engine inspect`.
"""

from __future__ import annotations

import contextlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.model import Contract
    from gonogo.engines.backends.tensorrt.backend import TrtBackend

    Open = Callable[[Path, FrameShape], TrtBackend]

FILE = click.Path(path_type=Path)
_TENSORRT = "tensorrt"


@click.command()
@click.argument("engine", type=FILE)
@click.option("--root", type=FILE, envvar="GONOGO_ENGINES", help="folder of installed engines")
@click.option("--json", "as_json", is_flag=True, help="what TensorRT tells, as it tells it")
def inspect(engine: Path, root: Path | None, *, as_json: bool) -> None:
    """Build ENGINE's plan if need be, and show which of its layers run in INT8.

    ENGINE is a bundle (.gng) with a form for TensorRT, an ONNX file, or the name of an installed
    engine. The plan is kept: a station that takes the same engine later need not build it.
    """
    from gonogo.commands.show.layers import rows
    from gonogo.engines.backends.tensorrt.layers import read_layers

    file = engine if root is None or engine.exists() else active(root, str(engine))
    text = layers_of(file, lambda line: click.echo(line, err=True))
    for line in [text] if as_json else rows(file, read_layers(text)):
        click.echo(line)


def active(root: Path, name: str) -> Path:
    """The bundle of the active version of an installed engine; EngineNotInstalled."""
    from gonogo.base.errors import EngineNotInstalled
    from gonogo.engines.installed.registry import Registry

    for installed in Registry(root).installed():
        if (installed.name, installed.mark) == (name, "active"):
            return installed.path
    raise EngineNotInstalled(
        f"{name}: neither a file nor an engine with an active version in {root}; "
        "`gonogo engines list` shows what is there"
    )


def layers_of(file: Path, say: Callable[[str], object], opens: Open | None = None) -> str:
    """What TensorRT tells of the layers, as JSON; its errors where there is no TensorRT, no GPU."""
    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.model import open_model
    from gonogo.engines.backends.progress import told_to
    from gonogo.engines.backends.tensorrt.backend import TrtBackend

    opens = opens or TrtBackend
    with _model(file) as model, told_to(say):
        contract: Contract = open_model(model)
        channels, height_px, width_px = contract.image.shape[1:]
        with closing(opens(model, FrameShape(height_px, width_px, channels))) as backend:
            return backend.layers()


@contextlib.contextmanager
def _model(file: Path) -> Iterator[Path]:
    """The ONNX file for TensorRT: of a bundle, or the file itself."""
    from gonogo.base.errors import GonogoError, ModelError
    from gonogo.engines.bundles.policy import INSPECTION
    from gonogo.engines.bundles.read import Bundle
    from gonogo.engines.serving.held_files import HeldFiles

    if file.suffix != ".gng":
        yield file
        return
    # by anybody and of any age: it is looked at, and judges nothing
    with Bundle(file, INSPECTION) as bundle, closing(HeldFiles()) as held:
        if bundle.manifest.find(_TENSORRT) is None:
            raise ModelError(
                f"{file}: it holds no form for TensorRT; ask its maker for one (`gonogo build`)"
            )
        name = bundle.manifest.name
        path = held.hold(file, _TENSORRT, bundle.section(_TENSORRT), name)
        try:
            yield path
        except GonogoError as error:
            raise type(error)(held.named(str(error.args[0]))) from error
