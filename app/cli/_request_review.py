"""The command `muniment request review`: one version after another, by single keys."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from app.cli._keyboard import Keyboard
from app.cli._request_decide import rules_of
from app.cli._session import Session, pass_session

if TYPE_CHECKING:
    from exports.requests import Card, Desk

_ARROWS = {"\x1b[C": "n", "\x1b[D": "p", " ": "n", "\x1b[Z": "\t"}
_STOPS = frozenset({"q", "\x04", ""})


@click.command()
@click.argument("key", metavar="REQUEST")
@pass_session
def review(session: Session, key: str) -> None:
    """Go through the records one by one, at a terminal.

    Each is shown with what it answers, with what is hidden and what seems private marked in it.
    Single keys decide; withholding and redacting ask for the exemption and the reason. Every step
    is saved at once, and u takes it back, so that the review can be left at any time. Begins at the
    first record that nobody has determined.

    \b
    Example:
      muniment request review 2026-0001
    """
    from archive.errors import UsageError
    from exports.requests import Desk

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "a review needs a terminal", hint="muniment request determine works without one"
        )
    archive = session.archive()
    desk = Desk(archive, session.signer(), key, rules_of(archive))
    with Keyboard() as keyboard:
        Review(desk, keyboard, archive.config.timezone).run()
    left = desk.undetermined
    click.echo(f"{len(desk.items) - left} of {len(desk.items)} are determined, {left} are not")


class Review:
    """The loop of a review: show, read a key, do what it says, say what went wrong."""

    def __init__(self, desk: "Desk", keyboard: Keyboard, timezone: str) -> None:
        self._desk, self._keyboard, self._timezone = desk, keyboard, timezone
        self._chosen = 0
        self._said = ""
        self._actions: dict[str, Callable[[Card], None]] = {
            "n": lambda _: self._move(1),
            "p": lambda _: self._move(-1),
            "\t": self._choose,
            "r": self._release,
            "w": lambda _: self._withhold(),
            "x": self._redact,
            "h": self._hide_author,
            "a": self._accept,
            "f": self._refuse,
            "u": lambda _: self._undo(),
        }

    def run(self) -> None:
        """Until the reviewer leaves: by q, Ctrl-C, Ctrl-D or the terminal's end."""
        from archive.errors import MunimentError

        try:
            while True:
                card = self._show()
                key = self._keyboard.key()
                if key in _STOPS:
                    return
                action = self._actions.get(_ARROWS.get(key, key))
                self._said = ""
                if action is None:
                    self._said = "there is no such key"
                    continue
                try:
                    action(card)
                except click.Abort:
                    self._said = "left as it was"
                except MunimentError as error:
                    self._said = f"{error} — {error.hint}" if error.hint else str(error)
        except KeyboardInterrupt:
            click.echo()

    def _show(self) -> "Card":
        from rich.console import Console

        from app.cli._review_screen import screen

        card = self._desk.card()
        self._chosen = min(self._chosen, max(len(card.suggestions) - 1, 0))
        console = Console()
        console.clear()
        console.print(screen(self._desk, card, self._chosen, self._said, self._timezone))
        return card

    def _move(self, by: int) -> None:
        self._desk.move(by)
        self._chosen = 0

    def _choose(self, card: "Card") -> None:
        self._chosen = (self._chosen + 1) % max(len(card.suggestions), 1)

    def _release(self, card: "Card") -> None:
        self._desk.release(private=self._although_private(card))
        self._said = "released"
        self._move(1)

    def _withhold(self) -> None:
        asked = self._keyboard.ask("exemptions, a space between them")
        codes = self._desk.exemptions(asked.split())
        self._desk.withhold(codes, self._keyboard.ask("reason"))
        self._said = f"withheld under {', '.join(codes)}"
        self._move(1)

    def _redact(self, card: "Card") -> None:
        from exports.requests import mark_text

        private = self._although_private(card)
        words = self._keyboard.ask("hide which words")
        code = self._exemption()
        self._desk.redact(mark_text(words, code), self._keyboard.ask("reason"), private=private)
        self._said = f"hidden: {words}"

    def _exemption(self, usual: str = "") -> str:
        """The exemption that is typed, looked up before a reason is asked for."""
        [code] = self._desk.exemptions([self._keyboard.ask("exemption", usual)])
        return code

    def _hide_author(self, card: "Card") -> None:
        from exports.requests import mark_author

        private = self._although_private(card)
        code = self._exemption()
        self._desk.redact(mark_author(code), self._keyboard.ask("reason"), private=private)
        self._said = "the author is hidden"

    def _accept(self, card: "Card") -> None:
        from exports.requests import mark_parts

        if not card.suggestions:
            self._said = "nothing is suggested"
            return
        private = self._although_private(card)
        one = card.suggestions[self._chosen]
        code, reason = self._desk.proposed(one)
        code = self._exemption(code)
        reason = self._keyboard.ask("reason", reason)
        self._desk.redact(mark_parts(one.parts, code), reason, private=private)
        self._said = f"hidden: {one.text}"

    def _refuse(self, card: "Card") -> None:
        if not card.suggestions:
            self._said = "nothing is suggested"
            return
        self._desk.refuse(card.suggestions[self._chosen])
        self._said = "it will not be suggested again"

    def _undo(self) -> None:
        self._said = "taken back" if self._desk.undo() else "there is nothing to take back"

    def _although_private(self, card: "Card") -> bool:
        """Whether a message that was not public is meant to leave; click.Abort when it is not."""
        if card.public:
            return False
        self._keyboard.agree(f"it was {card.record.visibility or 'unknown'}: let it leave?")
        return True
