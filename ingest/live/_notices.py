"""Notices to people: an account is not heard any more, or is again."""

import asyncio
import smtplib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial

import httpx

from archive import UsageError

_TIMEOUT = 30.0
_SMTP = 25


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody should know of an account. `since` is a text of `archive.times`, "" unknown."""

    archive: str
    platform: str
    handle: str
    state: str
    since: str
    why: str

    @property
    def line(self) -> str:
        """The notice in one line."""
        since = f" since {self.since}" if self.since else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.platform} {self.handle} is {self.state}{since}{why}"


@dataclass(frozen=True, slots=True)
class Notices:
    """Where notices go: to mail addresses by way of a mail server, and to the address of a webhook.

    A notice that cannot be sent is said to whoever looks on; capture goes on.
    """

    mail: tuple[str, ...] = ()
    smtp: str = ""
    webhook: str = ""

    def check(self) -> None:
        """UsageError where mail has no server."""
        if self.mail and not self.smtp:
            raise UsageError("mail needs a mail server", hint="name it by --smtp HOST")

    async def send(
        self, notice: Notice, client: httpx.AsyncClient, say: Callable[[str], None]
    ) -> None:
        """Tell everybody."""
        say(notice.line)
        if self.mail:
            try:
                await asyncio.to_thread(partial(_mail, self.mail, self.smtp, notice))
            except (OSError, smtplib.SMTPException, ValueError) as error:
                say(f"the notice could not be mailed ({type(error).__name__})")
        if self.webhook:
            told = {name: getattr(notice, name) for name in Notice.__slots__}
            try:
                answer = await client.post(self.webhook, json=told, timeout=_TIMEOUT)
                answer.raise_for_status()
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                say(f"the notice could not be sent ({type(error).__name__})")


def _mail(to: tuple[str, ...], server: str, notice: Notice) -> None:
    message = EmailMessage()
    message["Subject"] = f"{notice.archive}: {notice.handle} is {notice.state}"
    message["From"] = f"muniment@{socket.getfqdn()}"
    message["To"] = ", ".join(to)
    message.set_content(f"{notice.line}\n\nSee: muniment capture status\n")
    host, _, port = server.partition(":")
    with smtplib.SMTP(host, int(port or _SMTP), timeout=_TIMEOUT) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls()
        smtp.send_message(message)
