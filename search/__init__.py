"""Search: one query language, several engines, complete and counted results.

`SearchIndex` is kept level with an archive's log and finds every version of every record that was
not disposed of. A query is understood exactly, or refused with the place that is wrong.
"""

from search._context import Above, above
from search._errors import QueryError
from search._facets import FACETS, Facet, FacetName
from search._fields import FIELDS, Field
from search._index import SearchIndex, Sort
from search._parser import parse
from search._results import Group, Groups, Hit, Results
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
from search._suggest import Nowhere

PROJECTIONS = (PROJECTION,)

__all__ = [
    "FACETS",
    "FIELDS",
    "PROJECTIONS",
    "Above",
    "Facet",
    "FacetName",
    "Field",
    "Group",
    "Groups",
    "Hit",
    "Nowhere",
    "QueryError",
    "RecordSets",
    "Results",
    "SavedSearch",
    "SearchIndex",
    "Snippet",
    "Sort",
    "above",
    "find_search",
    "history_of",
    "parse",
    "remove_search",
    "save_search",
    "saved_searches",
]
