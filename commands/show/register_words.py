"""What each word and bit of the register map says, for people who program a PLC."""

from __future__ import annotations

from gonogo.base.words import FaultBit, VerdictKind
from gonogo.plc.register_map import (
    Command,
    CommandResult,
    CtrlBit,
    RecordFlag,
    State,
    StatusBit,
)

# by the fields of Header, in which they are packed
D_SAYS = {
    "dev_heart": "DEV_HEART: one more each 100 ms; stands still where the station hangs or is off",
    "state": "STATE, one of those below",
    "status": "STATUS, bits below",
    "fault": "FAULT, bits below",
    "fault_code": "1 + the number of the FAULT bit that came last; stays when it has gone",
    "recipe": "number of the active recipe",
    "checksum": "changes when the station judges by anything else than before (limits, engines)",
    "plc_heart": "PLC_HEART (P101) as it was read",
    "cmd_seq": "CMD_SEQ (P106) of the command that was answered last",
    "cmd_result": "result of that command, one of those below",
    "res_seq": "RES_SEQ: sequence of the newest result record",
    "session_id": "SESSION_ID: new at each start and at command 3; the PLC writes it to P115",
    "pending": "records that the PLC has not acknowledged yet",
    "part_seen": "PART_ID that the station took last",
    "inspected": "parts since the start, or since the counters were reset",
    "rejected": "of these everything that was not an ACCEPT",
    "deadline_misses": "verdicts that came too late; stays at 65535",
    "acks_lost": "records that were given up without an acknowledgement; stays at 65535",
    "latency_100us": "trigger to verdict of the newest part, in 0.1 ms",
    "p99_100us": "the same, which 99 of 100 parts keep to, in 0.1 ms",
    "box_id": "BOX_ID: a number of this box, new at each start; 0: not given",
    "doubt": "DOUBT: counts while the station is not sure to be alone on these words",
}
D_CONSTANT = {
    "magic": "MAGIC: always 16#474E (18254); 16#4E47 means swapped bytes",
    "version": "version of this map: 1",
    "u32": "always 16#12345678, to see the word order",
    "float": "always 1.5 (Real), the same",
    "objection": "OBJECTION: BOX_ID of another device, which found these words in use",
    "reserved": "reserved, 0",
}
RECORD_SAYS = {
    "sequence": "SEQ_A and SEQ_B: the record is whole where both are the sequence that is due",
    "part_id": "PART_ID of the part",
    "verdict": "VERDICT, one of those below",
    "reason": "REASON: why not simply accepted ([reasons](error-codes.md#reasons-in-the-verdict))",
    "score": "SCORE 0 to 10000; the reject limit of the engine is at 5000",
    "flags": "FLAGS, bits below",
    "latency_100us": "trigger to verdict, in 0.1 ms; stays at 65535",
}
P_SAYS = {
    "map_version": "the map that the PLC program is made for: 1; 0: not given",
    "heart": "PLC_HEART: another number in each cycle; standing still for 500 ms: link lost",
    "ctrl": "CTRL, bits below",
    "part_id": "PART_ID: counts up with each part at the photo-eye; 0 is skipped",
    "ack_seq": "ACK_SEQ: sequence of the newest record that was taken; all before it are, too",
    "recipe_request": "recipe that command 2 loads where the argument is 0",
    "cmd_seq": "CMD_SEQ: another number means a new command in P107",
    "cmd_code": "command, one of those below",
    "cmd_argument": "its argument",
    "belt_mm_s": "speed of the belt in mm/s, for `gonogo status` alone",
    "encoder": "counts of an encoder on the belt, for a station that drives its own ejector by it",
    "packml_state": "PackML state, for information",
    "dev_heart_echo": "DEV_HEART (D2) as the PLC has read it",
    "rejects_confirmed": "rejects that were seen in the chute; 0 without a sensor there",
    "session_echo": "SESSION_ID (D13) as the PLC has read it: no permit before they are equal",
}
DISCRETE_SAYS = {
    "ready": "STATUS bit 0",
    "heartbeat": "lowest bit of DEV_HEART: changes each 100 ms",
    "accept": "the newest verdict is an ACCEPT, and the permit is on",
    "reject": "always the opposite of accept; both on or both off is a fault of the wire",
    "toggle": "changes with each result",
    "degraded": "STATUS bit 4",
    "fault": "STATUS bit 6",
}
EJECT = "the ejector, only where the station drives it itself ([eject])"

STATE_SAYS = {
    State.BOOT: "started, nothing is known yet",
    State.SELF_TEST: "cameras, rules and engine are tried",
    State.STOPPED: "not enabled, or no camera, recipe or time; or the station ends",
    State.READY: "enabled; takes no parts without CTRL bit 1",
    State.RUNNING: "judges by engine and rules",
    State.DEGRADED: "judges by the rules alone",
    State.RECIPE_CHANGE: "loads another recipe; parts are rejected",
    State.LINK_LOST: "PLC_HEART stands still, or there is no connection",
    State.FAULT: "a fault that stands until command 1",
    State.RESYNC: "sequence and session are agreed with the PLC",
}
STATUS_SAYS = {
    StatusBit.READY: "STATE is READY, RUNNING or DEGRADED",
    StatusBit.RUNNING: "STATE is RUNNING or DEGRADED",
    StatusBit.BUSY: "a part is being judged",
    StatusBit.PERMIT: "verdicts count; off: every part is to be ejected",
    StatusBit.DEGRADED: "the rules decide alone",
    StatusBit.WARNING: "something in FAULT, bypass, or an oddity that the log names",
    StatusBit.FAULT: "STATE is FAULT",
    StatusBit.RESULT_OVERRUN: "more than eight records wait for an acknowledgement; no permit",
    StatusBit.TRIGGER_OVERRUN: "parts came faster than they can be judged",
    StatusBit.CAMERA_OK: "every camera gives frames",
    StatusBit.ENGINE_OK: "every engine gives scores that can be trusted",
    StatusBit.RECIPE_OK: "the recipe is loaded",
    StatusBit.LINK_OK: "PLC_HEART is alive",
    StatusBit.TEST_MODE: "CTRL bit 2, as it was read",
    StatusBit.SYNC_REQUEST: "waits for the PLC to follow SESSION_ID and RES_SEQ",
    StatusBit.TIME_VALID: "the station has a clock",
}
FAULT_SAYS = {
    FaultBit.CAMERA: "no frame, or none that can be trusted",
    FaultBit.LIGHT: "kept for the light; not set yet",
    FaultBit.ENGINE: "no engine whose scores can be trusted",
    FaultBit.DISK: "a warning: rows wait, or little room is left",
    FaultBit.TEMPERATURE: "a warning: the box is warm, too hot for its engine, or not watched",
    FaultBit.DEADLINE: "verdicts come too late",
    FaultBit.LINK: "the PLC does not answer",
    FaultBit.NOT_ACKING: "the PLC does not acknowledge records",
    FaultBit.CONFIG: "a warning: another station file than the one in place, unsigned engines, or "
                     "another map version",
    FaultBit.STRANGER: "another device writes here",
    FaultBit.EJECTOR: "the station's own ejector does not do what it is told",
    FaultBit.TRIGGER: "the station's own photo-eye is gone",
    FaultBit.MASTER_PART: "a known part got the wrong answer",
    FaultBit.DRIFT: "a warning: what was decided may no longer hold; parts are judged as ever",
}  # fmt: skip
CTRL_SAYS = {
    CtrlBit.ENABLE: "inspection is wanted",
    CtrlBit.TRIGGER_ENABLE: "a new PART_ID is a part",
    CtrlBit.TEST_MODE: "records have FLAGS bit 2, and the block ejects every part",
    CtrlBit.BYPASS: "parts pass uninspected: no permit, and a warning",
    CtrlBit.SYNC_ACK: "kept for the PLC's answer to STATUS bit 14; not looked at",
}
FLAG_SAYS = {
    RecordFlag.DEGRADED: "the rules decided alone",
    RecordFlag.LATE: "it came too late: never an ACCEPT",
    RecordFlag.TEST: "the PLC was in test mode",
}
VERDICT_SAYS = {
    VerdictKind.NONE: "no verdict: reject",
    VerdictKind.ACCEPT: "the one that lets a part pass",
    VerdictKind.REJECT: "reject",
    VerdictKind.RECHECK: "somebody should look at it; reject where nobody does",
    VerdictKind.NOT_INSPECTED: "it could not be looked at: reject",
}
COMMAND_SAYS = {
    Command.CLEAR_FAULT: "ends a fault whose cause is gone",
    Command.LOAD_RECIPE: "loads recipe P108, or P105 where that is 0; only in STOPPED and READY",
    Command.RESYNC: "forgets records that wait, and begins again behind ACK_SEQ",
    Command.RESET_COUNTERS: "D16 to D23 begin at 0",
}
RESULT_SAYS = {
    CommandResult.NONE: "no command yet",
    CommandResult.DONE: "done",
    CommandResult.NOT_SUPPORTED: "not used by this version",
    CommandResult.UNKNOWN: "there is no such command",
    CommandResult.NOT_EXECUTED: "given while there was no link: give it again",
    CommandResult.BUSY: "being carried out; wait for another result",
    CommandResult.REFUSED: "not in this state",
    CommandResult.FAILED: "tried, and everything is as before",
}
