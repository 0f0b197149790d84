"""A query tree as text: how a query was understood."""

from datetime import tzinfo

from whoosh import query as tree

from search._documents import moment
from search._engine import Query
from search._fields import FIELDS
from search._sets import Among


def explain(node: Query, zone: tzinfo) -> str:
    """The tree of a query, with every operator, field and token written out.

    ``text`` holds words without their endings, ``exact`` words as they stand. Dates are the exact
    moments in `zone`, the first included and the last not. Of what was looked up, it says how many
    records there are.
    """
    match node:
        case tree.And() | tree.Or():
            word = " AND " if isinstance(node, tree.And) else " OR "
            return f"({word.join(explain(sub, zone) for sub in node.subqueries)})"
        case tree.Not():
            return f"NOT {explain(node.query, zone)}"
        case tree.Every():
            return "every record"
        case tree.Phrase():
            near = f"~{node.slop}" if node.slop > 1 else ""
            return f'{_field(node)}:"{" ".join(node.words)}"{near}'
        case tree.SpanNear2():
            rows = [sub.text if isinstance(sub, tree.Term) else " ".join(sub.words)
                    for sub in node.qs]  # fmt: skip
            inside = " ".join(f"[{row}]" for row in rows)
            return f'{_field(node.qs[0])}:"{inside}"~{node.slop}'
        case tree.Prefix():
            return f"{_field(node)}:{node.text}*"
        case tree.FuzzyTerm():
            return f"{_field(node)}:{node.text}~{node.maxdist}"
        case tree.NumericRange():
            start, end = (_moment(value, zone) for value in (node.start, node.end))
            return f"{node.fieldname}:[{start} TO {end}}}"
        case Among():
            return f"{node.fieldname}:{_quoted(node.text)}{_counted(node)}"
    return f"{_field(node)}:{node.text}"


def _field(node: Query) -> str:
    return "exact" if node.fieldname == FIELDS["exact"].row_field else str(node.fieldname)


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _counted(node: Among) -> str:
    if node.found is None:
        return ""
    return f" ({len(node.found)} {'record' if len(node.found) == 1 else 'records'})"


def _moment(value: int | None, zone: tzinfo) -> str:
    return "*" if value is None else moment(value).astimezone(zone).isoformat(timespec="minutes")
