"""Sets of records that the index does not know: looked up when a query is run.

Whether a record is held, of which series it is and to which thread it belongs follows from other
records and from decisions. A query names such a set; `Lookup` puts the records in.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from sqlalchemy import select
from whoosh import query as tree

from archive import Archive, MunimentError, Reader, records
from archive.records import record_table
from search._engine import Query
from search._errors import QueryError

RecordSets: TypeAlias = Mapping[str, Callable[[Reader, str], Iterable[int]]]
"""By field, what gives the records that have a value in it, each by its first entry's position.

It raises NotFound or UsageError when there is no such value.
"""


class Among(tree.Query):  # type: ignore[misc]  # whoosh has no type hints
    """The records that have the value `text` in `fieldname`: None until they are looked up.

    `position` is where the value stands in the query.
    """

    def __init__(
        self, fieldname: str, text: str, position: int, found: tuple[int, ...] | None = None
    ) -> None:
        self.fieldname = fieldname
        self.text = text
        self.position = position
        self.found = found

    @property
    def records(self) -> tuple[int, ...]:
        """The records, in order; TypeError before they were looked up."""
        if self.found is None:
            raise TypeError(f"{self.fieldname}:{self.text} was not looked up")
        return self.found


class Lookup:
    """Looks up the sets that queries of an archive name.

    What was found is kept for as long as nothing is appended to the log.
    """

    def __init__(self, archive: Archive, sets: RecordSets) -> None:
        self._archive = archive
        self._sets = {"in": thread_of, **sets}
        self._known: dict[tuple[int, str, str], tuple[int, ...]] = {}

    def __call__(self, node: Query) -> Query:
        """The tree with the records of every set in it.

        Raises QueryError, with the place of the value, for what cannot be looked up.
        """
        if not _names_sets(node):
            return node
        with self._archive.read() as reader:
            return self._put_in(reader, node)

    def _put_in(self, reader: Reader, node: Query) -> Query:
        match node:
            case Among():
                found = self._find(reader, node)
                return Among(node.fieldname, node.text, node.position, found)
            case tree.Not():
                return tree.Not(self._put_in(reader, node.query))
            case tree.And() | tree.Or():
                return type(node)([self._put_in(reader, sub) for sub in node.subqueries])
        return node

    def _find(self, reader: Reader, node: Among) -> tuple[int, ...]:
        find = self._sets.get(node.fieldname)
        if find is None:
            raise QueryError(
                f"{node.fieldname}:{node.text} cannot be asked for here",
                node.position,
                hint="it changes with schedules and holds; ask for words, authors, kinds or dates",
            )
        key = (reader.head.size, node.fieldname, node.text)
        if key not in self._known:
            try:
                self._known[key] = tuple(sorted(find(reader, node.text)))
            except MunimentError as error:
                raise QueryError(str(error), node.position, hint=error.hint) from error
        return self._known[key]


def _names_sets(node: Query) -> bool:
    match node:
        case tree.Not():
            return _names_sets(node.query)
        case tree.And() | tree.Or():
            return any(map(_names_sets, node.subqueries))
    return isinstance(node, Among)


def thread_of(reader: Reader, wanted: str) -> list[int]:
    """The thread of a record given by its id, a beginning or an end of it.

    It is the post at the top, and every answer below it at any depth; where the post is not in the
    archive, every answer below it that is. NotFound, UsageError.
    """
    top = records.get(reader, wanted)
    seen = {top.id}
    while (above := records.parent_of(reader, top)) is not None and above.id not in seen:
        top = above
        seen.add(top.id)
    c, answer = record_table.c, record_table.alias("answer")
    tops = c.id == top.id
    if top.parent_lookup is not None:
        tops |= c.parent_lookup == top.parent_lookup
    below = select(c.lookup, c.first_seq).where(tops).cte("thread", recursive=True)
    below = below.union(  # not UNION ALL: a source may claim that two records answer each other
        select(answer.c.lookup, answer.c.first_seq).where(answer.c.parent_lookup == below.c.lookup)
    )
    return list(reader.conn.execute(select(below.c.first_seq)).scalars())
