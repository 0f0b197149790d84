"""What a policy asks of the body itself: notices on its profiles, and answers in time."""

from ingest._notices import Notice, answer_days, notices, policies_on
from ingest._unanswered import PROJECTION, Unanswered, set_answered, unanswered

__all__ = [
    "PROJECTION",
    "Notice",
    "Unanswered",
    "answer_days",
    "notices",
    "policies_on",
    "set_answered",
    "unanswered",
]
