"""The documents name what exists."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

from gonogo.base import errors
from gonogo.base.words import Reason
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.modbus_io import ModbusIoSection

ROOT = Path(__file__).parent.parent


def test_error_codes_document_lists_every_code() -> None:
    """Every numbered error can be looked up, and no number is listed that does not exist."""
    text = (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| GN(\d+) ", text, re.MULTILINE)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    exist = {kind.code for kind in kinds if issubclass(kind, errors.GonogoError)}
    assert listed == exist


def test_error_codes_document_lists_every_reason() -> None:
    """Every REASON word a PLC can read is explained under its number and name."""
    text = (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = {
        (int(n), name) for n, name in re.findall(r"^\| (\d+) \| ([A-Z_]+) ", text, re.MULTILINE)
    }
    assert listed == {(reason.value, reason.name) for reason in Reason}


def test_remote_io_document_shows_a_station_file_that_is_taken() -> None:
    """Every key of its example exists, and the addresses it names for a family, too."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = (ROOT / "docs" / "modbus-io.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    sections = toml.loads(example)
    assert ModbusIoSection.model_validate(sections["plc"]).watchdog is not None
    assert EjectSection.model_validate(sections["eject"]).on_means == "pass"
    arms = re.findall(r"`(?:state = .*?)?arm = (\[.*?\])`", text)
    assert len(arms) > 1
    for arm in arms:
        watchdog = {"arm": toml.loads(f"arm = {arm}")["arm"]}
        keys = sections["plc"] | {"watchdog": watchdog}
        assert ModbusIoSection.model_validate(keys).watchdog is not None
