"""Retention: schedules of series, legal holds, and disposal with its certificate.

`evaluate` is the pure heart: facts, schedule, freezes and a day give a decision with its reason.
Around it, a schedule is adopted, holds are placed, and a disposal is proposed, approved by two
people, run and certified, all as entries of the log. Nothing here deletes but through one guard,
which asks for holds, open requests and undecided appeals inside the deleting transaction.
"""

from schedules._adopt import (
    Adopted,
    adopt,
    adopted,
    file_of,
    find_adopted,
    in_force,
    load,
    refuse_old_version,
)
from schedules._approvals import approve, obstacles, strike, withdraw
from schedules._authorization import Authorization, Authorized
from schedules._authorize import authorize
from schedules._candidates import past_due
from schedules._certificate import Certificate, as_text, certificate
from schedules._certificate_pdf import as_pdf
from schedules._collect import decide
from schedules._criteria import Criteria, find_author
from schedules._daily import Day, Matter, daily
from schedules._days import today, zone_of
from schedules._difference import Difference, differences
from schedules._disposal import (
    Approval,
    Disposal,
    State,
    disposals,
    find_disposal,
    listing_of,
    schedule_of,
)
from schedules._disposal_projection import PROJECTION as DISPOSALS
from schedules._disposed import Disposed, disposed_in, disposed_records
from schedules._evaluate import Decision, Outcome, evaluate
from schedules._facts import Facts, Freeze, FreezeSource
from schedules._guard import frozen
from schedules._hold_report import Change, HoldReport, in_words, report
from schedules._holds import Caught, Custodian, Hold, HoldKind, find_hold, held_records, holds
from schedules._judge import Kept
from schedules._list import Exclusion, Item, Listing
from schedules._moves import Move, compare, count_moves
from schedules._notices import acknowledge, remind, reviewed
from schedules._overlaps import warnings
from schedules._packages import (
    Acknowledgement,
    Package,
    acknowledge_package,
    acknowledgement_of,
    package_of,
    record_package,
)
from schedules._period import Period
from schedules._placing import cover, place, release, widen
from schedules._presets import Preset, preset, presets
from schedules._projection import PROJECTION as SCHEDULES
from schedules._propose import Proposal, propose
from schedules._reading import ScheduleError, read_schedule
from schedules._reminders import NEVER, Reminder
from schedules._repeat import LateHolds, Repeated, late_holds, repeat
from schedules._requests import (
    RequestFile,
    decide_request,
    find_request_file,
    request_numbers,
    survey_requests,
)
from schedules._run import Run, rehearse, run
from schedules._schedule import (
    Action,
    Authority,
    CountsFrom,
    Rule,
    Schedule,
    Series,
    Trigger,
)
from schedules._sets import record_sets
from schedules._sheet import DisposalSheet, sheet_of, sheet_pdf
from schedules._tally import tally, undetermined
from schedules._transfer import Chosen, to_package

PROJECTIONS = (SCHEDULES, DISPOSALS)

__all__ = [
    "NEVER",
    "PROJECTIONS",
    "Acknowledgement",
    "Action",
    "Adopted",
    "Approval",
    "Authority",
    "Authorization",
    "Authorized",
    "Caught",
    "Certificate",
    "Change",
    "Chosen",
    "CountsFrom",
    "Criteria",
    "Custodian",
    "Day",
    "Decision",
    "Difference",
    "Disposal",
    "DisposalSheet",
    "Disposed",
    "Exclusion",
    "Facts",
    "Freeze",
    "FreezeSource",
    "Hold",
    "HoldKind",
    "HoldReport",
    "Item",
    "Kept",
    "LateHolds",
    "Listing",
    "Matter",
    "Move",
    "Outcome",
    "Package",
    "Period",
    "Preset",
    "Proposal",
    "Reminder",
    "Repeated",
    "RequestFile",
    "Rule",
    "Run",
    "Schedule",
    "ScheduleError",
    "Series",
    "State",
    "Trigger",
    "acknowledge",
    "acknowledge_package",
    "acknowledgement_of",
    "adopt",
    "adopted",
    "approve",
    "as_pdf",
    "as_text",
    "authorize",
    "certificate",
    "compare",
    "count_moves",
    "cover",
    "daily",
    "decide",
    "decide_request",
    "differences",
    "disposals",
    "disposed_in",
    "disposed_records",
    "evaluate",
    "file_of",
    "find_adopted",
    "find_author",
    "find_disposal",
    "find_hold",
    "find_request_file",
    "frozen",
    "held_records",
    "holds",
    "in_force",
    "in_words",
    "late_holds",
    "listing_of",
    "load",
    "obstacles",
    "package_of",
    "past_due",
    "place",
    "preset",
    "presets",
    "propose",
    "read_schedule",
    "record_package",
    "record_sets",
    "refuse_old_version",
    "rehearse",
    "release",
    "remind",
    "repeat",
    "report",
    "request_numbers",
    "reviewed",
    "run",
    "schedule_of",
    "sheet_of",
    "sheet_pdf",
    "strike",
    "survey_requests",
    "tally",
    "to_package",
    "today",
    "undetermined",
    "warnings",
    "widen",
    "withdraw",
    "zone_of",
]
