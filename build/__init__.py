"""Makes engines on the box: teach from good parts, quantize, prepare a station."""

import gonogo.engines  # noqa: F401 - before ONNX Runtime: it says there why
