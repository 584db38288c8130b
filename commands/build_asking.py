"""What to do about a weak model: asked on a terminal, of the options that mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gonogo.base.errors import WeakModel

NOTHING = "no"
# how options are called that are not called after themselves
_NAMES = {"--input": "pixels"}


def _choose(choices: list[str]) -> str:
    answer: str = click.prompt("which one", type=click.Choice(choices), default=NOTHING)
    return answer


class Asking:
    """The options of a build as they were given, and as they are mended by who is asked.

    `somebody`: whether there is anybody to ask. `choose`: gets the answers that there are.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        somebody: bool,  # noqa: FBT001 - said by its name where it is called
        choose: Callable[[list[str]], str] = _choose,
    ) -> None:
        self.given = dict(given)
        self._somebody, self._choose = somebody, choose

    def about(self, error: WeakModel) -> None:
        """Which of its mends to take; raised again without any, or with nobody to ask."""
        if not error.mends or not self._somebody:
            raise error
        click.echo(f"GN{error.code}: {error.reason}")
        mends = {str(number): mend for number, mend in enumerate(error.mends, 1)}
        for number, mend in mends.items():
            click.echo(f"  {number}  {mend}: {mend.effect}")
        taken = mends.get(self._choose([*mends, NOTHING]))
        if taken is None:
            raise error
        click.echo(f"as if {taken} had been given")
        name = _NAMES.get(taken.option, taken.option.lstrip("-").replace("-", "_"))
        self.given[name] = taken.value or True
