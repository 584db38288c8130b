"""What the layers of an engine compute in, in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.engines.backends.tensorrt.layers import INT8

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.engines.backends.tensorrt.layers import LayerReport

_WIDE = 60  # characters of a layer's name: TensorRT joins those of all that it has fused


def rows(file: Path, report: LayerReport) -> Iterator[str]:
    """The share in INT8 first, then a line for each layer."""
    if not report.detailed:
        yield (
            f"{file}: TensorRT tells the names of {len(report.layers)} layers and no more: remove "
            "the folder of plans, and have it built again"
        )
        return
    total = len(report.computing)
    yield (
        f"{file}: {report.counts[INT8]} of {total} layers that compute run in INT8 "
        f"({100 * report.int8_share:.0f} %)"
    )
    others = [f"{kind} {count}" for kind, count in report.counts.most_common() if kind != INT8]
    if others:
        yield f"  fell back: {', '.join(others)}"
    for layer in report.layers:
        what = "moves" if layer.moves else layer.computes_in
        yield f"  {what:<8} {layer.kind:<24} {_short(layer.name)}"


def _short(name: str) -> str:
    return name if len(name) <= _WIDE else f"{name[:_WIDE]}..."
