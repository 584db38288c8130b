"""Which engines a station takes, from whom, and how carefully it changes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.catalogue import NameOf
from gonogo.base.errors import ModelError
from gonogo.base.section import Section
from gonogo.engines.backends.catalogue import AUTO, BACKENDS, THREADS_MAX

# at most 40 characters: it stands in folders, orders and messages
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}"  # the name of a folder, too: never hidden, never ".."


class EnginesSection(Section):
    """`[engines]`: signed bundles instead of model files, exchanged while parts flow.

    `folder`: where they are installed (`gonogo engines install`). `trust`: public key
    files of their makers. `allow_unsigned`: take bundles that nobody signed, for trials;
    the PLC is warned. `memory_mb`: what loading one may take. `shadow_parts`: judged in
    shadow before one may be activated. `trial_parts`: watched after it was, with the old one
    ready to judge again. `keep_warm_s`: how long that one stays loaded.
    """

    folder: Path
    """Where bundles are installed."""
    trust: tuple[Path, ...] = ()
    """Public key files of those whose bundles are taken."""
    allow_unsigned: bool = False
    """Whether bundles that nobody signed are taken, for trials; the PLC is warned."""
    memory_mb: Annotated[int, Field(ge=50, le=1_000_000)] = 2000
    """What loading one may take."""
    load_limit_s: Annotated[float, Field(ge=5, le=3600)] = 120.0
    """How long loading one may take."""
    shadow_parts: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Judged in shadow before one may be activated."""
    trial_parts: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Watched after it was, with the old one ready."""
    keep_warm_s: Annotated[float, Field(ge=1, le=86_400)] = 600.0
    """How long the old one stays loaded."""

    def in_words(self) -> list[str]:
        """For whoever checks a station file: where engines are, and what is out of the ordinary."""
        unsigned = "bundles that NOBODY SIGNED are taken (allow_unsigned); the PLC is warned"
        return [f"engines in {self.folder}", *([unsigned] if self.allow_unsigned else [])]


class PrepareSection(Section):
    """How `gonogo prepare` makes the engine of a view on the box.

    `teach`: from good images alone. `quantize`: INT8 from `source`, an FP32 ONNX file.
    `good` is a folder of good images; left out, a synthetic camera photographs `parts`
    good parts itself. `side_px`: what a taught engine sees; more find smaller flaws, and
    take longer. `eyes`: what it looks with; those that were trained on photographs come
    with the extra [pretrained].
    """

    method: Literal["teach", "quantize"]
    """From good images alone, or by quantizing an FP32 file."""
    good: Path | None = None
    """Folder of good images, of the camera's size unless its `fit` brings them to it; left out, a
    synthetic camera photographs its own."""
    parts: Annotated[int, Field(ge=5, le=1000)] = 50
    """How many good parts it then photographs."""
    source: Path | None = None
    """The FP32 ONNX file to quantize."""
    side_px: Literal[256, 384, 512] = 256
    """What a taught engine sees of a frame; more finds smaller flaws, and takes longer."""
    eyes: Literal["auto", "pretrained", "filters"] = "auto"
    """What a taught engine looks with: a network that was trained on photographs (the extra
    [pretrained]), or fixed filters; auto is the network where it is installed."""

    @model_validator(mode="after")
    def _complete(self) -> PrepareSection:
        # said when the station file is read, not minutes later when the engine is to be made
        if self.method == "quantize" and self.source is None:
            raise ValueError("source: expected the FP32 ONNX file to quantize, got none")
        return self


# one message for both: a union would tell twice what is wrong with a number
Threads = Annotated[int, Field(ge=1, le=THREADS_MAX)] | Literal["auto"]


class EngineSection(Section):
    """The engine of one view: a `model` file, or the installed engine that `bundle` names.

    Scores above `reject_above` reject, above `recheck_above` ask for a recheck; both
    are in the model's own unit. Left out, they are the ones that were proposed from
    good parts when the engine was made (the .json beside the model). A bundle brings its
    own, with its self-test; nothing is set or made for it here.
    """

    model: Path | None = None
    """The ONNX file with its card; or a bundle."""
    bundle: Annotated[str, Field(pattern=f"^{NAME}$")] | None = None
    """Name of an installed engine; or a model."""
    backend: Annotated[str, NameOf(BACKENDS, AUTO)] = AUTO
    """What runs it; auto is whichever is measured faster on this box."""
    threads: Threads = AUTO
    """Processor threads of one engine, 1 to 64; auto is whichever is measured faster beside the
    line, which keeps a core for itself."""
    cuda: Literal["auto", "cuda-bindings", "pycuda"] = "auto"
    """By which package TensorRT's GPU is reached; auto is cuda-bindings, or pycuda where that alone
    is there."""
    reject_above: float | None = None
    """Scores above it reject, in the model's own unit; left out, the card's limit."""
    recheck_above: float | None = None
    """Scores above it ask for a recheck; left out, the card's limit."""
    prepare: PrepareSection | None = None
    """How `gonogo prepare` makes the model on the box."""

    @model_validator(mode="after")
    def _one_source(self) -> EngineSection:
        # both would leave open which limits hold
        if (self.model is None) == (self.bundle is None):
            got = "neither" if self.model is None else "both"
            raise ValueError(
                f"expected either model (an ONNX file) or bundle (an installed engine), got {got}"
            )
        if self.bundle is not None:
            self._check_bundle()
        return self

    def _check_bundle(self) -> None:
        # limits are signed together with the engine; the station file is not
        for key in ("reject_above", "recheck_above"):
            if getattr(self, key) is not None:
                raise ValueError(
                    f"{key}: expected none with bundle, got one: limits come with the bundle"
                )
        if self.prepare is not None:
            raise ValueError(
                "prepare: expected none with bundle, got one: a bundle is made already"
            )

    @property
    def file(self) -> Path:
        """The model file; ModelError where a bundle is named instead."""
        if self.model is None:
            raise ModelError(
                f"bundle '{self.bundle}' is an installed engine, expected a model file here; "
                "bundles are made elsewhere, see `gonogo engines`"
            )
        return self.model


class ViewLimits(Section):
    """Score limits of one view's engine, as the supervisor read them from its card."""

    recheck_above: float
    reject_above: float
    engine_id: int | None = None  # None: the engine brings its own with its limits
    card: str = ""  # a digest of all that the card says
