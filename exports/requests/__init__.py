"""The request half of the room: clock, search, review, redaction, and what is to leave."""

from exports.requests._calendar import BusinessCalendar, Calendar
from exports.requests._clock import Deadline, Standing, day_text, deadline, standing
from exports.requests._determination import Determined, Mark, redact, release, withhold
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
)
from exports.requests._jurisdiction import Extension, Jurisdiction, Term, load_jurisdiction
from exports.requests._mentions import mentions
from exports.requests._produce import production
from exports.requests._projection import PROJECTION
from exports.requests._redaction import (
    author_names,
    internal_parts,
    names_left,
    parts_of_author,
    parts_of_field,
    parts_of_span,
    parts_with_text,
)
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
from exports.requests._suggest import Suggestion, suggestions

__all__ = [
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
    "Searched",
    "Standing",
    "Suggestion",
    "Tally",
    "Term",
    "add_records",
    "agree",
    "author_names",
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
    "mentions",
    "names_left",
    "names_of",
    "open_request",
    "parts_of_author",
    "parts_of_field",
    "parts_of_span",
    "parts_with_text",
    "production",
    "record_search",
    "redact",
    "release",
    "review",
    "standing",
    "suggestions",
    "tally",
    "undetermined",
    "withhold",
]
