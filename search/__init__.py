"""Search: one query language, several engines, complete and counted results.

`SearchIndex` is kept level with an archive's log and finds every version of every record that was
not disposed of. A query is understood exactly, or refused with the place that is wrong.
"""

from search._errors import QueryError
from search._fields import FIELDS, Field
from search._index import SearchIndex, Sort
from search._parser import parse
from search._results import Hit, Results
from search._saved import (
    PROJECTION,
    SavedSearch,
    find_search,
    history_of,
    remove_search,
    save_search,
    saved_searches,
)
from search._sets import RecordSets
from search._snippets import Snippet

PROJECTIONS = (PROJECTION,)

__all__ = [
    "FIELDS",
    "PROJECTIONS",
    "Field",
    "Hit",
    "QueryError",
    "RecordSets",
    "Results",
    "SavedSearch",
    "SearchIndex",
    "Snippet",
    "Sort",
    "find_search",
    "history_of",
    "parse",
    "remove_search",
    "save_search",
    "saved_searches",
]
