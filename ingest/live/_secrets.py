"""Tokens: where they come from, and how they stay out of every message."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from archive import UsageError

SERVICE = "muniment"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_IN_ADDRESS = re.compile(
    r"(?i)\b(access_token|token|key|api_key|apikey|client_secret|appsecret_proof|password|code)"
    r"=[^&\s#]+"
)
_IN_ADDRESS_USER = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*@")
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+")


def redacted(text: str, secrets: Sequence[str] = ()) -> str:
    """A text without tokens: those that are named, and whatever stands where tokens stand."""
    for secret in secrets:
        text = text.replace(secret, "…")
    text = _IN_ADDRESS.sub(r"\1=…", text)
    text = _IN_ADDRESS_USER.sub("", text)
    return _HEADER.sub(r"\1 …", text)


def check_name(name: str) -> str:
    """The name of a token; UsageError when it is no plain word (a token given by mistake)."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "that is no name of a token",
            hint="give one word such as library-mastodon; the token itself is never an argument",
        )
    return name


def variable(name: str) -> str:
    """The environment variable that may hold the token of a name."""
    return "MUNIMENT_TOKEN_" + name.upper().replace("-", "_")


class Tokens:
    """Looks tokens up: in what was given at the start, the environment, the system's keyring.

    `given` are those read from a file descriptor (`read_tokens`).
    """

    def __init__(
        self,
        given: Mapping[str, str] | None = None,
        environment: Mapping[str, str] = os.environ,
        keyring: "Callable[[str], str | None] | None" = None,
    ) -> None:
        self._given = dict(given or {})
        self._environment = environment
        self._keyring = keyring or _from_keyring

    def find(self, name: str) -> str | None:
        """The token of a name; None when there is none anywhere."""
        return (
            self._given.get(name)
            or self._environment.get(variable(name), "").strip()
            or self._keyring(name)
            or None
        )


def read_tokens(descriptor: int) -> dict[str, str]:
    """Tokens from a file descriptor: ``NAME=TOKEN`` a line; UsageError when it cannot be read."""
    with _lines(descriptor) as lines:
        pairs = [line.strip().partition("=") for line in lines if line.strip()]
    if not all(name and token for name, _, token in pairs):
        raise UsageError("a line of the tokens is not NAME=TOKEN", hint="write one token a line")
    return {name.strip(): token.strip() for name, _, token in pairs}


def read_token(descriptor: int) -> str:
    """One token from a file descriptor: its first line; UsageError when there is none."""
    with _lines(descriptor) as lines:
        token = lines.readline().strip()
    if not token:
        raise UsageError(f"there is no token on file descriptor {descriptor}")
    return token


def keep_in_keyring(name: str, token: str) -> None:
    """Put a token into the system's keyring; UsageError when there is none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, token)
    except KeyringError as error:
        raise UsageError(
            f"the system's keyring takes no token ({type(error).__name__})",
            hint=f"set {variable(name)} where muniment capture run is started, or use --token-fd",
        ) from None


@contextmanager
def _lines(descriptor: int) -> Iterator[IO[str]]:
    try:
        with os.fdopen(descriptor, encoding="utf-8", closefd=False) as lines:
            yield lines
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the file descriptor {descriptor} cannot be read ({type(error).__name__})",
            hint="open it for reading, as in --token-fd 3 3<file",
        ) from None


def _from_keyring(name: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        return None
