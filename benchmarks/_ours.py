"""The search index as the benchmarks ask it: with an archive, or of documents alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks._corpus import Comment
from search import parse
from search._documents import Content, Document, microseconds, tokenize
from search._partitions import Partitions
from search._settings import load
from search._tantivy import TantivyEngine, as_json, opened_in

_ACCOUNT = ("0197a1b2-0000-7000-8000-00000000c0de", "")
_IDS = "0197a1b2-0000-7000-8000-"


def opened(folder: Path) -> Partitions:
    """The parts of an archive's index."""
    found = load(folder)
    if found is None:
        raise FileNotFoundError(folder)
    return Partitions(TantivyEngine, folder, found.numbered, found.fresh)


def alone(folder: Path) -> Partitions:
    """An index without an archive, in the parts that an archive's would have."""
    folder.mkdir(exist_ok=True)
    there = {int(path.name): path.name for path in folder.iterdir()}
    return Partitions(TantivyEngine, folder, there, str)


def filled(folder: Path, comments: Iterable[Comment]) -> Partitions:
    """An index without an archive, of comments."""
    index = alone(folder)
    index.apply((), map(_document, comments))
    index.settle()
    return index


def write_lines(path: Path, comments: Iterable[Comment]) -> None:
    """Write the documents of comments as Tantivy is given them, one to a line."""
    with path.open("w") as file:
        file.writelines(f"{as_json(_document(comment))}\n" for comment in comments)


def filled_plainly(folder: Path, lines: Path) -> None:
    """Let Tantivy alone index such documents, with a writer of its default threads."""
    folder.mkdir()
    writer = opened_in(folder).writer()
    with lines.open() as file:
        for line in file:
            writer.add_json(line)
    writer.commit()
    writer.wait_merging_threads()


def page(index: Partitions, kind: str, words: Sequence[str]) -> tuple[int, list[str]]:
    """How many records match, and the ids of the best twenty."""
    count, best = index.best(parse(written(kind, words)), 0, 20)
    return count, [match.id for match in best]


def written(kind: str, words: Sequence[str]) -> str:
    """The words of a query of that kind, in the query language."""
    return _WRITTEN.get(kind, " AND ".join)(words)


_WRITTEN: dict[str, Callable[[Sequence[str]], str]] = {
    "or": " OR ".join,
    "phrase": lambda words: f'"{" ".join(words)}"',
    "prefix": lambda words: f"{words[0]}*",
    "fuzzy": lambda words: f"{words[0]}~",
    "dated": lambda words: f"{words[0]} date:{words[1]}",
}


def _document(comment: Comment) -> Document:
    content = Content(
        text=comment.text,
        author=(comment.author, ""),
        account=_ACCOUNT,
        platform=comment.platform,
        kind="comment",
        status=("live",),
    )
    date = microseconds(comment.date)
    return Document(
        id=f"{_IDS}{comment.number:012x}",
        record=comment.number,
        seq=comment.number,
        several=False,
        tokens=tokenize(content),
        dates={"date": date, "captured": date},
    )


def ids(index: Partitions, query: str) -> Iterator[str]:
    """The ids of all records that match, by their date."""
    return (match.id for match in index.by_date(parse(query)))
