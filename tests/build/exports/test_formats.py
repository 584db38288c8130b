"""Other formats are called what they are, whatever their ending."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import ModelError, OtherFormat
from gonogo.build.exports.formats import other_protobuf, refuse_others
from gonogo.engines.bundles.header import MAGIC
from gonogo.tests.build.exports import odd

if TYPE_CHECKING:
    from pathlib import Path


def zipped(*names: str) -> bytes:
    """A zip with such members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(name, b"x")
    return file.getvalue()


def tarred() -> bytes:
    """A tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("model.onnx"))
    return file.getvalue()


def arrays() -> bytes:
    """NumPy's archive."""
    file = io.BytesIO()
    np.savez(file, np.zeros(2))
    return file.getvalue()


def safetensors() -> bytes:
    """A header in JSON behind its length."""
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(4)


def ultralytics_engine() -> bytes:
    """JSON of Ultralytics in front of a plan."""
    header = json.dumps({"description": "Ultralytics YOLO11n"}).encode()
    return len(header).to_bytes(4, "little") + header + b"ftrt" + bytes(100)


def picture(ending: str) -> bytes:
    """As OpenCV writes it."""
    return bytes(cv2.imencode(ending, np.zeros((8, 8, 3), np.uint8))[1])


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "an empty file"),
    "zeros": (bytes(9000), "a file of zeros"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"),
    "html": (b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>", "an HTML page"),
    "openvino": (b'<?xml version="1.0"?>\n<net name="main" version="11">', "an OpenVINO IR"),
    "xml": (b"<?xml version='1.0'?><a/>", "an XML file"),
    "json": (b'{"format_version": 1}', "a JSON file"),
    "text": (b"score,label\n0.1,good\n", "a text file"),
    "torchscript": (zipped("m/data.pkl", "m/constants.pkl", "m/code/x.py"), "a TorchScript model"),
    "checkpoint": (zipped("best/data.pkl", "best/data/0"), "a PyTorch checkpoint"),
    "pt2": (zipped("m/archive_format", "m/models/model.json"), r"torch.export \(.pt2\)"),
    "old": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M", "a PyTorch checkpoint"),
    "pickle": (pickle.dumps({"a": 1}), "a Python pickle"),
    "pickled weights": (pickle.dumps({"module": "torch.nn"}), "a PyTorch checkpoint"),
    "keras": (zipped("config.json", "model.weights.h5"), r"a Keras model \(.keras\)"),
    "h5": (b"\x89HDF\r\n\x1a\n" + bytes(50), "an HDF5 file"),
    "mlpackage": (zipped("Data/com.apple.CoreML/model.mlmodel"), "a Core ML package"),
    "npz": (arrays(), r"a NumPy archive \(.npz\)"),
    "npy": (b"\x93NUMPY\x01\x00", "a NumPy array"),
    "zip": (zipped("readme.txt"), "a zip archive; unpack|a zip archive, expected"),
    "zipped model": (zipped("out/model.onnx"), "a zip archive that holds out/model.onnx"),
    "cut zip": (zipped("m/data.pkl")[:40], "a zip archive that is cut off"),
    "safetensors": (safetensors(), "a SafeTensors file"),
    "tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(40), "a TFLite model"),
    "ort": (b"\x1c\x00\x00\x00ORTM" + bytes(40), "ONNX Runtime's own format"),
    "hef": (b"\x01HEF" + bytes(40), "a HEF"),
    "plan": (b"ftrt" + bytes(40), "a TensorRT plan"),
    "engine": (ultralytics_engine(), "a TensorRT plan"),
    "rknn": (b"RKNN" + bytes(40), "an RKNN model"),
    "ncnn": (b"7767517\n75 83\nInput in0 0 1 in0\n", "an ncnn model"),
    "png": (picture(".png"), "an image"),
    "jpg": (picture(".jpg"), "an image"),
    "bmp": (picture(".bmp"), "an image"),
    "gzip": (gzip.compress(b"x" * 50), "a packed archive"),
    "tar": (tarred(), "a packed archive"),
    "bundle": (MAGIC + bytes(40), "a bundle that is built already"),
}


@pytest.mark.parametrize("name", FILES)
def test_refuse_others_calls_a_file_what_it_is(tmp_path: Path, name: str) -> None:
    """By its content, though it is called model.onnx; with what to do about it."""
    path = tmp_path / "model.onnx"
    path.write_bytes(FILES[name][0])
    with pytest.raises(OtherFormat, match=FILES[name][1]) as refused:
        refuse_others(path)
    assert f"{path} is a" in str(refused.value)
    assert "; " in str(refused.value)


def test_refuse_others_lets_onnx_pass_whatever_it_is_called(tmp_path: Path) -> None:
    """The ending says nothing."""
    refuse_others(odd.save(tmp_path / "model.pt", odd.plain()))


@pytest.mark.parametrize(
    ("beside", "own", "message"),
    [
        ("model.xml", "model.bin", r"a part of an OpenVINO IR \(its"),
        ("model.param", "model.bin", r"a part of an ncnn model \(its"),
        ("model.onnx", "model.onnx.data", r"a part of model.onnx \(its"),
    ],
)
def test_refuse_others_tells_weights_by_their_neighbour(
    tmp_path: Path, beside: str, own: str, message: str
) -> None:
    """They have no form of their own."""
    (tmp_path / beside).write_bytes(b"x")
    (tmp_path / own).write_bytes(b"\x0b\xffweights\xfe\xff")
    with pytest.raises(ModelError, match=message):
        refuse_others(tmp_path / own)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("saved_model.pb",), "a TensorFlow SavedModel"),
        (("best.xml", "best.bin"), "a folder with an OpenVINO IR"),
        (("model.ncnn.param",), "a folder with an ncnn model"),
        (("a.onnx",), "a folder, expected an ONNX model; give .*a.onnx"),
        ((), "a folder, expected an ONNX model"),
    ],
)
def test_refuse_others_looks_into_a_folder(
    tmp_path: Path, names: tuple[str, ...], message: str
) -> None:
    """Some tools export one."""
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelError, match=message):
        refuse_others(tmp_path)


def test_refuse_others_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    """With the reason of the system."""
    with pytest.raises(ModelError, match="No such file"):
        refuse_others(tmp_path / "none.onnx")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"\x08\x01\x12\x10serving_default serve", "a TensorFlow SavedModel"),
        (b"\n\x10\n\x05input\x12\x0bPlaceholder", r"a TensorFlow graph \(.pb\)"),
        (b"\x08\x04\x12\x20com.github.apple.coremltools", "a Core ML model"),
        (b"\n\x07AlexNet\x12\x0bConvolution", "a Caffe model"),
        (b"\x08\x08\x12\x07", "not a whole ONNX file"),
    ],
)
def test_other_protobuf_guesses_by_its_words(tmp_path: Path, head: bytes, message: str) -> None:
    """Nearly any bytes are some protobuf message."""
    path = tmp_path / "m.onnx"
    path.write_bytes(head)
    assert message.replace("\\", "") in str(other_protobuf(path, "why"))
