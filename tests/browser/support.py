"""Fixtures of every test that drives Chromium; `conftest.py` here and in `tests/journeys` import them.

Debian's Chromium is installed by `.ci/run` (`apt-get install chromium fonts-noto-cjk`); without it the tests are skipped.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from lms.accounts.api import Acting, User, enrol_demo_second_factor
from tests.lms.accounts.world import signed_in


@pytest.fixture(scope="session", autouse=True)
def _chromium() -> None:
    """Skips with one clear line where there is no browser."""
    place = os.environ.get("KAIBO_CHROMIUM", "/usr/bin/chromium")
    if not Path(place).exists():
        pytest.skip(f"no browser at {place}: apt-get install chromium fonts-noto-cjk, or name one in KAIBO_CHROMIUM")
    # A busy machine takes longer than Playwright's five seconds; what never comes still fails.
    expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", autouse=True)
def _assets() -> None:
    """Bundles, sprite, collected files and messages as `make setup` leaves them."""
    call_command("build_assets", verbosity=0)
    call_command("compile_messages_babel", verbosity=0)
    # The live server looks for `django.contrib.staticfiles` by that very name; ours is a subclass, so it serves this folder.
    call_command("collectstatic", interactive=False, verbosity=0)


@dataclass
class Watch:
    """What a page complained about: console errors (the strict CSP speaks there) and uncaught exceptions."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}".strip())


@pytest.fixture
def watched(page: Page) -> Iterator[Watch]:
    """A page whose complaints fail the test when it ends."""
    watch = Watch(page)
    yield watch
    assert watch.complaints == []


@pytest.fixture(scope="session")
def audit() -> Callable[[Page], list[str]]:
    """axe-core on the whole page: one line for each node that breaks a rule."""
    axe = Axe()

    def run(page: Page) -> list[str]:
        page.wait_for_load_state()
        result: dict[str, Any] = axe.run(page).response
        return [
            f"{rule['id']}: {node['target'][0]}: {node.get('failureSummary', '').splitlines()[-1].strip()}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]

    return run


def sideways(page: Page) -> int:
    """How many pixels the page scrolls sideways; tables scroll in their own region."""
    # A click returns when its page has begun, which may be before there is a document element.
    page.wait_for_load_state()
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def until(page: Page, holds: str | Callable[[], Any], *, seconds: float = 20) -> None:
    """Waits for a JavaScript expression to be true on the page once it has loaded, or for what is asked here. Playwright's
    own `wait_for_function` evaluates in the page, which the strict Content-Security-Policy forbids. Raises AssertionError
    after the given time."""
    page.wait_for_load_state()
    limit = time.monotonic() + seconds
    while not (page.evaluate(holds) if isinstance(holds, str) else holds()):
        assert time.monotonic() < limit, f"never true: {holds}"
        page.wait_for_timeout(40)


def settle(page: Page) -> None:
    """Waits until every custom element of the page has its module."""
    until(page, "[...document.querySelectorAll(':not(:defined)')].length === 0")


@pytest.fixture
def enter(browser: Browser, live_server: Any) -> Iterator[Callable[[Acting], Page]]:
    """A window in which one of the cast is signed in, at a desk; closed when the test ends."""
    contexts: list[BrowserContext] = []

    def one(acting: Acting) -> Page:
        user = User.objects.get(uuid=str(acting.user))
        if not Authenticator.objects.filter(user=user).exists():
            enrol_demo_second_factor(user=user)
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
        cookie = signed_in(user).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield one
    for context in contexts:
        context.close()
