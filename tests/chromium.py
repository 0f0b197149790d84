"""A Chromium for the tests of a bundle's page: the machine's own, driven by playwright.

MUNIMENT_TEST_CHROMIUM names one; without it, one of the usual names is looked for. No browser is
ever downloaded.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VARIABLE = "MUNIMENT_TEST_CHROMIUM"
LEFT_OUT = "needs Chromium, and there is none"
"""How the reason begins for which a test is left out."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program() -> str | None:
    """The browser's program, or None where there is none."""
    named = os.environ.get(VARIABLE)
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def running() -> Iterator["Browser"]:
    """A browser without a window; skips where there is none."""
    found = program()
    if found is None:
        pytest.skip(f"{LEFT_OUT}: install it (on Debian: chromium), or name it in {VARIABLE}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip(f"{LEFT_OUT} that can be driven: playwright is not installed")
    with sync_playwright() as driver:
        # Root may not use Chromium's sandbox; what is opened here is written by the tests.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()
