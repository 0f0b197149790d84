"""What SQLAlchemy compiled for one archive serves for the next that this process opens.

An engine compiles each statement once. A command has one engine; the tests of one process open
thousands of archives, and a third of their time would go into compiling the same statements anew.
"""

from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

_REAL = Engine.__init__
_DIALECTS: dict[tuple[str, str], Dialect] = {}
_COMPILED: LRUCache[Any, Any] = LRUCache(5000)


def share_statements() -> None:
    """Let all engines of this process that speak one dialect share what is compiled for it."""
    Engine.__init__ = _sharing  # type: ignore[assignment, method-assign]


def _sharing(
    engine: Engine, pool: Any, dialect: Any, url: Any, echo: Any = None, **options: Any
) -> None:
    """A new engine, with the dialect of one that has asked its server already.

    `create_engine` looks at the names of these arguments for those that it takes itself.
    """
    _REAL(engine, pool, dialect, url, echo=echo, **options)
    spoken = (engine.dialect.name, engine.dialect.driver)
    known = _DIALECTS.get(spoken)
    if known is not None and known.server_version_info:
        engine.dialect = known
    else:
        _DIALECTS[spoken] = engine.dialect
    engine.update_execution_options(compiled_cache=_COMPILED)
