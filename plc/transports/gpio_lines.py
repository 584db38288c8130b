"""The lines of an ejector at a GPIO chip: output, pulses, inputs, and an encoder's edges."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError
from gonogo.base.gpio.lines import MOST_EDGES
from gonogo.plc.transports.gpio_encoder import EncoderCount
from gonogo.plc.transports.gpio_section import (
    BUFFER_EDGES,
    CHANNEL_A,
    CHANNEL_B,
    COVERED,
    FEEDBACK,
    OUTPUT,
    PULSE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gonogo.base.gpio.lines import Lines, Opens
    from gonogo.plc.transports.gpio_section import GpioIoSection

_READ = (OUTPUT, FEEDBACK, COVERED)


class EjectorLines:
    """Opened, lost and opened again; LinkError where the chip is gone, GpioError by `open`."""

    def __init__(self, section: GpioIoSection, opens: Opens) -> None:
        self._section, self._opens = section, opens
        self._places = {name: place for place, name in enumerate(section.wanted)}
        self._lines: Lines | None = None
        self._on = self._pulse = False
        self.follow = False
        """Whether the output read last as it was told."""
        self._encoder: EncoderCount | None = None
        if section.encoder is not None:
            self._encoder = EncoderCount(a_first=section.encoder.first == "a")

    @property
    def are_open(self) -> bool:
        """Whether we have them, as far as we know."""
        return self._lines is not None

    def open(self) -> None:
        """Ask for them, the output off; GpioError says which one cannot be had, and why."""
        self._lines = self._opens(self._section.order)
        self._on = self._pulse = self.follow = False
        if self._encoder is not None:
            levels = self._levels()
            self._encoder.begin(*(levels[self._places[name]] for name in (CHANNEL_A, CHANNEL_B)))

    def close(self) -> None:
        """Let others have them; idempotent."""
        lines, self._lines = self._lines, None
        if lines is not None:
            lines.close()

    def switch(self, *, on: bool, pulse: bool) -> None:
        """The output; `pulse`: and turn the pulses over, where there are any."""

        def put(lines: Lines) -> None:
            self._on = on
            lines.put(self._places[OUTPUT], active=on)
            if pulse and PULSE in self._places:
                self._pulse = not self._pulse
                lines.put(self._places[PULSE], active=self._pulse)

        self._ask(put)

    def read(self) -> Mapping[str, bool]:
        """Output, feedback and eye, by fields of Sensed."""
        levels = self._levels()
        self.follow = levels[self._places[OUTPUT]] is self._on
        return {name: levels[place] for name, place in self._places.items() if name in _READ}

    def count(self) -> int:
        """The encoder, once the edges that wait have been read; 0 where there is none."""
        encoder = self._encoder
        if encoder is None:
            return 0
        first = self._places[CHANNEL_A]

        def look(lines: Lines) -> None:
            # no more than the kernel keeps: what comes meanwhile is for the next exchange
            for _ in range(BUFFER_EDGES // MOST_EDGES):
                # a read of nothing would wait
                if not select.select((lines.fd,), (), (), 0)[0]:
                    break
                for edge in lines.read():
                    encoder.look(edge.line - first, edge)

        self._ask(look)
        return encoder.take()

    def _levels(self) -> Sequence[bool]:
        levels: list[bool] = []
        self._ask(lambda lines: levels.extend(lines.levels()))
        return levels

    def _ask(self, what: Callable[[Lines], None]) -> None:
        """The link closes after a LinkError, and opens again later."""
        where = self._section.place
        if self._lines is None:
            raise LinkError(f"{where}: not open; call open first")
        try:
            what(self._lines)
        except OSError as error:
            raise LinkError(
                f"{where}: gone ({error}); no part counts as delivered until it is back; "
                "look at its cable and supply; it is opened again"
            ) from error
