"""What people said of parts, in words and as JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gonogo.console.show.local_time import local
from gonogo.records.dispositions.fit import typed
from gonogo.records.dispositions.labels import State, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gonogo.records.dispositions.figures import Figures
    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.dispositions.section import ReasonCodeSection

_COLUMNS = (("number", 6), ("said", 29), ("who", 12), ("part", 6), ("passed", 29), ("word", 13))
LIST_HEAD = "  ".join([name.ljust(width) for name, width in _COLUMNS] + ["code, note"])


def said_lines(some: Sequence[Disposition]) -> Iterator[str]:
    """Of one part: each word with its number, then what stands."""
    if not some:
        yield "  said     nothing yet"
        return
    for each in some:
        decides = ", which settles it" if each.decides else ""
        asked = "" if each.origin.name == "REVIEW" else f" ({each.origin.name.lower()})"
        note = f": {each.note}" if each.note else ""
        yield (
            f"  said     {each.number}: {typed(each.word)}{_code(each)} by {each.who}{asked}, "
            f"{local(each.wall_ms)}{decides}{note}"
        )
    yield f"  stands   {stands(some)}"


def stands(some: Sequence[Disposition]) -> str:
    """In words; `settled` and `decided` say what."""
    found = standing(some)
    if found.word is not None:
        by = f" by {found.word.who}" if found.state is State.DECIDED else ""
        return f"{found.state.value}{by}: {typed(found.word.word)}{_code(found.word)}"
    if found.state is State.DISPUTED:
        return "disputed: people differ, and a supervisor has to decide (--decide)"
    return str(found.state.value)


def standing_word(some: Sequence[Disposition]) -> str:
    """For a column: the word that counts, `disputed`, `unsure`, or ''."""
    found = standing(some)
    if found.word is not None:
        return typed(found.word.word)
    return "" if found.state is State.NONE else str(found.state.value)


def in_a_line(said: Disposition) -> str:
    """As LIST_HEAD has it."""
    about = " ".join(filter(None, (said.code, said.note)))
    cells = (
        str(said.number), local(said.wall_ms), said.who, str(said.part_id),
        local(said.part_wall_ms), typed(said.word),
    )  # fmt: skip
    padded = (cell.ljust(width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True))
    return "  ".join([*padded, about]).rstrip()


def as_json(said: Disposition) -> dict[str, Any]:
    """For programs; times are UTC ms."""
    plain = said._asdict()
    del plain["part"]
    means = None if said.means is None else said.means.value
    names = {
        "word": typed(said.word), "means": means, "origin": said.origin.name.lower(),
        "verdict": said.verdict.name, "reason": said.reason.name,
    }  # fmt: skip
    return {"run": said.part.run, "serial": said.part.serial} | plain | names


def code_lines(codes: Iterable[ReasonCodeSection], language: str | None = None) -> Iterator[str]:
    """Each code, what it means, and its text; without `language` in that of the terminal."""
    asked = language or os.environ.get("LANG", "en")[:2]
    for each in codes:
        yield f"  {each.code:<24}  {each.means.value:<7}  {each.text.of(asked)}"


def figure_lines(found: Figures) -> Iterator[str]:
    """Each share with its bounds, and what it is of."""
    none = "not known: "
    yield f"escape     {found.escape or none + 'nobody has answered about the audit sample'}"
    yield "           bad parts among the accepted ones of the audit sample"
    yield f"overkill   {found.overkill or none + 'nobody has looked at a reject'}"
    yield "           good parts among the rejects that people have looked at"
    for who, share in found.agreement.items():
        yield f"agreement  {who}: {share} of second audit answers were the first one again"
    if not found.agreement:
        yield "agreement  not known: nobody was asked a second time yet"
    states = ", ".join(f"{count} {state}" for state, count in sorted(found.standing.items()))
    yield f"parts      {states or 'none'}; {found.excluded} of them in neither share"


def figures_json(found: Figures) -> dict[str, Any]:
    """The same for programs; shares are 0 .. 1."""
    return {
        "escape": found.escape and found.escape._asdict(),
        "overkill": found.overkill and found.overkill._asdict(),
        "agreement": {who: share._asdict() for who, share in found.agreement.items()},
        "standing": dict(sorted(found.standing.items())),
        "excluded": found.excluded,
    }


def _code(said: Disposition) -> str:
    return f" ({said.code})" if said.code else ""
