"""What is read from a HEF's streams, and what is refused of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import HefError
from gonogo.engines.backends.fit import Fit
from gonogo.engines.backends.hailo.streams import MAGIC, planes, read_hef, settle_streams
from gonogo.engines.backends.hailo.trailer import with_fit
from gonogo.ipc.frame_ring import EMBED_MAX
from gonogo.tests.vendors.hailo_fake.terms import FormatType

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = SimpleNamespace(FormatType=FormatType)


class Model:
    """Streams as a HEF has them; `original`: names that outputs had before they were compiled."""

    def __init__(
        self,
        outputs: dict[str, tuple[int, ...]],
        *,
        image: tuple[int, ...] = (16, 24, 3),
        scale: float = 1.0,
        inputs: int = 1,
        nms: bool = False,
        original: dict[str, list[str]] | None = None,
    ) -> None:
        self.inputs = [_stream(f"net/input_layer{k + 1}", image, scale) for k in range(inputs)]
        self.outputs = [_stream(name, shape, 0.02, nms=nms) for name, shape in outputs.items()]
        self.input_names = [each.name for each in self.inputs]
        self.batch = 0
        self._original = original or {}
        self.hef = self

    def get_original_names_from_vstream_name(self, name: str) -> list[str]:
        """Of HEF."""
        return self._original.get(name, [])

    def input(self, name: str) -> Any:  # noqa: ANN401 - a stream
        """The input of that name."""
        return next(each for each in self.inputs if each.name == name)

    def set_batch_size(self, size: int) -> None:
        """Noted."""
        self.batch = size


def _stream(name: str, shape: tuple[int, ...], scale: float, *, nms: bool = False) -> Any:  # noqa: ANN401 - a stream
    stream = SimpleNamespace(
        name=name, shape=list(shape), is_nms=nms, kind="auto",
        quant_infos=[SimpleNamespace(qp_zp=0.0, qp_scale=scale)],
    )  # fmt: skip
    stream.set_format_type = lambda kind: setattr(stream, "kind", kind)
    return stream


def test_streams_become_a_contract_by_their_last_names(tmp_path: Path) -> None:
    """Score, map and embedding; planes come first there, and last on the chip."""
    model = Model({"net/score": (1,), "net/anomaly_map": (8, 12, 2), "net/embedding": (1, 1, 64),
                   "net/other": (3,)})  # fmt: skip
    streams = settle_streams(model, RUNTIME, tmp_path)
    contract = streams.contract
    assert contract.image.shape == (1, 3, 16, 24)
    assert (contract.score.name, contract.score.shape) == ("net/score", (1, 1))
    assert contract.map is not None
    assert contract.map.shape == (1, 2, 8, 12)
    assert contract.classes == 2
    assert contract.embedding is not None
    assert contract.shapes == (8, 12, 64)
    assert set(streams.outputs) == {each.name for each in model.outputs}, "all get a buffer"
    assert {each.kind for each in model.outputs} == {FormatType.FLOAT32}
    assert model.batch == 1


@pytest.mark.parametrize(
    ("scale", "dtype", "kind"), [(1.0, np.uint8, "uint8"), (1 / 255, np.float32, "float32")]
)
def test_streams_give_pixels_as_they_are_where_the_chip_takes_them_so(
    tmp_path: Path, scale: float, dtype: type[np.generic], kind: str
) -> None:
    """With another quantization the bytes of a frame would be other numbers to the chip."""
    model = Model({"net/score": (1,)}, scale=scale)
    assert settle_streams(model, RUNTIME, tmp_path).contract.dtype is dtype
    assert model.inputs[0].kind == kind


def test_streams_are_known_by_the_names_that_they_had(tmp_path: Path) -> None:
    """The compiler calls layers as it likes, and remembers what they were called."""
    original = {"net/fc1": ["/head/pred_score"], "net/conv7": ["anomaly_map", "Conv_7"]}
    model = Model({"net/conv7": (8, 8, 1), "net/fc1": (1,)}, original=original)
    contract = settle_streams(model, RUNTIME, tmp_path).contract
    assert contract.score.name == "net/fc1"
    assert contract.map is not None
    assert contract.map.name == "net/conv7"


def test_streams_with_one_output_need_no_name(tmp_path: Path) -> None:
    """It can only be the score."""
    contract = settle_streams(Model({"net/conv9": (1, 1, 4)}), RUNTIME, tmp_path).contract
    assert (contract.score.name, contract.score.shape) == ("net/conv9", (1, 4))


def test_streams_leave_out_an_embedding_that_is_too_long(tmp_path: Path) -> None:
    """As of any model."""
    model = Model({"net/score": (1,), "net/embedding": (EMBED_MAX + 1,)})
    assert settle_streams(model, RUNTIME, tmp_path).contract.embedding is None


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Model({"net/a": (1,), "net/b": (1,)}), r"no score among the outputs \(net/a, net/b\)"),
        (Model({"net/score": (1,)}, inputs=2), "2 inputs"),
        (Model({"net/score": (1,)}, image=(16, 24, 4)), "is 16 x 24 x 4, expected height"),
        (Model({"net/score": (1,)}, image=(1000,)), "is 1000, expected height"),
        (Model({"net/score": (5, 100)}, nms=True), "a list of boxes"),
        (Model({"net/score": (1,), "net/anomaly_map": (64,)}), "'net/anomaly_map' is 64"),
    ],
)
def test_streams_that_cannot_judge_parts_are_refused(
    tmp_path: Path, model: Model, says: str
) -> None:
    """Each with what was found and what was expected."""
    with pytest.raises(HefError, match=f"GN385: .*{says}"):
        settle_streams(model, RUNTIME, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x08\x08\x12\x04onnx", None])
def test_read_hef_refuses_what_is_none_before_any_chip_is_opened(
    tmp_path: Path, content: bytes | None
) -> None:
    """An ONNX file, an empty one, none at all."""
    path = tmp_path / "a.hef"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HefError, match=r"GN385: .*a\.hef"):
        read_hef(path)


def test_read_hef_takes_off_what_stands_behind_it(tmp_path: Path) -> None:
    """HailoRT gets the compiler's bytes; a trailer that nobody knows is a HEF that nobody knows."""
    path = tmp_path / "a.hef"
    path.write_bytes(with_fit(MAGIC, Fit("letterbox")))
    assert read_hef(path) == (MAGIC, Fit("letterbox"))
    path.write_bytes(path.read_bytes().replace(b"letterbox", b"letterfox"))
    with pytest.raises(HefError, match=r"GN385: .*a\.hef.*gonogo\.fit is 'letterfox'"):
        read_hef(path)


def test_planes_come_first() -> None:
    """Of what has any."""
    assert planes(np.zeros((4, 5, 2), np.float32)).shape == (2, 4, 5)
    assert planes(np.zeros(7, np.float32)).shape == (7,)
