"""Inference: backends, the engine host process, and the line's side of it.

Nothing that a station uses may speak to anybody but the PLC, and nothing but the records
may write: from 1.29 on ONNX Runtime on Linux has threads that collect what models are run
and send it to its maker, from within the engine process, unless it is told not to before it
is imported. It is imported here and in `gonogo.build` only, and so it is told here.
Source: ONNX Runtime, pull request 27379, "Add POSIX telemetry".
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
