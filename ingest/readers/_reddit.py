"""Reddit: the tables of a data request, and recorded answers of its API.

Data request: ``comments.csv``, ``posts.csv``, ``messages.csv``, ``chat_history.csv``; they hold
what the account itself wrote, in its present state. Answers: JSON listings of posts, comments with
the replies inside them, messages and actions of the moderation log, or a list of such listings.

Keys are Reddit's full names, such as ``t1_ck1fsao``; tables give them without the first part, which
follows from the table. Times are UTC. Text is Markdown, as it was written. An answer says when an
item was last edited, never what it was. ``[deleted]`` in place of a text is the author's deletion,
``[removed]`` or a moderator's name a moderator's. Actions of the moderation log that remove are
removals, with the moderator and the details as their reason, and with the text where the log
repeats it; other actions are no items and are counted. Replies are cut out of the bytes of what
they answer. The account is the one that ``statistics.csv`` names.
"""

from collections import Counter
from collections.abc import Iterator

from archive import SourceError
from ingest._capture import AccountName, Kind, Remark, Told
from ingest._csv import rows
from ingest._export import Export
from ingest._source import Item, Source, whose
from ingest.readers._reddit_answers import is_answer, items_of
from ingest.readers._reddit_tables import Form, form_of, rows_of

_MOST = 200
_SMALL = 1 << 20


class Reddit:
    """Reads a data request to Reddit, or files of API answers: zip, tar, folder or single files."""

    name = "reddit"
    version = 1

    def sniff(self, export: Export) -> bool:
        return bool(_tables(export) or _answers(export))

    def frame(self, source_file: str) -> tuple[bytes, bytes] | None:
        if not source_file.endswith(".json"):
            return None
        return b'{"kind":"Listing","data":{"children":[', b"]}}"

    def read(self, export: Export, told: Told) -> Source:
        forms, answers = _tables(export), _answers(export)
        if not forms and not answers:
            raise SourceError(f"{export.path.name} holds neither comments.csv nor API answers")
        known = whose(told, _account(export))
        kinds: set[Kind] = {form.kind for form in forms.values()}
        if answers:
            kinds |= {"post", "comment"}
        members = (*forms, *answers)
        items = _items(export, forms, answers, known)
        return Source("reddit", known, frozenset(kinds), members, items)


def _tables(export: Export) -> dict[str, Form]:
    found = {}
    for name in export.find(lambda name: name.lower().endswith(".csv"))[:_MOST]:
        form = form_of(export.head(name))
        if form is not None:
            found[name] = form
    return found


def _answers(export: Export) -> list[str]:
    found = export.find(lambda name: name.lower().endswith(".json"))[:_MOST]
    return [name for name in found if is_answer(export.head(name))]


def _account(export: Export) -> AccountName | None:
    file = export.find_file("statistics.csv")
    if file is None:
        return None
    with export.open(file) as stream:
        for row in rows(stream, limit=_SMALL):
            if row.cells[:1] == ("account name",) and len(row.cells) > 1:
                handle = row.cells[1]
                return AccountName(handle, "", f"https://www.reddit.com/user/{handle}")
    return None


def _items(
    export: Export, forms: dict[str, Form], answers: list[str], account: AccountName
) -> Iterator[Item]:
    for file, form in forms.items():
        yield from rows_of(export, file, form, account)
    others: Counter[str] = Counter()
    for file in answers:
        yield from items_of(export, file, others)
    if others:
        named = ", ".join(f"{count} {action}" for action, count in others.most_common())
        yield Remark(f"not captured, for they hold no items: {named}")
