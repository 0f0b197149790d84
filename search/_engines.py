"""The engines there are, by name."""

from archive.errors import UsageError
from search._engine import Engine
from search._tantivy import TantivyEngine
from search._whoosh import WhooshEngine

_KNOWN: dict[str, type[Engine]] = {"tantivy": TantivyEngine, "whoosh": WhooshEngine}


def engine_class(name: str) -> type[Engine]:
    """The engine of that name; UsageError when there is none."""
    if name not in _KNOWN:
        raise UsageError(
            f"there is no search engine {name!r}", hint=f"known engines: {', '.join(_KNOWN)}"
        )
    return _KNOWN[name]
