"""The office of the requests' tests, which writes letters here."""

from tests.exports.requests.conftest import office

__all__ = ["office"]
