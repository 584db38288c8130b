"""What the campaign breaks: one row a fault, in the words of docs/when-things-break.md.

`detect`: how the detection is timed:
    mode     from the injection (of a killed process: from the moment the kernel says that it
             has ended) to the change of mode
    part     from the injection (or the trigger of the first part after it) to that part's
             degraded or rejecting verdict
    refused  from the trigger of the first part that is not inspected to its verdict
    permit   from the injection to the loss of the permit at the PLC
    ""       there is nothing for the line to detect
"""

from __future__ import annotations

from typing import NamedTuple


class CampaignRow(NamedTuple):
    """One row; `for_s` is how long a fault is shown, `gap_ms` how long the PLC may be alone."""

    name: str
    what: str
    detect: str
    bound_ms: float | None
    for_s: float | None = None
    amount: float | None = None
    gap_ms: float = 0.0
    every: int = 1  # one injection for so many phases
    kills: str = ""  # the process whose end the row is about
    realtime: bool = False  # needs SCHED_FIFO
    rest_s: float = 0.0  # before each injection, for what is measured against a settled process
    ground: str = "plc"  # which station it is shown on (gonogo.proving.campaign.grounds)


BUDGET = 90.0  # ms, of the campaign's station
PITCH = 100.0  # ms
PERMIT_MS = 300.0  # three missed beats
GAP_MS = 500.0  # a line that was killed: the next verdict
HEAT_MS = 1000.0  # looked at every 200 ms there, by a process that steps back for everybody
STRANGER_MS = 1000.0  # a second station is found, and says so
STRANGER_GAP_MS = 8000.0  # the second one is there for a while, and gone for two seconds

ROWS: tuple[CampaignRow, ...] = (
    CampaignRow("engine-kill", "engine killed", "mode", 5.0, kills="engine A"),
    CampaignRow("engine-stop", "engine hung", "part", BUDGET),
    CampaignRow("engine-stop-go", "engine hung, then answers late", "part", BUDGET, 0.15),
    CampaignRow("engine-nan", "scores are not numbers", "part", BUDGET, 0.25),
    CampaignRow("engine-inf", "scores are infinite", "part", BUDGET, 0.25),
    CampaignRow("engine-constant", "every frame scores the same", "", None, 0.25, every=2),
    CampaignRow("engine-old-id", "answers to an older question", "part", BUDGET, 0.25),
    CampaignRow("engine-slow", "engine slow", "part", BUDGET, 0.25, 80.0),
    CampaignRow("engine-lost", "accelerator lost", "part", BUDGET, 0.3, every=2),
    CampaignRow("engine-leak", "memory leak", "mode", None, 1.5, 20.0, every=4, rest_s=6.0),
    CampaignRow("bundle-wrong", "corrupt, unsigned, truncated, swapped bundle", "", None,
                every=2, ground="bundles"),
    CampaignRow("loader-memory", "an engine needs more memory than it may", "", None, every=4,
                ground="bundles"),
    CampaignRow("engine-b-kill", "engine killed while it loads", "", None, every=4,
                ground="bundles"),
    CampaignRow("loader-kill", "loader killed while an engine loads", "", None, every=4,
                ground="bundles"),
    CampaignRow("engine-swap", "engines exchanged, there and back", "", None, every=4,
                ground="bundles"),
    CampaignRow("camera-lost", "camera lost", "part", BUDGET, 0.15),
    CampaignRow("camera-black", "black frame", "part", BUDGET, 0.15),
    CampaignRow("camera-frozen", "frozen frame", "part", BUDGET + PITCH, 0.25),
    CampaignRow("camera-duplicate", "old pixels as a new frame", "part", BUDGET + PITCH, 0.25),
    CampaignRow("camera-counter", "frame counter stands still", "part", BUDGET + PITCH, 0.25),
    CampaignRow("camera-torn", "missing packets", "part", BUDGET, 0.15),
    CampaignRow("camera-kill", "camera process killed", "part", BUDGET + PITCH, ground="camera"),
    CampaignRow("camera-stop", "camera process frozen", "part", BUDGET + PITCH, 0.35,
                ground="camera"),
    CampaignRow("camera-late", "each picture comes one part late", "part", BUDGET + PITCH, 0.25),
    CampaignRow("camera-of-two", "one of two cameras killed", "part", BUDGET + PITCH,
                every=2, ground="two cameras"),
    CampaignRow("camera-reset", "network camera switched off and on", "part", BUDGET + PITCH,
                1.0, every=4, ground="network camera"),
    CampaignRow("camera-region", "network camera set by another client", "part", BUDGET + PITCH,
                3.0, every=4, ground="network camera"),
    CampaignRow("camera-starved", "receiver of a network camera gets no processor", "", None, 0.5,
                every=2, realtime=True, ground="network camera"),
    CampaignRow("board-hot", "box too hot", "mode", HEAT_MS, 1.0, 120.0, every=2, ground="hot box"),
    CampaignRow("board-kill", "the process that watches the box killed", "", None, every=2,
                ground="hot box"),
    CampaignRow("board-stop", "the process that watches the box frozen", "", None, 0.5, every=2,
                ground="hot box"),
    CampaignRow("trigger-lost", "trigger lost", "", None, gap_ms=4 * PITCH),
    CampaignRow("trigger-double", "trigger double", "", None, 0.25, ground="photo-eye"),
    CampaignRow("overrate", "parts above the budgeted rate", "refused", BUDGET, 0.5, 22.0),
    CampaignRow("records-kill", "records process killed", "", None),
    CampaignRow("records-stop", "records process frozen", "", None, 0.5),
    CampaignRow("disk-full", "disk full", "", None, 0.5),
    CampaignRow("log-flood", "a process logs without end", "", None, 0.5),
    CampaignRow("clients", "200 clients on the control socket", "", None, 0.5),
    CampaignRow("plc-reset", "PLC connection reset", "permit", PERMIT_MS, gap_ms=GAP_MS),
    CampaignRow("plc-frozen", "PLC in STOP, TCP stays", "", None, 0.7, gap_ms=2000.0,
                every=2),
    CampaignRow("plc-silent", "half-open connection", "permit", PERMIT_MS, 0.7, gap_ms=2000.0,
                every=2),
    CampaignRow("plc-slow", "PLC answers 200 ms late", "", None, 0.7, 200.0, gap_ms=2500.0,
                every=2),
    CampaignRow("network", "a misfortune of the network, the next of a hundred", "", None, 0.7,
                gap_ms=2500.0),
    CampaignRow("second-station", "another station on the same PLC", "permit", STRANGER_MS,
                gap_ms=STRANGER_GAP_MS, every=50),
    CampaignRow("second-copy", "the same station again on the same PLC", "permit", STRANGER_MS,
                gap_ms=STRANGER_GAP_MS, every=50),
    CampaignRow("cpu-load", "all processor cores loaded", "", None, 0.5),
    CampaignRow("cpu-hog", "a hog of the line's own priority", "", None, 0.3, gap_ms=GAP_MS,
                realtime=True),
    CampaignRow("line-kill", "line killed", "permit", PERMIT_MS, gap_ms=GAP_MS, every=2),
    CampaignRow("line-stop", "line frozen", "permit", PERMIT_MS, gap_ms=GAP_MS, every=2),
    CampaignRow("line-abort", "line aborted", "permit", PERMIT_MS, gap_ms=GAP_MS, every=2),
    CampaignRow("memory-removed", "shared memory removed, and the station started again", "", None,
                1.5, every=2),
    CampaignRow("supervisor-kill", "supervisor killed and started again", "", None, every=2),
)  # fmt: skip

NOT_RUN: dict[str, str] = {
    "line killed with the ejector output on": "no PLC is there to judge it; shown by tests",
    "station file invalid": "shown by tests",
    "ordered stop while the database is held": "ends the station; shown by tests",
    "serial noise": "measured by `gonogo bench --only load_console_noise_p99`",
    "power cut in a write": "needs a virtual machine; enumerated by write index in tests",
    "clock step": "needs a time namespace or a virtual machine",
    "known bad part accepted": "needs an empty belt, and parts keep coming here; shown by tests",
    "screen hammered": "measured by `gonogo bench --only load_screen_p99`",
}
