"""What happens to sittings and attempts."""

from assessment.delivery.services.applications import apply_for_sitting, rule_on_application
from assessment.delivery.services.arrangements import ask_arrangement, rule_on_arrangement
from assessment.delivery.services.attempts import change_device, enter, hand_in, start_attempt, time_out_due
from assessment.delivery.services.interventions import (
    extend_attempt,
    pause_attempt,
    pause_sitting,
    repeat_attempt,
    resume_attempt,
    resume_sitting,
    void_attempt,
)
from assessment.delivery.services.late import rule_on_late
from assessment.delivery.services.on_paper import (
    begin_on_paper,
    collect_paper,
    key_in,
    note_form_printed,
    settle_keying,
)
from assessment.delivery.services.roster import (
    add_late,
    check_identity,
    fix_due_rosters,
    freeze_roster,
    give_extra_time,
    register_candidacy,
)
from assessment.delivery.services.sittings import (
    approve_sitting,
    assign_invigilator,
    change_sitting,
    close_sitting,
    draft_sitting,
    note_print,
    open_sitting,
    request_sitting,
    return_sitting,
    void_sitting,
)
from assessment.delivery.services.telling import note_told

__all__ = [
    "add_late",
    "apply_for_sitting",
    "approve_sitting",
    "ask_arrangement",
    "assign_invigilator",
    "begin_on_paper",
    "change_device",
    "change_sitting",
    "check_identity",
    "close_sitting",
    "collect_paper",
    "draft_sitting",
    "enter",
    "extend_attempt",
    "fix_due_rosters",
    "freeze_roster",
    "give_extra_time",
    "hand_in",
    "key_in",
    "note_form_printed",
    "note_print",
    "note_told",
    "open_sitting",
    "pause_attempt",
    "pause_sitting",
    "register_candidacy",
    "repeat_attempt",
    "request_sitting",
    "resume_attempt",
    "resume_sitting",
    "return_sitting",
    "rule_on_application",
    "rule_on_arrangement",
    "rule_on_late",
    "settle_keying",
    "start_attempt",
    "time_out_due",
    "void_attempt",
    "void_sitting",
]
