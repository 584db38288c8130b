"""What people's labels say of two engines, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.paired import PAIRS_MAX, Answer
from gonogo.commands.labelled import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.labelled import Held, Labelled

NO_LABELS = "no part of these has a label of a person: which engine is right is not yet known"
_OF = {Fault.ESCAPES: "defects", Fault.OVERKILL: "good parts"}
BIAS = (
    "these labels are biased: people see what the active engine did not accept, and there the "
    "shadow can only do better on good parts and worse on defects"
)


def label_lines(found: Labelled) -> Iterator[str]:
    """How often each is wrong, whether the shadow is better, and what would tell."""
    yield (
        f"labels of people: {found.good} good parts and {found.defects} defects that both judged "
        f"({found.audit} of the audit sample)"
    )
    plain = found.plain
    yield (
        f"  of these parts the active engine alone is wrong in {plain.first}, the shadow alone in "
        f"{plain.second}: {on_labels(plain.answer)} (exact McNemar test, p = {plain.p:.3g})"
    )
    for held in found.held:
        yield f"  {_wrong(held)}: {_answer(held)}"
    if found.biased:
        yield f"  {BIAS}"
    yield f"of all parts: {_in_all(found)}"
    for held in found.held:
        if held.answer is Answer.UNKNOWN:
            yield f"  to know more of {held.fault.value}: {_wanted(held)}"


def on_labels(answer: Answer) -> str:
    """Of the labelled parts alone."""
    if answer is Answer.UNKNOWN:
        return "which is better is not yet known"
    return f"on them the shadow is {answer.value}"


def _wrong(held: Held) -> str:
    return (
        f"{held.fault.value}, of {held.of} {_OF[held.fault]}: active {held.active}, "
        f"shadow {held.shadow}"
    )


def _answer(held: Held) -> str:
    if held.blind:
        return "not yet known, for one side has no label that counts"
    pairs = held.pairs
    odds = "" if pairs.share == 1 / 2 else f", {100 * pairs.share:.0f} % expected on the first side"
    return (
        f"{held.answer.value} (alone wrong: {pairs.first} and {pairs.second}{odds}, "
        f"p = {pairs.p:.3g})"
    )


def _in_all(found: Labelled) -> str:
    answers = {held.answer: held.fault.value for held in found.held}
    if {Answer.BETTER, Answer.WORSE} <= set(answers):
        return (
            f"the shadow is better in {answers[Answer.BETTER]} and worse in "
            f"{answers[Answer.WORSE]}: which of them counts more is for you to say"
        )
    if found.answer is Answer.UNKNOWN:
        return "whether the shadow is better is not yet known"
    return f"the shadow is {found.answer.value}, in {answers[found.answer]}"


def _wanted(held: Held) -> str:
    accepted = sum(side.open_accepted for side in held.sides)
    others = sum(side.open_others for side in held.sides)
    there = (
        f"without a label there are {accepted} parts that the active engine accepted and "
        f"{others} that it did not, on which the two differ"
    )
    if held.blind:
        return f"label parts of the audit sample, or all of those that were accepted; {there}"
    if held.more is None:
        return f"no {PAIRS_MAX} labels would do, as they have fallen: both seem as good"
    short = "; let more parts pass in shadow" if held.more > accepted + others else ""
    return f"about {held.more} more labels of parts on which they differ; {there}{short}"
