"""The request half of the room: clock, search, review, redaction, and what is to leave."""

from exports.requests._calendar import BusinessCalendar, Calendar
from exports.requests._clock import Deadline, Standing, day_text, deadline, passed, standing
from exports.requests._determination import Determined, redact, release, withhold
from exports.requests._exemptions import Exemption, Exemptions, load_exemptions
from exports.requests._intake import (
    Intake,
    Searched,
    add_records,
    agree,
    close,
    extend,
    open_request,
    record_search,
    set_aside,
)
from exports.requests._jurisdiction import Extension, Jurisdiction, Term, load_jurisdiction
from exports.requests._marks import (
    Mark,
    mark_author,
    mark_field,
    mark_span,
    mark_suggested,
    mark_text,
)
from exports.requests._produce import production
from exports.requests._projection import PROJECTION
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
from exports.requests._rules import Rules, load_rules
from exports.requests._searching import Search, search_for, searches
from exports.requests._suggest import Suggestion, suggestions
from exports.requests._suggest_rules import KINDS, SuggestionRules
from exports.requests._survey import author_traces, mentions, still_shown, survey

__all__ = [
    "KINDS",
    "PROJECTION",
    "BusinessCalendar",
    "Calendar",
    "Deadline",
    "Determined",
    "Exemption",
    "Exemptions",
    "Extension",
    "Intake",
    "Jurisdiction",
    "Mark",
    "Request",
    "RequestNames",
    "Review",
    "Rules",
    "Search",
    "Searched",
    "Standing",
    "Suggestion",
    "SuggestionRules",
    "Tally",
    "Term",
    "add_records",
    "agree",
    "author_names",
    "author_traces",
    "close",
    "day_text",
    "deadline",
    "extend",
    "find_request",
    "internal_parts",
    "list_requests",
    "load_exemptions",
    "load_jurisdiction",
    "load_rules",
    "mark_author",
    "mark_field",
    "mark_span",
    "mark_suggested",
    "mark_text",
    "mentions",
    "names_of",
    "open_request",
    "passed",
    "production",
    "record_search",
    "redact",
    "release",
    "review",
    "search_for",
    "searches",
    "set_aside",
    "standing",
    "still_shown",
    "suggestions",
    "survey",
    "tally",
    "undetermined",
    "withhold",
]
