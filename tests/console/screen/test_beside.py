"""Work beside the thread that serves: bounded, and counted until it is done."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gonogo.console.screen.beside import Beside, TooMuch


def test_beside_turns_away_what_is_too_much_and_goes_on_after_it() -> None:
    """Also where whoever asked has gone: the thread is taken all along."""
    beside, gate = Beside(workers=1, waiting_max=2), threading.Event()

    async def scene() -> None:
        first = asyncio.create_task(beside.ask(gate.wait))
        second = asyncio.create_task(beside.ask(lambda: 7))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(TooMuch):
            await beside.ask(lambda: 8)
        gate.set()
        assert await second == 7
        assert await beside.ask(lambda: 9) == 9

    try:
        asyncio.run(scene())
    finally:
        gate.set()
        beside.close()


def test_beside_hands_on_what_a_question_raises() -> None:
    """And has room again."""
    beside = Beside(workers=1, waiting_max=1)

    def wrong() -> int:
        raise ValueError("as it was")

    async def scene() -> None:
        for _ in range(3):
            with pytest.raises(ValueError, match="as it was"):
                await beside.ask(wrong)

    asyncio.run(scene())
    beside.close()
