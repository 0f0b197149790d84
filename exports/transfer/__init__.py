"""Packages for an archives: what a disposal hands over, in a form that the archives can verify."""

from exports.transfer._check import Checked, check_package, is_package
from exports.transfer._package import make_package

__all__ = ["Checked", "check_package", "is_package", "make_package"]
