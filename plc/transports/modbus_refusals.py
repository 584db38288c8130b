"""What a Modbus device means by an exception, as an error that says what to do.

Source: MODBUS Application Protocol Specification V1.1b3, section 7.
"""

from __future__ import annotations

from gonogo.base.errors import LinkRefused

_CAUSES = {
    1: "does not know this function code",  # illegal function
    2: "has nothing at this address",  # illegal data address
    3: "does not take this many words in one request: set max_words (gonogo plc probe finds it)",
    4: "failed to carry it out; see its own diagnostics",  # server device failure
    6: "is busy",  # server device busy
    10: "is a gateway without a path to this unit id",
    11: "is a gateway, and the unit behind it did not answer",
}


def refusal(peer: str, code: int, what: str, needs: str) -> LinkRefused:
    """The error for an exception code in the reply to `what`; `needs`: what the device must have.

    `reply` of the error is the code, for whoever must tell "never" from "not now".
    """
    cause = _CAUSES.get(code, "gave a code that Modbus does not define")
    error = LinkRefused(f"{peer}: exception {code} to the {what}: the PLC {cause}; {needs}")
    error.reply = code
    return error
