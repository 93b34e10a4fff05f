"""People of a journey: each in a browser of her own, first signed in by the slip that the level above printed for her."""

import base64
import hmac
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Response, ViewportSize
from playwright.sync_api import Error as PlaywrightError

from lms.accounts.api import check_digit
from lms.core import clock
from tests.journeys.conftest import Site

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
# Kept where a person looks at them: CI's folder, or the run's own.
SHOTS = Path(os.environ.get("KAIBO_SHOTS", "var/shots"))
PASSWORD = "journey-tea-garden-42"
_TEXTUAL = ("text/", "application/json", "application/javascript", "image/svg")


class Eyes:
    """Looks at every page on the way and keeps what is wrong, so that one journey tells everything at once."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        SHOTS.mkdir(parents=True, exist_ok=True)

    def look(self, page: Page, name: str) -> None:
        """A screenshot for people, an axe run for the machine, and no page wider than its window."""
        page.wait_for_load_state()
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        for violation in Axe().run(page).response["violations"]:
            targets = ", ".join(str(node["target"]) for node in violation["nodes"])
            self.wrong.append(f"{name}: {violation['id']} at {targets}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.wrong.append(f"{name}: scrolls sideways")

    def watch(self, page: Page) -> Page:
        """Errors on the console (a refused inline script, a missing file) are wrong too."""
        page.on("console", lambda said: self.wrong.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        return page


def code_now(secret: str) -> str:
    """The six digits an authenticator shows for this key now (RFC 6238)."""
    key = base64.b32decode(secret.strip().replace(" ", "") + "=" * (-len(secret.strip()) % 8))
    digest = hmac.new(key, int(clock.real_now().timestamp() // 30).to_bytes(8, "big"), sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def identity_number(born: str, sequence: str) -> str:
    """A resident card's number of the region 99, which no place has."""
    body = f"990202{born}{sequence}"
    return body + check_digit(body)


@dataclass
class Traveller:
    """One person: her window, and everything the server told it (for the search after what must not be there)."""

    page: Page
    context: BrowserContext
    site: str
    login: str = ""
    heard: list[tuple[str, str]] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open an address of the site."""
        self.page.goto(self.site + path)
        return self.page

    def send(self, action: str) -> None:
        """Press the button of the form that goes to this address (a part of it), through its dialog where it has one."""
        form = self.page.locator(f"form[action*='{action}']").first
        self.press(form)

    def press(self, form: Locator) -> None:
        """The form's button; where it asks back, the answer that acts."""
        opener = form.locator("button[data-open]")
        if opener.count():
            opener.first.click()
            form.locator("dialog button:not([data-close])").first.click()
        else:
            form.locator("button:not([type=button])").last.click()
        self.page.wait_for_load_state()

    def fill(self, **values: str) -> None:
        """Fill fields of the page's main form by name: text, choice, radio or tick."""
        for name, value in values.items():
            found = self.page.locator(f"main form [name={name}]")
            kind = found.first.evaluate("field => field.type")
            if kind in {"radio", "checkbox"}:
                self.page.locator(f"main form [name={name}][value='{value}']").check()
            elif kind == "select-one":
                choose(found.first, value)
            else:
                found.first.fill(value)

    def submit(self) -> None:
        """Send the page's main form."""
        self.page.locator("main form:has(.field, .form) button[data-kind=primary]").first.click()
        self.page.wait_for_load_state()


def choose(select: Locator, wanted: str) -> None:
    """Choose by value, else by a part of what is shown."""
    for option in select.locator("option").all():
        if option.get_attribute("value") == wanted or wanted in (option.text_content() or ""):
            select.select_option(value=option.get_attribute("value"))
            return
    raise AssertionError(f"{wanted} cannot be chosen: {select.inner_text()}")


def travel(browser: Browser, site: Site, eyes: Eyes, size: ViewportSize) -> Traveller:
    """A window of her own."""
    context = browser.new_context(viewport=size, locale="zh-CN", has_touch=size is PHONE, accept_downloads=True)
    page = eyes.watch(context.new_page())
    traveller = Traveller(page, context, site.url)

    def hear(answer: Response) -> None:
        kind = answer.headers.get("content-type", "")
        if answer.status < 300 and kind.startswith(_TEXTUAL) and "/static/" not in answer.url:
            with suppress(PlaywrightError):  # the page went on before its answer could be read
                traveller.heard.append((answer.url, answer.text()))

    def accept(dialog: Dialog) -> None:
        dialog.accept()

    page.on("response", hear)
    page.on("dialog", accept)
    return traveller


def sign_in(traveller: Traveller, site: Site, who: str) -> None:
    """One of the demonstration's cast, by login name and password; staff also by the code of this half minute."""
    page = traveller.go("/accounts/login/")
    login = site.logins()[who]
    page.locator("input[name=login]").fill(login["username"])
    page.locator("input[name=password]").fill(login["password"])
    page.get_by_role("button", name="登录").click()
    if login["code"]:
        page.locator("input[name=code]").fill(site.logins()[who]["code"])
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(f"{site.url}/")


def admit(desk: Traveller, *, role: str, organisation: str, name: str, number: str) -> tuple[str, str]:
    """Register somebody at the desk and print her slip; login name and one-time code."""
    desk.go("/accounts/people/new/")
    desk.fill(role=role, organisation=organisation, name=name, document_type="resident_card", document_number=number)
    desk.submit()
    desk.page.wait_for_url(re.compile(r"/accounts/people/[0-9a-f-]{36}/$"))
    desk.page.locator("a[href$='/slip/']").first.click()
    desk.page.wait_for_load_state()
    if desk.page.locator("input[name=paper_end]").count():
        desk.fill(paper_end=number[-8:])
    desk.submit()
    figures = desk.page.locator(".slip-figure").all_text_contents()
    assert len(figures) == 2, desk.page.locator("main").inner_text()
    return figures[0].strip(), figures[1].strip()


def first_login(traveller: Traveller, slip: tuple[str, str], *, staff: bool) -> None:
    """By the slip: a password of her own; staff also set up their second step."""
    page = traveller.go("/accounts/slip/")
    traveller.login = slip[0]
    page.locator("input[name=login_name]").fill(slip[0])
    page.locator("input[name=code]").fill(slip[1])
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.locator("main form button[data-kind=primary]").first.click()
    page.wait_for_load_state()
    if staff:
        secret = page.locator(".qr-key").inner_text()
        page.locator("input[name=code]").fill(code_now(secret))
        page.locator("main form button[data-kind=primary]").first.click()
        page.wait_for_load_state()
        page.goto(traveller.site + "/")
    page.wait_for_url(traveller.site + "/")
