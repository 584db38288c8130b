"""Which modules are mutated, and which tests must notice: one line a module.

Tests are paths from the root of the checkout; `*` stands for whatever it fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODULES: dict[str, tuple[str, ...]] = {
    "runtime/decide.py": ("tests/runtime/test_decide*.py",),
    "runtime/budget.py": ("tests/runtime/test_budget*.py",),
    "runtime/acquire.py": (
        "tests/runtime/test_acquire*.py",
        "tests/runtime/test_frame_trust.py",
    ),
    "runtime/frame_trust.py": (
        "tests/runtime/test_frame_trust.py",
        "tests/runtime/test_acquire*.py",
    ),
    "rules/image_trust/sample.py": ("tests/rules/image_trust/test_sample.py",),
    "rules/image_trust/place.py": ("tests/rules/image_trust/test_place.py",),
    "rules/image_trust/limits.py": ("tests/rules/image_trust/test_limits.py",),
    "rules/image_trust/learnt_file.py": ("tests/rules/image_trust/test_learnt_file.py",),
    "base/sealed_file.py": ("tests/rules/image_trust/test_learnt_file.py",),
    "ipc/frame_ring.py": ("tests/ipc/test_frame_ring*.py",),
    "runtime/loop.py": ("tests/runtime/test_loop*.py",),
    "ipc/refusals.py": ("tests/ipc/test_refusals*.py", "tests/runtime/test_loop*.py"),
    "base/doorbell.py": ("tests/base/test_doorbell*.py",),
    "runtime/engine_client.py": ("tests/runtime/test_engine_client*.py",),
    "runtime/engine_requests.py": ("tests/runtime/test_engine_client*.py",),
    "ipc/peer_process.py": (
        "tests/ipc/test_peer_process.py",
        "tests/runtime/test_engine_client*.py",
    ),
    "runtime/engine_host.py": ("tests/runtime/test_engine_client*.py",),
    "runtime/engine_switch.py": (
        "tests/runtime/test_engine_switch*.py",
        "tests/runtime/test_engine_trust.py",
    ),
    "runtime/engine_trust.py": (
        "tests/runtime/test_engine_trust.py",
        "tests/runtime/test_engine_switch*.py",
    ),
    "runtime/changeover.py": ("tests/runtime/test_changeover.py",),
    "runtime/part_book.py": ("tests/runtime/test_loop*.py",),
    "runtime/status.py": ("tests/runtime/test_loop*.py",),
    "runtime/master_part.py": ("tests/runtime/test_master_part.py",),
    "runtime/master_due.py": (
        "tests/runtime/test_master_due.py",
        "tests/runtime/test_master_trial.py",
    ),
    "runtime/master_trial.py": (
        "tests/runtime/test_master_trial.py",
        "tests/runtime/test_loop_wiring.py",
    ),
    "ipc/master_part.py": ("tests/ipc/test_master_part*.py",),
    "ipc/master_part_file.py": ("tests/ipc/test_master_part_file.py",),
    "records/gates.py": ("tests/records/test_gates.py",),
    "ipc/engine_queue.py": ("tests/ipc/test_engine_queue*.py",),
    "runtime/engine_pace.py": ("tests/runtime/test_engine_pace*.py",),
    "runtime/engine_relapse.py": (
        "tests/runtime/test_engine_relapse.py",
        "tests/runtime/test_loop_heat.py",
    ),
    "runtime/board_heat.py": ("tests/runtime/test_board_heat.py",),
    "drivers/board/watch.py": ("tests/drivers/board/test_watch.py",),
    "drivers/board/limits.py": ("tests/drivers/board/test_limits.py",),
    "engines/serving/golden.py": ("tests/engines/serving/test_golden*.py",),
    "runtime/modes.py": ("tests/runtime/test_modes*.py", "tests/runtime/test_own_eye.py"),
    "plc/handshake/handshake.py": (
        "tests/plc/handshake/test_handshake*.py",
        "tests/plc/handshake/test_strangers.py",
    ),
    "plc/handshake/part_ids.py": (
        "tests/plc/handshake/test_part_ids.py",
        "tests/plc/handshake/test_handshake*.py",
    ),
    "plc/handshake/outbox.py": (
        "tests/plc/handshake/test_outbox*.py",
        "tests/plc/handshake/test_handshake*.py",
    ),
    "plc/link/link.py": ("tests/plc/link/test_link.py",),
    "plc/link/handover.py": ("tests/plc/link/test_handover.py", "tests/plc/link/test_link*.py"),
    "plc/link/link_thread.py": (
        "tests/plc/link/test_link*.py",
        "tests/plc/link/test_lookout.py",
        "tests/plc/test_two_stations.py",
    ),
    "plc/belt.py": ("tests/plc/test_belt.py", "tests/plc/test_reject_tracker*.py"),
    "plc/reject_tracker.py": ("tests/plc/test_reject_tracker*.py",),
    "engines/bundles/bundle_file.py": (
        "tests/engines/bundles/test_bundle_file.py",
        "tests/engines/bundles/test_read*.py",
    ),
    "engines/bundles/payload.py": (
        "tests/engines/bundles/test_payload.py",
        "tests/engines/bundles/test_read*.py",
    ),
    "engines/bundles/admission.py": (
        "tests/engines/bundles/test_admission.py",
        "tests/engines/bundles/test_read*.py",
    ),
    "engines/bundles/read.py": ("tests/engines/bundles/test_read*.py",),
    "engines/installed/registry.py": ("tests/engines/installed/test_registry*.py",),
    "engines/installed/install.py": (
        "tests/engines/installed/test_install.py",
        "tests/engines/installed/test_registry*.py",
    ),
    "records/store.py": ("tests/records/test_store*.py", "tests/records/test_durability*.py"),
    "records/database.py": (
        "tests/records/test_database.py",
        "tests/records/test_store*.py",
        "tests/records/test_durability*.py",
    ),
    "records/rows.py": ("tests/records/test_rows*.py", "tests/records/test_store*.py"),
}


def tests_of(root: Path, module: str) -> list[str]:
    """The test files of a module, as paths from `root`; LookupError when there is none."""
    found = [
        str(path.relative_to(root)) for each in MODULES[module] for path in sorted(root.glob(each))
    ]
    if not found:
        raise LookupError(f"{module}: none of {', '.join(MODULES[module])} is there; see table.py")
    return list(dict.fromkeys(found))
