"""One part in words: why it was judged as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.scores import SCORE_AT_LIMIT
from gonogo.console.show.local_time import local
from gonogo.console.show.part_table import acknowledged
from gonogo.console.show.picture_lines import picture_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gonogo.records.questions.details import Check, Details, Look, Shadow
    from gonogo.records.questions.part_row import PartRow

# as docs/error-codes.md has them, shorter
REASONS = {
    "OK": "nothing was wrong",
    "ENGINE": "the engine's score is above the reject limit",
    "ENGINE_DOUBT": "the engine's score is between the accept and the reject limit",
    "ENGINE_SILENT": "no score came in time",
    "ENGINE_DATA": "the engine's score cannot be trusted",
    "RULE": "a rule measured a value outside its limits",
    "RULE_BLIND": "a rule could not measure",
    "CAMERA": "no frame came in time",
    "FRAME": "a frame that cannot be trusted",
    "DEADLINE": "decided or delivered after the deadline",
    "OVERRATE": "the part came faster than the budget allows",
    "PART_ID": "a part id that repeats or runs backwards",
    "RECIPE": "the part came while the recipe was being changed",
    "TRIGGER": "edges were lost: which part this is cannot be known",
    "BELT": "the belt ran outside of its limits of speed",
    "MASTER_PART": "a known bad part would have passed, or no part may until one is right",
    "LINE_ENDED": "the line ended before the part was decided; what the PLC was told is not known",
}
_STAGES = {
    "frame_ms": "frame", "rules_ms": "rules", "engine_ms": "engine", "decided_ms": "decided",
    "reported_ms": "reported", "published_ms": "at the PLC", "acked_ms": "acknowledged",
}  # fmt: skip

_PASSED = "PASS"  # as the records call a rule that is within its limits


class Maker(NamedTuple):
    """Of which engine an id is: as the installed bundle or the card says."""

    name: str
    version: str
    signer: str

    def joined(self, other: Maker) -> Maker:
        """Either of the two, which share a model."""
        if str(other) in str(self):
            return self
        return Maker(f"{self} or {other.name}", other.version, other.signer)

    def __str__(self) -> str:
        version = f" {self.version}" if self.version else ""
        return f"{self.name}{version}, {self.signer}"


def in_lines(part: PartRow, about: Details, engines: Mapping[str, Maker]) -> Iterator[str]:
    """All that is known of it, the verdict first."""
    yield _verdict(part)
    yield f"  passed   {local(part.wall_ms)}, run {part.run}, serial {part.serial}"
    named = [f"{what} {text}" for what, text in _names(part) if text]
    if named:
        yield f"  named    {', '.join(named)}"
    yield f"  PLC      {acknowledged(part)}"
    yield from _judged(part)
    for look in about.looks:
        yield f"  view     {_look(look, engines)}"
    for check in about.checks:
        yield f"  rule     {_check(check)}"
    for shadow in about.shadows:
        yield f"  shadow   {_shadow(shadow, engines)}"
    for picture in about.pictures:
        yield from picture_lines(picture)
    yield f"  ms       {_stages(part)}"
    yield from _late(part)


def why_lines(part: PartRow, about: Details, engines: Mapping[str, Maker]) -> Iterator[str]:
    """Of the same what says why it was judged so.

    A rule within its limits says nothing of why another verdict than ACCEPT was given.
    """
    yield _verdict(part)
    yield from _master(part)
    for look in about.looks:
        yield f"  view     {_look(look, engines)}"
    for check in about.checks:
        if part.verdict == "ACCEPT" or check.status != _PASSED:
            yield f"  rule     {_check(check)}"
    yield from _late(part)


def _verdict(part: PartRow) -> str:
    why = REASONS.get(part.reason, part.reason)
    return f"part {part.part_id}: {part.shown}" + (f" {part.reason}: {why}" if why else "")


def _late(part: PartRow) -> Iterator[str]:
    if part.overrun:
        yield f"  late     the {part.overrun} stage ended after its own deadline"


def _names(part: PartRow) -> tuple[tuple[str, str], ...]:
    return ("lot", part.lot), ("serial number", part.serial_number)


def _judged(part: PartRow) -> Iterator[str]:
    if part.mode:
        yield (
            f"  judged   in mode {part.mode}, recipe {part.recipe}; score word {part.score} "
            f"(reject above {SCORE_AT_LIMIT}); rules alone {part.rules_alone}, "
            f"engine alone {part.engine_alone}"
        )
    yield from _master(part)


def _master(part: PartRow) -> Iterator[str]:
    if part.master_part:
        yield f"  master   shown as a known {part.master_part} part; answer {part.master_answer}"


def _look(look: Look, engines: Mapping[str, Maker]) -> str:
    seen = look.view if look.fault == "OK" else f"{look.view}: {look.fault}"
    if not look.engine_id:
        return f"{seen}: no score"
    trusted = "" if look.score_fault == "OK" else f" not trusted ({look.score_fault})"
    score = "-" if look.score is None else f"{look.score:.6g}"
    return f"{seen}: score {score}{trusted} by {_engine(look.engine_id, engines)}"


def _check(check: Check) -> str:
    value = "no value" if check.value is None else f"{check.value:.6g} {check.unit}"
    read = f'"{check.text}", ' if check.text else ""
    return f"{check.rule}: {check.status}, {read}{value} (expected {_span(check)})"


def _span(check: Check) -> str:
    if check.low is None and check.high is None:
        return "anything"
    if check.low is None:
        return f"at most {check.high:g} {check.unit}"
    if check.high is None:
        return f"at least {check.low:g} {check.unit}"
    return f"{check.low:g} to {check.high:g} {check.unit}"


def _shadow(shadow: Shadow, engines: Mapping[str, Maker]) -> str:
    score = "-" if shadow.score is None else f"{shadow.score:.6g}"
    said = shadow.verdict if shadow.reason == "OK" else f"{shadow.verdict} {shadow.reason}"
    return f"{shadow.view}: {said}, score {score} by {_engine(shadow.engine_id, engines)}"


def _engine(engine_id: str, engines: Mapping[str, Maker]) -> str:
    maker = engines.get(engine_id)
    return f"engine {engine_id}" + (f" ({maker})" if maker else "")


def _stages(part: PartRow) -> str:
    """Ms after the trigger; a stage that did not happen is left out."""
    stages = part.stages._asdict()
    found = [
        f"{name} {stages[key]:.1f}" for key, name in _STAGES.items() if stages[key] is not None
    ]
    end = stages["deadline_ms"]
    return ", ".join([*found, *([] if end is None else [f"deadline {end:.1f}"])])


def as_json(part: PartRow, about: Details, engines: Mapping[str, Maker]) -> dict[str, Any]:
    """The same for programs; times are UTC and ms after the trigger."""
    plain = part._asdict()
    del plain["place"]
    plain |= {"wall": part.wall, "why": REASONS.get(part.reason, part.reason)}
    plain |= {"delivery": part.delivery._asdict(), "stages": part.stages._asdict()}
    ids = {look.engine_id for look in about.looks} | {each.engine_id for each in about.shadows}
    return plain | {
        "views": [look._asdict() for look in about.looks],
        "rules": [check._asdict() for check in about.checks],
        "shadows": [shadow._asdict() for shadow in about.shadows],
        "pictures": [picture._asdict() for picture in about.pictures],
        "engines": {
            engine_id: engines[engine_id]._asdict() for engine_id in sorted(ids & set(engines))
        },
    }
