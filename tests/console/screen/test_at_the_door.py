"""Who waits to be looked at: bounded, also for those who hammer."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gonogo.console.screen.at_the_door import FROM_ONE_MAX, WAITING_MAX, AtTheDoor
from gonogo.console.screen.beside import TooMuch

WAIT_S = 30.0


def test_door_turns_away_who_hammers_and_nobody_else() -> None:
    """One at a time is looked at; so many of one source wait, and so many of all."""
    held = threading.Event()

    async def crowd() -> list[str]:
        door = AtTheDoor()

        async def asks(source: str) -> str:
            try:
                return await door.ask(source, lambda: str(held.wait(WAIT_S)))
            except TooMuch:
                return "turned away"

        hammering = [asyncio.create_task(asks("10.0.0.5")) for _ in range(20)]
        other = asyncio.create_task(asks("10.0.0.6"))
        more = [asyncio.create_task(asks(f"10.0.1.{k}")) for k in range(WAITING_MAX)]
        await asyncio.sleep(0)
        held.set()
        answers = await asyncio.gather(*hammering, other, *more)
        door.close()
        return answers

    found = asyncio.run(crowd())
    assert found[:20].count("True") == FROM_ONE_MAX
    assert found[20] == "True"
    assert found[21:].count("True") == WAITING_MAX - FROM_ONE_MAX - 1


def test_door_takes_the_next_once_one_was_answered() -> None:
    """Also after an error."""

    async def one_after_the_other() -> int:
        door = AtTheDoor()
        for _ in range(3 * FROM_ONE_MAX):
            with pytest.raises(ZeroDivisionError):
                await door.ask("10.0.0.5", lambda: 1 // 0)
        found = await door.ask("10.0.0.5", lambda: 7)
        door.close()
        return found

    assert asyncio.run(one_after_the_other()) == 7
