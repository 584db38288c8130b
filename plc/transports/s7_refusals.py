"""What an S7 PLC means by saying no, or nothing: the errors of the link, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snap7.error import S7TimeoutError

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.plc.transports.s7_wire import PDU_BYTES, Declined

if TYPE_CHECKING:
    from gonogo.plc.transports.s7_section import S7Section

_NOT_PERMITTED = (
    "does not permit it; in TIA Portal: CPU properties, Protection & Security, access level "
    "'Full access', and under Connection mechanisms tick 'Permit access with PUT/GET "
    "communication from remote partner'; then download the hardware configuration"
)
_TOO_SHORT = (
    "has no such bytes in DB {db}; make it {size} bytes or longer and, in TIA Portal, untick "
    "'Optimized block access' in the block's attributes; then compile and download it"
)
# return codes of an item in one byte, errors of a header (class and code) in two
_CAUSES = {
    # accessing the object is not allowed
    0x03: _NOT_PERMITTED + "; the block must not be write-protected",
    # invalid address
    0x05: _TOO_SHORT,
    # object does not exist
    0x0A: "has no DB {db}; download the block, or correct db in [plc]",
    # the service as such is not available: how S7-1200 and 1500 refuse PUT/GET
    0x8104: _NOT_PERMITTED,
}
_OTHER_CAUSE = (
    "refuses; DB {db} must be there with {size} bytes or more, not optimized, "
    "and PUT/GET access must be permitted"
)


class S7Refusals:
    """The errors of one PLC, which `peer` names."""

    def __init__(self, section: S7Section, peer: str) -> None:
        self._section = section
        self._peer = peer

    def of(self, what: str, error: Exception) -> LinkError:
        """What a request that failed comes to: LinkSilent, LinkRefused or LinkError."""
        if isinstance(error, S7TimeoutError):
            return self.silent(what)
        if not isinstance(error, Declined):
            return LinkError(f"{self._peer}: the connection failed during the {what}: {error}")
        cause = _CAUSES.get(error.code, _OTHER_CAUSE)
        cause = cause.format(db=self._section.db, size=self._section.block_bytes)
        return LinkRefused(f"{self._peer}: 0x{error.code:02x} to the {what}: the PLC {cause}")

    def silent(self, what: str) -> LinkSilent:
        """No whole reply in time."""
        return LinkSilent(
            f"{self._peer}: no whole reply within {self._section.timeout_ms} ms to the {what}; "
            "if the PLC's scan is slow, raise timeout_ms (50..1000)"
        )

    def not_our_cpu(self, error: Exception) -> LinkRefused:
        """TCP stands, but behind this rack and slot is no CPU that takes an S7 connection."""
        section = self._section
        return LinkRefused(
            f"{self._peer}: no S7 connection to rack {section.rack} slot {section.slot} ({error}); "
            "S7-1200 and 1500 have rack 0 slot 1, S7-300 rack 0 slot 2, S7-400 see the hardware "
            "configuration; or the CPU has no connection resource left"
        )

    def small_pdus(self, pdu_bytes: int) -> LinkRefused:
        """It offers less than a request of ours needs."""
        return LinkRefused(
            f"{self._peer}: the PLC offers PDUs of {pdu_bytes} bytes, "
            f"expected {PDU_BYTES} or more; reach the CPU itself, not through a gateway"
        )
