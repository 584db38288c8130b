"""All that a write needs, found good before its first byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.flash.disk import MIB

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.contents import Contents
    from gonogo.build.flash.disk import Disk
    from gonogo.build.flash.image import Image, Payload
    from gonogo.build.flash.plan import Plan
    from gonogo.build.flash.report import Steps
    from gonogo.build.flash.targets import Target
    from gonogo.build.flash.writer import Written


class Ready(NamedTuple):
    """`disk` is held: nobody else writes. `resumes`: what stands there already is not written."""

    target: Target
    disk: Disk
    found: Contents
    image: Image
    payload: Payload
    plan: Plan
    steps: Steps
    scratch: Path
    resumes: bool

    def kept(self, done: Written) -> str:
        """How a step of writing ends."""
        if not self.resumes:
            return "done"
        return f"done, {done.kept_bytes / MIB:.1f} MiB of it stood there already"
