"""What a trigger by GPIO tells the log: its chip goes and comes, edges and parts are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.base.errors import GpioError
    from gonogo.base.gpio.lines import Order
    from gonogo.drivers.triggers.gpio.watch import Watch

EVERY_NS = 1000 * NS_PER_MS


class Told:
    """Used by the line's thread alone; made into words only when somebody asks."""

    def __init__(self, order: Order) -> None:
        self._where = f"trigger: chip {order.chip}, line {order.lines[0].name}"
        self._loss: OSError | None = None
        self._came_back = self._was_open = False
        self._reason = ""  # why it cannot be opened, as said last
        self._counts: dict[str, int] = {}
        self._counts_ns = 0

    def back(self) -> None:
        """The lines are open; the first time is no news."""
        self._came_back, self._was_open = self._was_open or bool(self._reason), True

    def gone(self, error: OSError) -> None:
        """They cannot be read any more."""
        self._loss = error

    def messages(self, refusal: GpioError | None, watch: Watch, now_ns: int) -> Iterator[str]:
        """Each thing once, counts at most once a second."""
        loss, self._loss = self._loss, None
        if loss is not None:
            yield (
                f"{self._where}: gone ({loss}); no part is accepted until it is back; look at its "
                "cable and supply; it is opened again"
            )
        if refusal is not None and (reason := str(refusal)) != self._reason:
            self._reason = reason
            yield reason
        if self._came_back:
            self._came_back, self._reason = False, ""
            yield f"{self._where}: open again; the next part is rejected"
        yield from self._counted(watch, now_ns)

    def _counted(self, watch: Watch, now_ns: int) -> Iterator[str]:
        if now_ns - self._counts_ns < EVERY_NS:
            return
        self._counts_ns = now_ns
        counts = watch.counts()
        if counts != self._counts:
            news = [
                f"{count - self._counts.get(name, 0)} {name}"
                for name, count in counts.items()
                if count != self._counts.get(name, 0)
            ]
            self._counts = counts
            if news:
                yield f"{self._where}: {', '.join(news)} since the last such line"
