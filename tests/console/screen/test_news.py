"""Pages that wait for something newer: not for long, not too many, and none of them forgotten."""

from __future__ import annotations

import asyncio
import threading

from gonogo.console.screen.news import OF_ONE_MAX, News

LONG_S = 30.0


def never() -> bool:
    """Nothing newer was there."""
    return False


async def waits(news: News, count: int) -> None:
    """Until so many do."""
    while news.waiting != count:  # noqa: ASYNC110 - it is no event of ours
        await asyncio.sleep(0.005)


def test_news_is_told_to_whoever_waits_by_another_thread() -> None:
    """All of them, at once."""
    news = News(held_s=LONG_S)

    async def told() -> int:
        pages = [asyncio.create_task(news.wait(f"10.0.0.{k}", never)) for k in range(8)]
        await waits(news, 8)
        threading.Thread(target=news.tell).start()
        done, _ = await asyncio.wait(pages, timeout=LONG_S / 2)
        return len(done)

    assert asyncio.run(told()) == 8
    assert news.waiting == 0


def test_news_that_came_before_the_question_is_not_waited_for() -> None:
    """Whoever asks looks once more when it is in the list: nobody would tell it."""
    news = News(held_s=LONG_S)
    asked = []

    def came() -> bool:
        asked.append(news.waiting)
        return True

    asyncio.run(asyncio.wait_for(news.wait("10.0.0.1", came), LONG_S / 2))
    assert asked == [1]


def test_news_lets_nobody_wait_for_ever() -> None:
    """A page takes silence for a box that is gone."""
    news = News(held_s=0.02)
    asyncio.run(asyncio.wait_for(news.wait("10.0.0.1", never), LONG_S))
    assert news.waiting == 0


def test_news_lets_few_of_one_address_wait_and_so_many_altogether() -> None:
    """The next one is answered at once, and another address still waits; then that is full, too."""
    news = News(most=OF_ONE_MAX + 1, held_s=LONG_S)

    async def crowd() -> None:
        pages = [asyncio.create_task(news.wait("10.0.0.1", never)) for _ in range(OF_ONE_MAX)]
        await waits(news, OF_ONE_MAX)
        await asyncio.wait_for(news.wait("10.0.0.1", never), LONG_S / 2)
        pages.append(asyncio.create_task(news.wait("10.0.0.2", never)))
        await waits(news, OF_ONE_MAX + 1)
        await asyncio.wait_for(news.wait("10.0.0.3", never), LONG_S / 2)
        news.tell()
        await asyncio.gather(*pages)

    asyncio.run(crowd())


def test_news_forgets_who_has_gone() -> None:
    """A page that is closed gives its place back; telling a loop that has ended is no error."""
    news = News(most=1, held_s=LONG_S)

    async def gone() -> None:
        page = asyncio.create_task(news.wait("10.0.0.1", never))
        await waits(news, 1)
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)

    asyncio.run(gone())
    assert news.waiting == 0
    news.tell()
