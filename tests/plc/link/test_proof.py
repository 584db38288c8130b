"""Which of the three it is, which parts it was about, and what a long quiet shift costs."""

from __future__ import annotations

import pytest

from gonogo.plc.link.proof import Proof, proof_of
from gonogo.plc.reject_tracker import Passage
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.plc.transports.senses import Sensed

MS = 1_000_000
FEEDBACK = {"feedback": {"address": 8, "within_ms": 100}}
CONFIRM = {"confirm": {"address": 9, "within_ms": 100}}


class Bench:
    """A proof, and a coil that is told to be on for 30 of every 100 ms; a part comes each time."""

    def __init__(self, **keys: object) -> None:
        base = {"driver": "modbus-io", "host": "10.0.0.5", "eject_coil": 5}
        proof = proof_of(ModbusIoSection.model_validate(base | keys))
        assert proof is not None
        self.proof: Proof = proof
        self.ms = 0
        self.told_ns = -MS
        self.told = False
        self.said: list[str] = []

    def run(self, parts: int, *, output: bool | None = None, feedback: bool | None = None) -> str:
        """So many parts; what is not given follows at once. The first thing that was said."""
        for part_id in range(1, parts + 1):
            for step in range(0, 100, 5):
                self.tick(part_id, step, output=output, feedback=feedback)
        return self.said[0] if self.said else ""

    def tick(self, part_id: int, step: int, *, output: bool | None, feedback: bool | None) -> None:
        """Five ms."""
        on, now_ns = step < 30, self.ms * MS
        if on is not self.told:
            self.told, self.told_ns = on, now_ns
        if step in {0, 30}:
            passage = Passage(part_id, True, step == 30)  # noqa: FBT003 - as in the tuple
            self.proof.follow([passage], now_ns, unknown=False)
        sensed = Sensed(
            1,
            on,
            self.told_ns,
            now_ns,
            now_ns,
            output=on if output is None else output,
            feedback=on if feedback is None else feedback,
        )
        said = self.proof.judge(sensed)
        self.said += [said] if said else []
        self.ms += 5


def test_proof_of_what_follows_says_nothing_and_agrees() -> None:
    """However long: nor does it remember more and more."""
    for keys in ({}, FEEDBACK):
        bench = Bench(**keys)
        assert not bench.run(20)
        assert bench.proof.agrees
        assert not bench.proof._output.doubts
        assert not bench.proof._mover.doubts
        assert not bench.proof._mover._past._unseen


def test_message_names_the_parts_since_it_last_agreed_and_no_earlier_one() -> None:
    """Three parts were right; the fourth was not."""
    bench = Bench()
    bench.run(3)
    bench.said.clear()
    for step in range(0, 100, 5):
        bench.tick(77, step, output=False, feedback=None)
    assert "the module does not switch" in bench.said[0]
    assert "parts at the nozzle meanwhile: 77;" in bench.said[0]


@pytest.mark.parametrize(
    ("keys", "seen", "expected"),
    [
        ({}, {"output": False}, "told on and off again and never read as it was told (FC1 at 5)"),
        ({"readback_fc": 2, "readback_address": 512}, {"output": False}, "(FC2 at 512)"),
        (
            {"readback_ms": 20},
            {"output": False},
            "told on and has read otherwise for 20 ms, plc.readback_ms: 20 ms",
        ),
        (FEEDBACK, {"feedback": False}, "the ejector does not move: its feedback (FC2 at 8)"),
        (FEEDBACK, {"output": False, "feedback": False}, "the module does not switch"),
    ],
)
def test_message_says_which_it_is(
    keys: dict[str, object], seen: dict[str, bool], expected: str
) -> None:
    """And where it was read, and what the bound is."""
    said = Bench(**keys).run(6, **seen)
    assert said.startswith("GN420: ")
    assert expected in said
    assert said.endswith("permit off")


def test_proof_is_there_where_something_is_read() -> None:
    """A module always; a PLC where the station file says so; a PLC that polls us never."""
    client = {"driver": "modbus-client", "host": "10.0.0.5", "coil_base": 0}
    assert proof_of(ModbusClientSection.model_validate(client)) is None
    for keys in (FEEDBACK, CONFIRM, {"readback_address": 7}):
        assert proof_of(ModbusClientSection.model_validate(client | keys)) is not None
    assert proof_of(ModbusServerSection(driver="modbus-server")) is None


def test_plc_whose_output_is_not_read_agrees_by_its_feedback_alone() -> None:
    """Nothing else could ever clear its fault."""
    keys = {"driver": "modbus-client", "host": "10.0.0.5", "coil_base": 0} | FEEDBACK
    proof = proof_of(ModbusClientSection.model_validate(keys))
    assert proof is not None
    for ms in range(0, 50, 5):
        proof.judge(Sensed(1, False, 0, ms * MS, ms * MS, feedback=False))  # noqa: FBT003 - as in the tuple
    assert proof.agrees
    assert not proof.needs(on=True)


@pytest.mark.parametrize(
    ("passes", "ejects", "skipped"),
    [(False, False, True), (False, True, False), (True, False, False)],
)
def test_rejected_part_that_went_by_while_the_link_waited_is_named(
    passes: bool,  # noqa: FBT001 - a parameter
    ejects: bool,  # noqa: FBT001 - a parameter
    skipped: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Where the coil was not ejecting anyhow; what was to pass and was thrown out is no escape."""
    bench = Bench()
    bench.run(1)
    came, left = (Passage(9, passes, gone) for gone in (False, True))
    bench.proof.follow([came, left], bench.ms * MS, unknown=False, ejects=ejects)
    bench.tick(10, 95, output=None, feedback=None)
    assert ["not ejected: 9" in said for said in bench.said] == [True] * skipped


def test_parts_that_went_by_while_there_was_no_link_are_not_held_against_the_module() -> None:
    """The loss of the link is a fault of its own, and was told."""
    bench = Bench()
    passages = [Passage(part_id=9, passes=False, left=gone) for gone in (False, True)]
    bench.proof.follow(passages, 0, unknown=False, ejects=False)
    bench.run(1)
    assert not bench.said
