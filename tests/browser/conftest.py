"""Chromium for the tests of components and pages."""

from tests.browser.support import _assets, _chromium, audit, enter, watched

__all__ = ["_assets", "_chromium", "audit", "enter", "watched"]
