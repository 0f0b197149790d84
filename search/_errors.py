"""What can be wrong with a query, said with the place in it."""

from archive.errors import UsageError


class QueryError(UsageError):
    """A query that cannot be understood exactly as it stands.

    ``position`` counts characters of the query from 1; the hint says what to write instead.
    """

    def __init__(self, message: str, position: int, *, hint: str = "") -> None:
        super().__init__(_line(f"query, position {position}: {message}"), hint=_line(hint))
        self.position = position


def _line(text: str) -> str:
    return " ".join(text.split())
