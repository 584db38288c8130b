"""The file of the charts: a station restarts, and its reference stays.

A sealed JSON (gonogo.base.sealed_file). A torn, edited or foreign one is not used: DriftStateError
says so, and all charts are LEARNING anew. The reference is kept as the hours it was made of, and
made again from them; of the hour that was going on nothing is kept.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.base import strict_json
from gonogo.base.errors import DriftStateError
from gonogo.base.sealed_file import SealedFile
from gonogo.base.section import Section
from gonogo.records.drift.embedded import FIRST, LONGEST
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.view_charts import RECENT
from gonogo.records.drift.watch import CHARTS, RESTARTS

VERSION = 1
SAID = 64  # reasons of which a shift said something
MAX_BYTES = 256 << 20  # all that CHARTS sets can hold; with embeddings of 64 numbers it is 20 MB
AGAIN = "all charts of drift are LEARNING anew; keep the file if you want to know why"

Whole = Annotated[int, Field(ge=0, lt=1 << 63)]
Short = Annotated[str, Field(max_length=200)]
Floats = Annotated[str, Field(max_length=16 * LONGEST // 3 + 8)]  # float32 in base64
Rows = Annotated[str, Field(max_length=8 * LONGEST * FIRST // 3 + 8)]  # float16 in base64


class SavedHour(Section):
    """A summary."""

    number: Whole
    wall_s: float
    rejects: tuple[Whole, Whole]
    accepted: Floats
    trusted: Floats
    features: Floats
    embeddings: Whole
    looks: tuple[float | None, float | None, float | None]
    parts: Annotated[tuple[tuple[Whole, Whole], ...], Field(max_length=3)]
    places: Floats


class SavedChart(Section):
    """Where a weighted mean stood."""

    signal: Signal
    z: float
    x: float
    since: Whole
    alarmed: bool


class SavedMap(Section):
    """What the random features follow from."""

    shift: Floats
    scale: Floats
    bandwidth: Annotated[float, Field(gt=0)]


class SavedSample(Section):
    """What a map of random features is going to be made of; `length`: numbers of a row."""

    rows: Rows
    length: Annotated[int, Field(ge=0, le=LONGEST)]
    seen: Whole
    hours: Annotated[int, Field(ge=0, le=1 << 31)]


class SavedCharts(Section):
    """One set of charts."""

    conditions: tuple[Short, Short, int, float]
    number: Whole
    learnt: Annotated[tuple[SavedHour, ...], Field(max_length=HOURS)]
    recent: Annotated[tuple[SavedHour, ...], Field(max_length=RECENT)]
    charts: tuple[SavedChart, ...]
    map: SavedMap | None
    sample: SavedSample


class SavedRestart(Section):
    """Who began a reference anew."""

    conditions: tuple[Short, Short, int, float]
    who: Short
    why: Short
    wall_s: float


class SavedMark(Section):
    """Up to which part the charts were fed."""

    run: Annotated[str, Field(max_length=200)]
    part: Annotated[int, Field(ge=-1, lt=1 << 63)]
    wall_ms: Annotated[int, Field(gt=-1 << 62, lt=1 << 62)]


class SavedSaid(Section):
    """What a shift said of overrides or reviews."""

    view: Short
    reason: Short
    wall_s: float
    signal: Signal
    share: float
    low: float
    high: float
    alarmed: bool


class SavedWatch(Section):
    """The file."""

    version: Literal[1] = 1
    watched: Annotated[tuple[SavedCharts, ...], Field(max_length=CHARTS)]
    restarts: Annotated[tuple[SavedRestart, ...], Field(max_length=RESTARTS)]
    dropped: Whole
    mark: SavedMark | None = None
    said: Annotated[tuple[SavedSaid, ...], Field(max_length=SAID)] = ()


FILE = SealedFile(
    SavedWatch, strict_json.seal_of("gonogo drift"), VERSION, MAX_BYTES, DriftStateError, AGAIN
)
