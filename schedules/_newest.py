"""The newest of several moments or days in SQL, as far as they are known."""

from typing import Any

from sqlalchemy import ColumnElement, Text, null
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Newest(FunctionElement[str]):
    """PostgreSQL's ``greatest`` leaves out NULL; SQLite's ``max`` is NULL when one of them is."""

    type = Text()
    inherit_cache = True


@compiles(_Newest)
def _greatest(element: _Newest, compiler: SQLCompiler, **words: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **words)})"


@compiles(_Newest, "sqlite")
def _max(element: _Newest, compiler: SQLCompiler, **words: Any) -> str:
    known = (f"ifnull({compiler.process(one, **words)}, '')" for one in element.clauses)
    return f"nullif(max({', '.join(known)}), '')"


def newest(*moments: ColumnElement[Any]) -> ColumnElement[Any]:
    """The newest of these texts; NULL when none is known."""
    if len(moments) > 1:
        return _Newest(*moments)
    return moments[0] if moments else null()
