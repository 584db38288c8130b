"""What a driver of your own is held against: the conformance suites that ours pass (pytest).

    a camera               gonogo.testing.cameras.CameraContract
    a trigger              gonogo.testing.triggers.TriggerContract
    a PLC transport        gonogo.testing.transports.TransportContract
    a rule                 gonogo.testing.rules.RuleContract
    an inference backend   gonogo.testing.backends.BackendContract

Inherit the one of your kind, and give it the fixtures that its docstring names.
"""

from __future__ import annotations

import pytest

# before any of them is imported: what pytest shows of an assert that fails, it writes at import
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{suite}"
        for suite in (
            "backends",
            "cameras",
            "memory",
            "rules",
            "sections",
            "transports",
            "triggers",
        )
    )
)
