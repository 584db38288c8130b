"""Inference: backends, the engine host process, and the line's side of it.

A station speaks to its PLC and to nobody else. Both inference libraries would, from threads
within the engine process: ONNX Runtime from 1.29 on tells its maker what models are run,
OpenVINO's package that it was imported. They hear that they shall not only before they are
imported, which is done here and in `gonogo.build` alone; so this is the place to say it.
Sources: ONNX Runtime, pull request 27379, "Add POSIX telemetry"; openvino.tools.ovc, which does
without the package `openvino_telemetry` where that is missing.
"""

import os
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: "not to be had"
