"""Where an S7 PLC and its data block are; apart from the transport, whose library is not small."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.ports import joined
from gonogo.plc.register_map import D_WORDS, P_WORDS
from gonogo.plc.transports.section import TransportSection

D_BYTES, P_BYTES = 2 * D_WORDS, 2 * P_WORDS
_BLOCK_MAX = 65536  # bytes of a data block


class S7Section(TransportSection):
    """A Siemens S7 PLC (300, 400, 1200, 1500) and the data block in it that is ours alone.

    `db` is the block's number; `d_offset` and `p_offset` are the first bytes of what we
    write (192 bytes, D0-D95) and of what we read (40 bytes, P100-P119). `rack` and `slot`
    of the CPU: 0 and 1 for S7-1200 and 1500, 0 and 2 for S7-300, as in the hardware
    configuration for S7-400. `scan_ms` is the PLC's own scan, for the latency sum.
    """

    driver: Literal["s7"]
    """A Siemens S7 PLC; the station writes into a data block of it and reads from it (PUT/GET)."""
    host: str
    """Address of the CPU, best in numbers."""
    port: Annotated[int, Field(ge=1, le=65535)] = 102
    """TCP port of its ISO-on-TCP server."""
    rack: Annotated[int, Field(ge=0, le=7)] = 0
    """Rack of the CPU."""
    slot: Annotated[int, Field(ge=0, le=31)] = 1
    """Slot of the CPU: 1 for S7-1200 and 1500, 2 for S7-300."""
    db: Annotated[int, Field(ge=1, le=65535)]
    """Number of the data block that is ours alone."""
    # words lie at even bytes in a data block
    d_offset: Annotated[int, Field(ge=0, le=_BLOCK_MAX - D_BYTES, multiple_of=2)] = 0
    """First byte of what the station writes (192 bytes)."""
    p_offset: Annotated[int, Field(ge=0, le=_BLOCK_MAX - P_BYTES, multiple_of=2)] = 192
    """First byte of what the PLC writes (40 bytes)."""
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    """How long a reply is waited for before the link counts as lost."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    """How often the PLC is asked when nothing else happens."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    """The PLC's own scan, for the latency sum; the probe proposes it."""

    @model_validator(mode="after")
    def _apart(self) -> S7Section:
        """What we write must not lie on what the PLC writes."""
        if self.d_offset < self.p_offset + P_BYTES and self.p_offset < self.d_offset + D_BYTES:
            raise ValueError(
                f"d_offset {self.d_offset} ({D_BYTES} bytes) and p_offset {self.p_offset} "
                f"({P_BYTES} bytes) overlap; "
                f"move one of them, for example p_offset = {self.d_offset + D_BYTES}"
            )
        return self

    @property
    def block_bytes(self) -> int:
        """How long the data block must be at least."""
        return max(self.d_offset + D_BYTES, self.p_offset + P_BYTES)

    @property
    def eject_problem(self) -> str:
        """Why the station's own ejector has no coil here."""
        return (
            'eject: its coil has no place in an S7 data block: expected driver "modbus-client", '
            '"modbus-server", "modbus-io" or "gpio-io" in [plc], or no [eject], and the PLC ejects'
        )

    @property
    def place(self) -> str:
        """Where the PLC is, for people."""
        return f"{joined(self.host, self.port)}, rack {self.rack} slot {self.slot}, DB {self.db}"
