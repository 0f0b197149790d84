"""What keeps an interface from answering. None of it says anything about single items."""


class Trouble(Exception):  # named after what is wrong, as in archive.errors
    """A call that gave nothing; its text is one line without secrets. `hint` is what to do."""

    def __init__(self, said: str, hint: str = "") -> None:
        super().__init__(said)
        self.hint = hint


class Outage(Trouble):
    """The host cannot be reached, answers too late, or with 5xx."""


class Throttled(Trouble):
    """Too many calls; `wait` is in how many seconds the next one may be made."""

    def __init__(self, said: str, wait: float) -> None:
        super().__init__(said)
        self.wait = wait


class Denied(Trouble):
    """The token is missing, expired, or not for this (401, 403)."""


class Missing(Trouble):
    """There is nothing at an address (404, 410)."""

    def __init__(self, said: str, status: int, address: str, body: bytes = b"") -> None:
        super().__init__(said)
        self.status = status
        self.address = address
        self.body = body


class Odd(Trouble):
    """An answer that makes no sense here: another 4xx, a redirect, a body that is too long."""
