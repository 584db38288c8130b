"""The rows of the table: what can be typed at the console; the texts here are its manual."""

from __future__ import annotations

from gonogo.console.serial import accounts, box, changes, configuring, reads, reads_log, reads_parts
from gonogo.console.serial.commands_box import BOX_COMMANDS, late
from gonogo.console.serial.table import Command

HELP, LEAVE, FOLLOW, UNFOLLOW = "help", "logout", "log follow", "log stop"

# fmt: off
COMMANDS: tuple[Command, ...] = (
    Command(HELP, "[COMMAND...]", "", "List the commands, or show all of one. `?` does it anywhere "
            "in a line, TAB completes, and twice lists.", None),
    Command("status", "", "see-status", "Show how the station stands. Mode, faults, processes, "
            "engines, alerts, drift.",
            reads.status),
    Command("faults", "", "see-status", "Show what is wrong and what to do about it. First what "
            "holds now, then the error numbers that the log has named of late.", reads_log.faults),
    Command("code", "NUMBER", "see-status", "Show what an error number means, and what to do. As "
            "in `code 404`.", reads.code),
    Command("parts", "[COUNT]", "see-parts", "List the newest parts, 20 or so many.",
            reads_parts.parts),
    Command("part", "NUMBER", "see-parts", "Show all of the newest part with that PLC number.",
            reads_parts.part),
    Command("why", "NUMBER", "see-parts", "Show why that part was judged as it was. Rules with "
            "value and limits, those within their limits only of a part that was accepted; of an "
            "engine that rejected it, the place in px and how far that is from good.",
            late("why:why")),
    Command("log", "[COUNT]", "see-log", "Show the newest messages, 40 or so many.", reads_log.log),
    Command(FOLLOW, "", "see-log", "Show messages as they come, above what is typed. Lines that "
            "the cable is too slow for are left out and counted.", None),
    Command(UNFOLLOW, "", "see-log", "End that; so does Ctrl-C.", None),
    Command("engine list", "", "see-status", "Show what judges and what is loaded. And what is "
            "under way.", reads.engine_list),
    Command("recipe", "", "see-status", "Show the recipe in force, and which there are.",
            reads.recipe),
    Command("drift", "", "see-status", "Show whether what was decided still holds.", reads.drift),
    Command("lots", "", "see-parts", "List the newest lots; the last one goes on.", reads.lots),
    Command("audit", "[COUNT]", "see-audit", "Show who changed what: 20 rows, or so many.",
            reads.audit),
    Command("network", "", "see-setup", "Show interfaces, links and addresses.", box.network),
    Command("time", "", "see-setup", "Show the clocks of the box.", box.clocks),
    Command("engine activate", "", "activate-engine", "Have what was loaded judge. From one part "
            "to the next, on trial.", changes.engine_activate,
            "what was loaded judges from the next part on"),
    Command("engine activate without-shadow", "", "activate-engine", "The same, uncompared.",
            changes.engine_activate_without_shadow,
            "what was loaded judges from the next part on, though nobody has compared it enough"),
    Command("engine rollback", "[NAME]", "roll-back-engine", "Have the former version judge.",
            changes.engine_rollback, "the former version judges again"),
    Command("golden good", "", "show-master-part", "Show a part that is known to be good. The next "
            "part that comes is taken for it.", changes.golden_good,
            "the next part is taken for the known good one"),
    Command("golden bad", "", "show-master-part", "Show a part that is known to be bad.",
            changes.golden_bad, "the next part is taken for the known bad one"),
    Command("golden cancel", "", "show-master-part", "Take that back.", changes.golden_cancel,
            "the next part is one like any other"),
    Command("acknowledge", "", "acknowledge", "Try again what was left alone.",
            changes.acknowledge, "what was left alone is tried again"),
    Command("lot begin", "NAME...", "set-lot", "Begin a lot. Parts from now on are of it.",
            changes.lot_begin, "parts from now on are of another lot"),
    Command("lot end", "", "set-lot", "End the lot.", changes.lot_end,
            "parts from now on are of no lot"),
    Command("note", "TEXT...", "note", "Write into the audit trail what was done by hand.",
            changes.note, "a row in the audit trail"),
    *BOX_COMMANDS,
    Command("users list", "", "manage-accounts", "List the accounts. Name, role, and whether "
            "somebody can sign in with it.", accounts.listed),
    Command("users code", "", "first-account", "Show a one-time code for the first account. There "
            "is none yet; `users first` or the screen takes it, for 15 minutes.", accounts.code),
    Command("users first", "CODE NAME...", "first-account", "Make the first account, by that code. "
            "Of the role security: it gives out the others.", accounts.first,
            "who has that account gives out all others", secret=True),
    Command("users add", "ROLE NAME...", "manage-accounts", "Add an account. The roles are "
            "observer, operator, technician, supervisor and security.", accounts.add,
            "somebody else may sign in", secret=True),
    Command("users role", "ROLE NAME...", "manage-accounts", "Make an account something else. "
            "Whoever uses it is signed out.", accounts.role, "the account may do something else"),
    Command("users pin", "NAME...", "manage-accounts", "Give an account another PIN or badge. "
            "Whoever uses it is signed out.", accounts.pin, "the account has another PIN or badge",
            secret=True),
    Command("users disable", "NAME...", "manage-accounts", "Let nobody sign in with an account.",
            accounts.disable, "nobody signs in with that account"),
    Command("users enable", "NAME...", "manage-accounts", "Let somebody sign in with it again.",
            accounts.enable, "somebody may sign in with that account"),
    Command("users unlock", "NAME...", "manage-accounts", "Let an account wait no longer after "
            "wrong PINs.", accounts.unlock, "the next attempt is looked at"),
    Command("users remove", "NAME...", "manage-accounts", "Remove an account. The last one that "
            "may give out accounts stays.", accounts.remove, "the account is gone"),
    Command("certificate", "", "see-status", "Show the fingerprint of the box's CA. A browser that "
            "is told to trust it has to show the same.", accounts.certificate),
    Command("configure", "", "set-station", "Begin to change the station file. A candidate of it, "
            "of this session alone; nothing is in force before `commit confirm`.",
            configuring.configure),
    Command("set", "KEY VALUE...", "set-station", "Write a value into the candidate. As in "
            "`set console.baud 9600` or `set view[0].rule[1].high 3.5`.", configuring.set_key),
    Command("delete", "KEY", "set-station", "Leave a key out of the candidate.",
            configuring.delete_key),
    Command("show", "", "see-setup", "Show the candidate, or the station file. Without secrets.",
            configuring.show),
    Command("diff", "", "set-station", "Show what differs, and what is wrong with it.",
            configuring.diff),
    Command("discard", "", "set-station", "Drop the candidate.", configuring.discard),
    Command("commit confirm", "[SECONDS]", "set-station", "Put the candidate in force, on trial. "
            "For 120 s, or 10 to 3600; `commit` keeps it, else the old values come back.",
            configuring.commit_confirm, "the candidate is in force, and goes back by itself"),
    Command("commit", "", "set-camera", "Keep what is on trial. What is no exposure or gain of a "
            "camera wants a supervisor.", configuring.commit,
            "what is on trial is the station file from now on"),
    Command("commit take-back", "", "set-camera", "Take back what is on trial, at once.",
            configuring.commit_take_back, "the old values are in force"),
    Command("commit at-next-start", "", "set-station", "Write the candidate for the next start. "
            "Also keys that are not changed while parts pass.", configuring.commit_at_next_start,
            "the station file is another one, and holds from the next start on"),
    Command(LEAVE, "", "", "Sign out; so does Ctrl-D on an empty line.", None),
)
# fmt: on
