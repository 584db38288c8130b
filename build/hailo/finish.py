"""The form for a Hailo chip of an engine that is built: compiled at once, or what is to be typed.

Its row in the table of forms is gonogo.build.forms.HAILO. It comes last, into a bundle that is
whole without it: what fails here costs nothing of what was proven.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError, NotProven
from gonogo.build.forms import HAILO
from gonogo.build.hailo.adopt import add_hef
from gonogo.build.hailo.folder import commands, compile_here, compiler_is_here, folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.goodparts import Progress
    from gonogo.build.hailo.adopt import Compiled
    from gonogo.build.label import Label
    from gonogo.engines.bundles.keys import PrivateKey


class Finished(NamedTuple):
    """Its form in the bundle, or why it is not, and what there is to type."""

    folder: Path
    compiled: Compiled | None = None
    unproven: str = ""
    to_type: tuple[str, ...] = ()


def check_compiler(*, required: bool) -> None:
    """BuildError where the form is required, and nothing here can make it."""
    if required and not compiler_is_here():
        raise BuildError(
            f"--require {HAILO.name}: Hailo's compiler is not installed here; install it, or build "
            "without: --target leaves a folder for it"
        )


def finish(
    label: Label, out: Path, target: str, *, key: PrivateKey | None, progress: Progress
) -> Finished:
    """Compile what lies beside the bundle `out`, and add it; BuildError if the compiler fails."""
    folder = folder_of(out, target)
    if not compiler_is_here():
        return Finished(folder, to_type=tuple(commands(folder, out)))
    what = f"{target}: Hailo's compiler is at work, minutes to hours"
    progress(what, 0, 1)
    compile_here(folder)
    progress(what, 1, 1)
    try:
        _, compiled = add_hef(out, folder, label, out, key=key)
    except NotProven as error:
        return Finished(folder, unproven=str(error.args[0]))
    return Finished(folder, compiled)
