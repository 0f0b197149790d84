"""The query language: a strict grammar that yields `whoosh.query` trees.

::

    query      = or-group
    or-group   = and-group { "OR" and-group }
    and-group  = item { [ "AND" ] item }          no OR beside items that only stand side by side
    item       = "NOT" item | item "ANDNOT" item | "(" or-group ")" | [ field ":" ] value
    value      = word | "phrase"[~n] | word~[1|2] | wild* ca?d | [date TO date] | >=date | group

Every node of the tree names index fields and tokens, so that an engine needs no analyzer.
"""

from datetime import UTC, datetime, tzinfo
from typing import Any

from whoosh import query as tree

from search._dates import Calendar
from search._engine import Query
from search._errors import QueryError
from search._fields import DEFAULT, FIELDS, Field, Kind
from search._scanner import Lexeme, Token, scan
from search._values import value

_DEEPEST = 40
_LONGEST_DATE = 4


def parse(query: str, zone: tzinfo = UTC, now: datetime | None = None) -> Query:
    """The tree of a query. Dates are days in `zone`; "yesterday" is the day before `now`.

    Raises QueryError, with the position, for everything that is not exactly understood. Without
    `now`, that is also whatever means another day tomorrow.
    """
    return _Parser(list(scan(query)), Calendar(zone, now)).query()


class _Parser:
    def __init__(self, tokens: list[Token], calendar: Calendar) -> None:
        self._tokens = tokens
        self._calendar = calendar
        self._at = 0
        self._depth = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Lexeme:
        return self._token.kind

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def query(self) -> Query:
        if self._next() is Lexeme.END:
            raise QueryError("there is nothing to search for", 1, hint="* finds everything")
        found = self._group(FIELDS[DEFAULT])
        if self._next() is Lexeme.CLOSE:
            raise QueryError(
                "this parenthesis closes nothing", self._token.position, hint="leave it out"
            )
        return found

    def _group(self, field: Field) -> Query:
        """Items up to the end or a closing parenthesis: alternatives of conjunctions."""
        alternatives: list[list[Query]] = [[self._item(field)]]
        side_by_side = either = None
        while self._next() not in {Lexeme.END, Lexeme.CLOSE}:
            token = self._token
            match token.text if token.kind is Lexeme.OPERATOR else "":
                case "OR":
                    either = self._advance()
                    alternatives.append([self._operand(token, field)])
                case "AND":
                    self._advance()
                    alternatives[-1].append(self._operand(token, field))
                case "ANDNOT":
                    self._advance()
                    alternatives[-1].append(tree.Not(self._operand(token, field)))
                case _:
                    side_by_side = token
                    alternatives[-1].append(self._item(field))
            if side_by_side and either:
                raise QueryError(
                    "OR beside words without an operator can be read in two ways",
                    either.position,
                    hint="use parentheses: (a b) OR c, or a (b OR c)",
                )
        return _join(tree.Or, [_join(tree.And, items) for items in alternatives])

    def _operand(self, operator: Token, field: Field) -> Query:
        if self._next() in {Lexeme.END, Lexeme.CLOSE}:
            raise QueryError(
                f"{operator.text} has nothing after it",
                operator.position,
                hint=f'add a word, or quote it: "{operator.text}"',
            )
        return self._item(field)

    def _item(self, field: Field) -> Query:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(
                f"more than {_DEEPEST} levels of parentheses and NOT",
                self._token.position,
                hint="search in several steps",
            )
        try:
            return self._item_at(self._advance(), field)
        finally:
            self._depth -= 1

    def _item_at(self, token: Token, field: Field) -> Query:
        match token.kind:
            case Lexeme.OPERATOR if token.text == "NOT":
                return tree.Not(self._operand(token, field))
            case Lexeme.OPERATOR:
                raise QueryError(
                    f"{token.text} has nothing before it",
                    token.position,
                    hint=f'add a word, or quote it: "{token.text}"',
                )
            case Lexeme.OPEN:
                return self._parenthesis(token, field)
            case Lexeme.CLOSE:
                raise QueryError(
                    "nothing before this parenthesis", token.position, hint="leave it out"
                )
            case Lexeme.FIELD:
                return self._item_of_field(token)
            case _:
                return value(field, token, self._calendar)

    def _parenthesis(self, opening: Token, field: Field) -> Query:
        if self._next() is Lexeme.CLOSE:
            raise QueryError(
                "there is nothing between these parentheses",
                opening.position,
                hint="leave them out",
            )
        if self._next() is Lexeme.END:
            raise QueryError(
                "this parenthesis is never closed", opening.position, hint="close it with )"
            )
        found = self._group(field)
        if self._next() is not Lexeme.CLOSE:
            raise QueryError(
                "this parenthesis is never closed", opening.position, hint="close it with )"
            )
        self._advance()
        return found

    def _item_of_field(self, token: Token) -> Query:
        if self._next() is Lexeme.FIELD:
            raise QueryError("a field within a field", self._token.position, hint="quote the value")
        field = FIELDS[token.text]
        if field.kind is Kind.DATE and self._next() is Lexeme.WORD:
            self._refuse_loose_date(field)
        return self._item(field)

    def _refuse_loose_date(self, field: Field) -> None:
        """``date:last month`` would be the date "last" and the word "month"."""
        first = self._token
        words = [first.text]
        for token in self._tokens[self._at + 1 : self._at + _LONGEST_DATE]:
            if token.kind is not Lexeme.WORD:
                break
            words.append(token.text)
            text = " ".join(words)
            bare = text.lstrip("<>= ")
            sign = text.removesuffix(bare).strip()
            instead = self._calendar.instead(bare).replace("write ", f"write {sign}", 1)
            if instead:
                raise QueryError(
                    f"{' '.join(words)!r} can be one date, or a date and words",
                    first.position,
                    hint=f"{instead} after {field.name}: for the date; quote what is only a word",
                )


def _join(kind: Any, nodes: list[Query]) -> Query:
    if len(nodes) == 1:
        return nodes[0]
    flat: list[Query] = []
    for node in nodes:
        flat += node.subqueries if type(node) is kind else [node]
    return kind(flat)
