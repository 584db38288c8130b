"""Which engines a station takes, from whom, and how carefully it changes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section


class EnginesSection(Section):
    """`[engines]`: signed bundles instead of model files, exchanged while parts flow.

    `folder`: where they are installed (`gonogo engines install`). `trust`: public key
    files of their makers. `allow_unsigned`: take bundles that nobody signed, for trials;
    the PLC is warned. `memory_mb`: what loading one may take. `shadow_parts`: judged in
    shadow before one may be activated. `trial_parts`: watched after it was, with the old one
    ready to judge again. `keep_warm_s`: how long that one stays loaded.
    """

    folder: Path
    trust: tuple[Path, ...] = ()
    allow_unsigned: bool = False
    memory_mb: Annotated[int, Field(ge=50, le=1_000_000)] = 2000
    load_limit_s: Annotated[float, Field(ge=5, le=3600)] = 120.0
    shadow_parts: Annotated[int, Field(ge=1, le=100_000)] = 50
    trial_parts: Annotated[int, Field(ge=1, le=100_000)] = 100
    keep_warm_s: Annotated[float, Field(ge=1, le=86_400)] = 600.0
