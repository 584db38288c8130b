"""The screen of a scene, served by a process of its own: it may be stopped and go on."""

from __future__ import annotations

import sys

from gonogo.console.screen.plan import ScreenPlan
from gonogo.console.screen.process import show

if __name__ == "__main__":
    show(ScreenPlan.model_validate_json(sys.argv[1]), lambda _: False)
