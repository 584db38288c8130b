"""What somebody at a terminal is asked about a weak model."""

from __future__ import annotations

import pytest

from gonogo.base.errors import Mend, WeakModel
from gonogo.commands.build_asking import NOTHING, Asking

WEAK = WeakModel(
    "the wrong way round",
    (Mend("--higher-is", "good", "turns it"), Mend("--accept-weak", "", "takes it")),
)
GIVEN = {"higher_is": "worse", "accept_weak": False, "pixels": "auto"}


@pytest.mark.parametrize(
    ("answer", "changed"), [("1", {"higher_is": "good"}), ("2", {"accept_weak": True})]
)
def test_asking_changes_the_option_that_was_chosen(
    answer: str, changed: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """As if it had been typed; the others stay."""
    asked: list[list[str]] = []

    def choose(choices: list[str]) -> str:
        asked.append(choices)
        return answer

    asking = Asking(GIVEN, somebody=True, choose=choose)
    asking.about(WEAK)
    assert asking.given == {**GIVEN, **changed}
    assert asked == [["1", "2", NOTHING]]
    assert "--higher-is good: turns it" in capsys.readouterr().out


def test_asking_knows_options_by_their_own_names() -> None:
    """`--input` is kept under another one."""
    asking = Asking(GIVEN, somebody=True, choose=lambda _choices: "1")
    asking.about(WeakModel("constant", (Mend("--input", "0..1", "divides"),)))
    assert asking.given["pixels"] == "0..1"


@pytest.mark.parametrize(
    ("error", "somebody"), [(WEAK, False), (WEAK, True), (WeakModel("no number"), True)]
)
def test_asking_refuses_where_there_is_no_answer(error: WeakModel, *, somebody: bool) -> None:
    """Nobody there, nothing chosen, or nothing to choose."""
    with pytest.raises(WeakModel):
        Asking(GIVEN, somebody=somebody, choose=lambda _choices: NOTHING).about(error)
