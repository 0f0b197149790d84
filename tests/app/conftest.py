"""What commands say and take does not depend on the database: SQLite, unless a test says `BOTH`.

The rooms' own tests run on both databases, and no command speaks to a database itself.
"""

from collections.abc import Iterator

import pytest

from tests.conftest import database_of


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLite's default; an empty PostgreSQL for the tests that say `BOTH`."""
    yield from database_of(request)
