"""The request half of the room: clock, search, review, redaction, and what is to leave."""

from exports._production import Box
from exports.requests._adoption import adopt_calendar, draft_calendar, refuse_calendar
from exports.requests._agenda import Agenda, agenda, agenda_of
from exports.requests._burning import ImageMark
from exports.requests._calendar import BusinessCalendar, Calendar
from exports.requests._clock import Deadline, Standing, day_text, deadline, passed, standing
from exports.requests._closures import (
    AdoptedCalendar,
    Closures,
    adopted_calendars,
    load_calendar,
)
from exports.requests._correspondence import Letter, attach, content_of, correspondence
from exports.requests._course import (
    Extended,
    Moved,
    agree,
    course_of,
    extend,
    moved_by,
    pause,
    resume,
    take_step,
    treat,
)
from exports.requests._data import Table, packaged, parse_toml
from exports.requests._dates import EFFECTS, Counted, Dated
from exports.requests._desk import Card, Desk
from exports.requests._determination import Determined, preview, redact, release, withhold
from exports.requests._exemptions import (
    EXEMPTIONS_FILE,
    Exemption,
    Exemptions,
    exemptions_csv,
    load_exemptions,
)
from exports.requests._fields import Field, fields
from exports.requests._frequency import reached
from exports.requests._ics import icalendar_of
from exports.requests._images import box
from exports.requests._intake import (
    CHANNELS,
    PURPOSES,
    Added,
    Intake,
    Searched,
    add_records,
    close,
    open_request,
    record_search,
    set_aside,
)
from exports.requests._jurisdiction import (
    AGREEMENT,
    Extension,
    Jurisdiction,
    Term,
    Threshold,
    load_jurisdiction,
)
from exports.requests._marks import (
    Mark,
    mark_author,
    mark_field,
    mark_parts,
    mark_span,
    mark_suggested,
    mark_text,
)
from exports.requests._produce import production
from exports.requests._projection import PROJECTION
from exports.requests._reasons import reasons_of
from exports.requests._redaction import author_names, internal_parts
from exports.requests._requests import (
    Request,
    RequestNames,
    Review,
    Tally,
    find_request,
    list_requests,
    names_of,
    review,
    tally,
    undetermined,
)
from exports.requests._reviewing import judge_suggestion, refusals, take_back
from exports.requests._rules import Rules, load_rules
from exports.requests._searching import Search, matching, search_for, searches
from exports.requests._sign_off import sign_off, signed_off
from exports.requests._suggest import Suggestion, suggestions
from exports.requests._suggest_rules import KINDS, SuggestionRules
from exports.requests._survey import Surveyed, author_traces, mentions, still_shown, survey

__all__ = [
    "AGREEMENT",
    "CHANNELS",
    "EFFECTS",
    "EXEMPTIONS_FILE",
    "KINDS",
    "PROJECTION",
    "PURPOSES",
    "Added",
    "AdoptedCalendar",
    "Agenda",
    "Box",
    "BusinessCalendar",
    "Calendar",
    "Card",
    "Closures",
    "Counted",
    "Dated",
    "Deadline",
    "Desk",
    "Determined",
    "Exemption",
    "Exemptions",
    "Extended",
    "Extension",
    "Field",
    "ImageMark",
    "Intake",
    "Jurisdiction",
    "Letter",
    "Mark",
    "Moved",
    "Request",
    "RequestNames",
    "Review",
    "Rules",
    "Search",
    "Searched",
    "Standing",
    "Suggestion",
    "SuggestionRules",
    "Surveyed",
    "Table",
    "Tally",
    "Term",
    "Threshold",
    "add_records",
    "adopt_calendar",
    "adopted_calendars",
    "agenda",
    "agenda_of",
    "agree",
    "attach",
    "author_names",
    "author_traces",
    "box",
    "close",
    "content_of",
    "correspondence",
    "course_of",
    "day_text",
    "deadline",
    "draft_calendar",
    "exemptions_csv",
    "extend",
    "fields",
    "find_request",
    "icalendar_of",
    "internal_parts",
    "judge_suggestion",
    "list_requests",
    "load_calendar",
    "load_exemptions",
    "load_jurisdiction",
    "load_rules",
    "mark_author",
    "mark_field",
    "mark_parts",
    "mark_span",
    "mark_suggested",
    "mark_text",
    "matching",
    "mentions",
    "moved_by",
    "names_of",
    "open_request",
    "packaged",
    "parse_toml",
    "passed",
    "pause",
    "preview",
    "production",
    "reached",
    "reasons_of",
    "record_search",
    "redact",
    "refusals",
    "refuse_calendar",
    "release",
    "resume",
    "review",
    "search_for",
    "searches",
    "set_aside",
    "sign_off",
    "signed_off",
    "standing",
    "still_shown",
    "suggestions",
    "survey",
    "take_back",
    "take_step",
    "tally",
    "treat",
    "undetermined",
    "withhold",
]
