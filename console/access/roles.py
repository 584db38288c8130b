"""Which role may do what: one table for the screen, the console, the local socket and the PLC.

Observer, operator, technician and supervisor each may what the one before may, and more. Security
stands beside them and not above: who gives out accounts and keys and reads what others did changes
no limits and sets no verdict aside, and a supervisor gives himself no account (separation of
duties). docs/security.md has the same table; a test holds the two together.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from gonogo.base.errors import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(str, Enum):
    """What somebody is at this station; each account has one."""

    OBSERVER = "observer"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"
    SECURITY = "security"


class Action(str, Enum):
    """All that can be asked of a station, by whichever way."""

    SEE_STATUS = "see-status"  # state, counters, faults, drift, processes, versions
    SEE_PARTS = "see-parts"  # records, pictures, heat maps, why a part was judged so
    SEE_LOG = "see-log"  # messages, which may name people
    SEE_AUDIT = "see-audit"  # who changed what
    SEE_SETUP = "see-setup"  # station file, network, inputs and outputs, live pictures
    SAY_DISPOSITION = "say-disposition"  # a person's word on a part; its verdict stays
    AUDIT_SAMPLE = "audit-sample"  # the same for the sample with the score hidden
    SET_LOT = "set-lot"
    SHOW_MASTER_PART = "show-master-part"  # the next part is known to be good or bad
    ACKNOWLEDGE = "acknowledge"  # try again what was latched
    NOTE = "note"  # into the audit trail: what was done by hand
    PROBE_PLC = "probe-plc"
    SELF_TEST = "self-test"
    SET_CAMERA = "set-camera"  # exposure, gain; what a view has learnt; calibration
    FORCE_OUTPUT = "force-output"  # in test mode only
    SET_NETWORK = "set-network"
    SET_TIME = "set-time"
    SUPPORT_BUNDLE = "support-bundle"
    PREPARE_ENGINE = "prepare-engine"  # install and load beside the one that judges, unload
    ROLL_BACK_ENGINE = "roll-back-engine"  # to the one that judged before
    INJECT_FAULT = "inject-fault"  # with the maintenance key besides
    RUN_STATION = "run-station"  # start, stop, restart, reboot the box, start an update that waits
    ACTIVATE_ENGINE = "activate-engine"  # another one judges
    REMOVE_ENGINE = "remove-engine"
    LOAD_RECIPE = "load-recipe"
    SET_LIMITS = "set-limits"  # apply what a review proposes, and take it back
    SET_STATION = "set-station"  # any other key of the station file
    DECIDE_DISPOSITION = "decide-disposition"  # where two people differ
    RESTART_DRIFT = "restart-drift"
    EXPORT = "export"  # pictures and labels leave the box
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_KEYS = "manage-keys"  # whose bundles are trusted, certificates, the maintenance key
    COUNT_ANEW = "count-anew"  # the PLC alone: its part numbers or its counters begin again


_OBSERVER = frozenset({Action.SEE_STATUS, Action.SEE_PARTS})
_OPERATOR = _OBSERVER | {
    Action.SAY_DISPOSITION,
    Action.AUDIT_SAMPLE,
    Action.SET_LOT,
    Action.SHOW_MASTER_PART,
    Action.ACKNOWLEDGE,
}
_TECHNICIAN = _OPERATOR | {
    Action.SEE_LOG,
    Action.SEE_SETUP,
    Action.NOTE,
    Action.PROBE_PLC,
    Action.SELF_TEST,
    Action.SET_CAMERA,
    Action.FORCE_OUTPUT,
    Action.SET_NETWORK,
    Action.SET_TIME,
    Action.SUPPORT_BUNDLE,
    Action.PREPARE_ENGINE,
    Action.ROLL_BACK_ENGINE,
    Action.INJECT_FAULT,
    Action.RUN_STATION,
}
_SUPERVISOR = _TECHNICIAN | {
    Action.SEE_AUDIT,
    Action.ACTIVATE_ENGINE,
    Action.REMOVE_ENGINE,
    Action.LOAD_RECIPE,
    Action.SET_LIMITS,
    Action.SET_STATION,
    Action.DECIDE_DISPOSITION,
    Action.RESTART_DRIFT,
    Action.EXPORT,
}
_SECURITY = _OBSERVER | {
    Action.SEE_LOG,
    Action.SEE_AUDIT,
    Action.NOTE,
    Action.MANAGE_ACCOUNTS,
    Action.MANAGE_KEYS,
}
TABLE: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.OBSERVER: _OBSERVER,
        Role.OPERATOR: _OPERATOR,
        Role.TECHNICIAN: _TECHNICIAN,
        Role.SUPERVISOR: _SUPERVISOR,
        Role.SECURITY: _SECURITY,
    }
)
# the PLC gives no name and no PIN: it is whoever stands at the other end of its wire
PLC_MAY = frozenset({Action.ACKNOWLEDGE, Action.LOAD_RECIPE, Action.COUNT_ANEW})
# what is asked over the station's local sockets (gonogo.watchdog.commands, "control", and
# gonogo.engines.loading.request_handler, "engines"), by purpose and `do`
ASKED: Mapping[tuple[str, str], Action] = MappingProxyType(
    {
        ("control", "status"): Action.SEE_STATUS,
        ("control", "acknowledge"): Action.ACKNOWLEDGE,
        ("control", "faults"): Action.SEE_STATUS,
        ("control", "inject"): Action.INJECT_FAULT,
        ("control", "clear"): Action.INJECT_FAULT,
        ("control", "master-part"): Action.SHOW_MASTER_PART,
        ("control", "master-part-back"): Action.SHOW_MASTER_PART,
        ("control", "outputs-tried"): Action.FORCE_OUTPUT,
        ("control", "output-forced"): Action.FORCE_OUTPUT,
        ("control", "outputs-over"): Action.FORCE_OUTPUT,
        ("engines", "status"): Action.SEE_STATUS,
        ("engines", "load"): Action.PREPARE_ENGINE,
        ("engines", "unload"): Action.PREPARE_ENGINE,
        ("engines", "activate"): Action.ACTIVATE_ENGINE,
        ("engines", "rollback"): Action.ROLL_BACK_ENGINE,
    }
)
# the PLC's commands by their names in the register map (gonogo.plc.register_map.Command)
COMMANDED: Mapping[str, Action] = MappingProxyType(
    {
        "CLEAR_FAULT": Action.ACKNOWLEDGE,
        "LOAD_RECIPE": Action.LOAD_RECIPE,
        "RESYNC": Action.COUNT_ANEW,
        "RESET_COUNTERS": Action.COUNT_ANEW,
    }
)


def allowed(role: Role | None, action: Action) -> bool:
    """Whether that role may do that; nobody (None) may nothing."""
    return role is not None and action in TABLE[role]


def demand(role: Role | None, action: Action) -> None:
    """AccessDenied unless the role may do it; the message says who may."""
    if not allowed(role, action):
        who = ", ".join(each.value for each in Role if action in TABLE[each]) or "the PLC alone"
        have = f"the role '{role.value}'" if role is not None else "nobody who has signed in"
        raise AccessDenied(f"{action.value}: {have} may not; expected one of: {who}")
