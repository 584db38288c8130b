"""An output of our own is told what the image says, read back, and answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.plc.register_map import D_WORDS, FAULT_AT, RES_SEQ_AT, SESSION_AT, unpack_plc
from gonogo.plc.transports.module_coil import ModuleCoil
from gonogo.plc.transports.module_exchange import ModuleExchange, Parts
from gonogo.plc.transports.sensing import Pace, Sensing, Turn
from gonogo.plc.transports.transport import ProcessImage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Output:
    """Switches as it is told, unless it is stuck."""

    def __init__(self, encoder: Callable[[], int] | None = None) -> None:
        self.told: list[bool] = []
        self.begun = 0
        self.stuck: bool | None = None
        coil = ModuleCoil(self.told.append)
        sensing = Sensing([Turn(self._read)], Pace(3_600_000.0, 50.0, alone=True))
        self.made = ModuleExchange(Parts(coil, sensing, self._begin, encoder))
        self.made.connected()

    def _begin(self) -> None:
        self.begun += 1

    def _read(self) -> Mapping[str, bool]:
        return {"output": self.told[-1] if self.stuck is None else self.stuck}

    def exchange(self, *, on: bool, seq: int = 5, fault: int = 0, arm: bool = False) -> int:
        """ACK_SEQ where the session is followed, else 0."""
        words = [0] * D_WORDS
        words[FAULT_AT], words[RES_SEQ_AT], words[SESSION_AT] = fault, seq, 815
        inputs = self.made.exchange(ProcessImage(words, (*(False,) * 7, on), arm=arm))
        assert inputs.sensed is not None
        assert inputs.sensed.alone
        plc = unpack_plc(inputs.words)
        return plc.ack_seq if plc.session_echo else 0


def test_exchange_tells_each_change_once_and_acknowledges_what_was_read() -> None:
    """A result counts once the output was read back as it was told."""
    output = Output()
    assert [output.exchange(on=on, seq=seq) for seq, on in ((5, False), (6, True), (7, True))] == [
        5, 6, 7,
    ]  # fmt: skip
    assert output.told == [False, True]
    output.stuck = False
    assert output.exchange(on=True, seq=8) == 7


def test_exchange_begins_once_a_connection_and_once_an_acknowledgement() -> None:
    """Before anything is told."""
    output = Output()
    for arm in (False, False, True, True, False):
        output.exchange(on=False, arm=arm)
    assert output.begun == 2
    output.made.connected()
    output.exchange(on=False)
    assert output.begun == 3


def test_exchange_follows_no_session_while_a_fault_of_the_ejector_stands() -> None:
    """Nothing counts as delivered."""
    output = Output()
    assert output.exchange(on=False) == 5
    assert output.exchange(on=False, fault=1 << 10) == 0


def test_exchange_of_an_image_without_a_coil_asks_for_off() -> None:
    """As the link has it before it knows of an ejector."""
    output = Output()
    output.made.exchange(ProcessImage((0,) * D_WORDS, (True,) * 7))
    assert output.told == [False]


def test_first_exchange_of_a_connection_by_encoder_tells_off_and_takes_nothing() -> None:
    """That the belt may have moved unseen is said by its reply; by the time, the image stands."""
    output = Output(encoder=lambda: 7)
    assert [output.exchange(on=True) for _ in range(2)] == [0, 5]
    output.made.connected()
    assert [output.exchange(on=True, seq=6) for _ in range(2)] == [0, 6]
    assert output.told == [False, True, False, True]
    by_time = Output()
    assert by_time.exchange(on=True) == 5
