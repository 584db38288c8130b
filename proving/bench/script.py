"""The script that most people would write, as a second control: one loop, library defaults."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import cv2
import onnxruntime as ort
from pymodbus.client import ModbusTcpClient

from gonogo.config.view import rules_of
from gonogo.proving.bench.station import pictures
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.config.station import Station

RECORD_AT, RES_SEQ = 32, 12  # D words: one record, always the same slot


def script_times(
    station: Station, parts: int, pace_s: float, folder: Path, threads: int = 0
) -> list[float]:
    """Milliseconds a part: copy the frame, resize, infer, check the same rules, write.

    `threads`: of its session; 0 is the library's default, every core that it finds.
    """
    view = station.view[0]
    rules = RuleSet([rules_of(view)], [view.camera.geometry], folder)
    options = ort.SessionOptions()  # library defaults, as the script has them
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(view.engine.model if view.engine else ""), options)
    frames = pictures(station)
    # a PLC that takes what is written, and judges nothing
    plan = simulator_plan(station, 1, folder / "script.jsonl")
    with simulator(plan), ModbusTcpClient(plan.host, port=plan.port) as plc:
        return [_part(frames[k % len(frames)], session, rules, plc, pace_s) for k in range(parts)]


def _part(
    shown: NDArray[np.uint8],
    session: Any,  # noqa: ANN401 - an untyped library
    rules: RuleSet,
    plc: ModbusTcpClient,
    pace_s: float,
) -> float:
    time.sleep(pace_s)  # before the clock runs: at the pace of the parts
    side = tuple(session.get_inputs()[0].shape[2:])
    start_ns = time.monotonic_ns()
    frame = shown.copy()  # as a camera's buffer is copied before it is used
    # plain bilinear: what people write, and not what the engine was taught with
    small = cv2.cvtColor(cv2.resize(frame, side), cv2.COLOR_BGR2RGB)
    scores = session.run(["score"], {"image": small.transpose(2, 0, 1)[None]})
    checks = rules.check([frame])
    # any fixed limit will do: what it decides is not measured
    verdict = 1 if scores[0].item() < 1 and not any(c.status for c in checks) else 2
    # two writes, as a record must be whole before RES_SEQ names it
    plc.write_registers(RECORD_AT, [1, 1, verdict, 0, 0, 0, 0, 1], device_id=1)
    plc.write_register(RES_SEQ, 1, device_id=1)
    return (time.monotonic_ns() - start_ns) / 1e6
