"""The screen of a scene, served by a process of its own: it may be stopped and go on."""

from __future__ import annotations

import sys

from gonogo.console.screen.plan import ScreenPlan
from gonogo.console.screen.process import show
from gonogo.tests.console.screen.reviewed import Everybody

if __name__ == "__main__":
    access = Everybody() if sys.argv[2:] == ["everybody"] else None
    show(ScreenPlan.model_validate_json(sys.argv[1]), lambda _: False, access)
