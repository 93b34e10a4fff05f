"""The main job from end to end, through the browsers of everybody in it: a bureau is made, makes its institution and its
evaluation body, these their people, each signing in first by a printed slip; a trainee sits the theory exam and hands in her
video, three examiners judge it blind, the chief signs, the bureau releases and allocates the number, and anybody verifies the
certificate."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from lms.core import clock
from tests.browser.support import until
from tests.journeys.conftest import Site
from tests.journeys.walk import DESK, PHONE, Eyes, Traveller, admit, first_login, identity_number, sign_in, travel

pytestmark = [pytest.mark.browser]

COUNTY, BUREAU = "旅程县", "旅程县人社局"
SCHOOL, BODY = "旅程县职业培训学校", "旅程县技能鉴定中心"
CLASS = "旅程县初级班第1期"
TRAINEE, TRAINEE_NUMBER = "林春晓", identity_number("19950412", "012")
# Three sheets: 82, 78 and 86 of 100 by the elementary rubric.
SHEETS = (
    ("8.5", "16.5", "12", "12.5", "4", "4", "8.5", "4", "12"),
    ("8", "15.5", "11.5", "12", "3.5", "4", "8", "4", "11.5"),
    ("9", "17.5", "13", "13", "4", "4", "9", "4", "12.5"),
)


class Journey:
    """Everybody in it, and what they looked at."""

    officer: Traveller
    school: Traveller
    body: Traveller
    chief: Traveller
    trainee: Traveller
    examiners: list[Traveller]

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site, self.eyes = browser, site, Eyes()
        self.slips: list[tuple[str, str]] = []

    def somebody(self, size: ViewportSize = DESK) -> Traveller:
        """A window of her own."""
        return travel(self.browser, self.site, self.eyes, size)

    def walk(self) -> None:
        """From the first slip to the certificate."""
        self._found_a_county()
        self._fill_the_pool()
        self._admit_to_a_class()
        self._sit_theory()
        self._hand_in()
        self._score()
        self._judge()
        self._read_why()
        self._certify()
        self._verify()
        self._stay_blind()

    def _found_a_county(self) -> None:
        """The administrator makes the county's bureau and its first officer."""
        administrator = self.somebody()
        sign_in(administrator, self.site, "administrator")
        for kind, name, parent in (("county", COUNTY, "福州市（演示）"), ("bureau", BUREAU, COUNTY)):
            administrator.go("/accounts/people/organisations/new/")
            administrator.fill(parent=parent, kind=kind, name=name)
            administrator.submit()
        officer_slip = admit(
            administrator,
            role="hr_bureau",
            organisation=BUREAU,
            name="许一鸣",
            number=identity_number("19781212", "015"),
        )
        self.eyes.look(administrator.page, "1280-slip")

        # The officer makes institution and evaluation body, with their staff and the chief.
        self.officer = self.somebody()
        self.eyes.look(self.officer.go("/accounts/slip/"), "1280-use-slip")
        first_login(self.officer, officer_slip, staff=True)
        for kind, name in (("institution", SCHOOL), ("evaluation_body", BODY)):
            self.officer.go("/accounts/people/organisations/new/")
            self.officer.fill(parent=COUNTY, kind=kind, name=name)
            self.officer.submit()
        self.school_slip = admit(
            self.officer,
            role="institution_admin",
            organisation=SCHOOL,
            name="黄美玲",
            number=identity_number("19900304", "064"),
        )
        self.body_slip = admit(
            self.officer,
            role="institution_admin",
            organisation=BODY,
            name="方慧敏",
            number=identity_number("19860127", "068"),
        )
        self.chief_slip = admit(
            self.officer,
            role="chief_examiner",
            organisation=BODY,
            name="吴建中",
            number=identity_number("19750120", "013"),
        )

    def _fill_the_pool(self) -> None:
        """The evaluation body puts three examiners into its pool; the bureau files them."""
        self.body = self.somebody()
        first_login(self.body, self.body_slip, staff=True)
        today = _today()
        self.slips = []
        for at, name in enumerate(("周静文", "马丽华", "孙志远")):
            self.slips.append(
                admit(
                    self.body,
                    role="examiner",
                    organisation=BODY,
                    name=name,
                    number=identity_number("19800815", f"0{at}7"),
                )
            )
            self.body.go("/examiners/new/")
            self.body.fill(
                user=name,
                card_no=f"99{at:06}",
                grade="examiner",
                levels="5",
                valid_from=today.isoformat(),
                valid_to=(today + timedelta(days=365)).isoformat(),
            )
            self.body.submit()
        self.officer.go("/examiners/")
        while self.officer.page.locator("main button[name=to][value=filed]").count():
            self.officer.page.locator("main button[name=to][value=filed]").first.click()
            self.officer.page.wait_for_load_state()
        self.eyes.look(self.officer.page, "1280-examiners")
        # What is examined, the city approves.
        city = self.somebody()
        sign_in(city, self.site, "hr-city")
        city.go("/specifications/")
        city.page.get_by_role("link", name=re.compile("演示.*初级|初级.*演示|五级")).first.click()
        city.page.wait_for_load_state()
        city.send("/approve/")

    def _admit_to_a_class(self) -> None:
        """The institution plans a class, the bureau opens it, a trainee enrols on her phone and is admitted."""
        today = _today()
        self.school = self.somebody()
        first_login(self.school, self.school_slip, staff=True)
        trainee_slip = admit(self.school, role="trainee", organisation=SCHOOL, name=TRAINEE, number=TRAINEE_NUMBER)
        self.school.go("/classes/new/").get_by_role("link", name=re.compile("演示评价方案")).click()
        self.school.page.wait_for_load_state()
        self.school.fill(
            name=CLASS,
            level="5",
            starts_on=today.isoformat(),
            ends_on=(today + timedelta(days=9)).isoformat(),
            planned_hours="40",
            capacity="30",
        )
        self.school.submit()
        self.eyes.look(self.school.page, "1280-class-planned")
        address = self.school.page.url.removeprefix(self.site.url)
        self.school.page.locator("main button[name=to][value=filed], header button[name=to][value=filed]").first.click()
        self.school.page.wait_for_load_state()
        self.officer.go(address)
        reason = self.officer.page.locator("main form:has(button[value=open]) input[name=reason]")
        if reason.count():
            reason.fill("材料齐全，同意开班")
        self.officer.page.locator("main button[name=to][value=open]").first.click()
        self.officer.page.wait_for_load_state()
        self.trainee = self.somebody(PHONE)
        first_login(self.trainee, trainee_slip, staff=False)
        self.eyes.look(self.trainee.page, "390-home-new")
        self.trainee.go("/enrolment/").locator("main a[href*='/enrolment/new/']").first.click()
        self.trainee.page.wait_for_load_state()
        for box in self.trainee.page.locator("main form input[type=checkbox]").all():
            box.check()
        self.eyes.look(self.trainee.page, "390-enrol")
        self.trainee.submit()
        self.eyes.look(self.trainee.page, "390-enrolled")
        self.school.go(address).locator("main a[href*='/enrolment/']").first.click()
        self.school.page.wait_for_load_state()
        self.eyes.look(self.school.page, "1280-enrolment")
        self.school.send("/admit")
        self.school.go(address)
        self.school.send("/start")
        self.eyes.look(self.school.page, "1280-class-teaching")

    def _sit_theory(self) -> None:
        """Her theory exam is held and its marks are out; the exam's own pages have journeys of their own."""
        names = {"office": "黄美玲", "bureau": "许一鸣", "chief": "吴建中", "trainee": TRAINEE}
        self.site.manage("shell", "-c", f"from tests.journeys.theory import hold; hold({CLASS!r}, **{names!r})")
        self.eyes.look(self.trainee.go("/"), "390-home-theory")
        expect(self.trainee.page.get_by_text("理论考试").first).to_be_visible()

    def _hand_in(self) -> None:
        """She hands in her video; the page follows the worker by itself."""
        page = self.trainee.page
        self.trainee.go("/").get_by_role("link", name="上传前，先看告知书并同意").click()
        self.eyes.look(page, "390-consents")
        while page.locator("main form button[name=given][value='1']").count():
            page.locator("main form button[name=given][value='1']").first.click()
            page.wait_for_load_state()
        self.trainee.go("/").get_by_role("link", name="去上传").click()
        page.locator("input[type=file]").first.set_input_files(self.site.var / "demo" / "videos" / "violating-tea.mp4")
        page.locator("input[name=title]").fill("连江绿茶讲解")
        page.locator("[name=product]").first.select_option("tea")
        page.locator("input[name=product_name]").fill("绿茶")
        page.locator("input[name=brand]").fill("明月茶园")
        page.locator("input[name=declared_ai][value=False], input[name=declared_ai][value=no]").check()
        self.eyes.look(page, "390-upload-filled")
        page.get_by_role("button", name="上传", exact=True).click()
        page.wait_for_url(re.compile(r"/works/[0-9a-f-]{36}/$"))
        self.eyes.look(page, "390-progress")
        expect(page.locator("[data-state=done]", has_text="语音转文字").first).to_be_visible(timeout=240_000)
        expect(page.get_by_text("等待考评员评分").or_(page.get_by_text("检测完成")).first).to_be_visible(timeout=60_000)
        assert "降血压" not in page.content(), "a trainee sees no transcript and no findings before the decision"
        self.eyes.look(self.trainee.go("/"), "390-home-waiting")

    def _score(self) -> None:
        """Three examiners, each alone."""
        self.examiners = [self.somebody() for _ in self.slips]
        for at, (examiner, slip, sheet) in enumerate(zip(self.examiners, self.slips, SHEETS, strict=True)):
            first_login(examiner, slip, staff=True)
            desk = examiner.page
            _await_work(desk)
            desk.goto(f"{self.site.url}/scoring/")
            if at == 0:
                self.eyes.look(desk, "1280-scoring-list")
            desk.locator("main a[href^='/scoring/']").first.click()
            desk.wait_for_url(re.compile(r"/scoring/[A-Z][^/]+/$"))
            until(desk, "document.querySelector('video').readyState >= 2")
            if at == 0:
                seconds = desk.locator("[data-finding] [data-seek], .finding [data-seek]").first
                second = float(seconds.get_attribute("data-seek") or "nan")
                seconds.click()
                until(desk, f"Math.abs(document.querySelector('video').currentTime - {second}) < 2.5")
            for code, score in zip(("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"), sheet, strict=True):
                desk.locator(f"#score-{code}").fill(score)
            _rule(examiner, self.site)
            expect(desk.locator("[data-sum=missing]")).to_have_text("", timeout=20_000)
            if at == 0:
                self.eyes.look(desk, "1280-scoring-desk")
            desk.locator("button[data-hand-in]").click()
            desk.locator("dialog[open] [data-final]").click()
            desk.wait_for_load_state()
            expect(desk.locator("button[data-hand-in]")).to_have_count(0, timeout=20_000)

    def _judge(self) -> None:
        """The chief decides what only she can decide, signs, confirms; the bureau releases."""
        self.chief = self.somebody()
        first_login(self.chief, self.chief_slip, staff=True)
        self.chief.go("/panels/")
        self.eyes.look(self.chief.page, "1280-panels")
        self.chief.page.locator("main a[href^='/panels/']").first.click()
        self.chief.page.wait_for_load_state()
        self.eyes.look(self.chief.page, "1280-panel")
        asked = self.chief.page.locator("form[action$='/finding'] input[name=finding]")
        for number in [each.get_attribute("value") for each in asked.all()]:
            form = self.chief.page.locator(f"form[action$='/finding']:has(input[name=finding][value='{number}'])")
            form.locator("input[value=dismiss]").check(force=True)
            form.locator("input[name=reason]").fill("演示裁定：不成立")
            form.locator("button").click()
            self.chief.page.wait_for_load_state()
        sign = self.chief.page.locator("form[action$='/sign']")
        sign.locator("textarea").fill("三份评分表一致，按平均计")
        sign.locator("button").click()
        self.chief.page.wait_for_load_state()
        self.eyes.look(self.chief.page, "1280-panel-signed")
        self.chief.go("/results/").locator("main table a[href^='/results/']").first.click()
        self.chief.page.wait_for_load_state()
        self.chief.send("/confirm/")
        self.officer.go("/results/").locator("main table a[href^='/results/']").first.click()
        self.officer.page.wait_for_load_state()
        self.eyes.look(self.officer.page, "1280-result")
        self.officer.send("/release/")

    def _read_why(self) -> None:
        """She reads why, and listens to her own words."""
        page = self.trainee.page
        self.eyes.look(self.trainee.go("/"), "390-home-result")
        page.locator("main a[href^='/results/']").first.click()
        page.wait_for_load_state()
        self.eyes.look(page, "390-result")
        expect(page.get_by_text("合格").first).to_be_visible()

    def _certify(self) -> None:
        """The body applies, the bureau gives the number, the body issues."""
        self.body.go("/certification/")
        self.eyes.look(self.body.page, "1280-batches")
        self.body.page.locator("form:has([name=specification]) button").first.click()
        self.body.page.wait_for_load_state()
        batch = self.body.page.url.removeprefix(self.site.url)
        self.body.send("/freeze/")
        self.body.send("/file/")
        self.officer.go(batch)
        self.officer.send("/review/")
        self.officer.page.locator("main a[href*='/codes/']").first.click()
        self.officer.page.wait_for_load_state()
        self.officer.fill(body_type="S", body="0001", province="99", site="000007")
        self.officer.submit()
        self.officer.go(batch)
        self.officer.send("/allocate/")
        self.eyes.look(self.officer.page, "1280-batch-numbered")
        self.body.go(batch)
        self.body.send("/issue/")
        self.eyes.look(self.body.page, "1280-batch-issued")

    def _verify(self) -> None:
        """Hers on the phone; anybody's to verify, also with the file."""
        page = self.trainee.page
        self.trainee.go("/certification/mine/").locator("main a[href^='/certification/mine/']").first.click()
        page.wait_for_load_state()
        self.eyes.look(page, "390-certificate")
        with page.expect_download() as download:
            page.locator("a[href$='certificate.pdf']").first.click()
        pdf = self.site.var / "certificate.pdf"
        download.value.save_as(pdf)
        verify = page.locator("a[href*='/verify/']").first.get_attribute("href") or ""
        anybody = self.somebody(PHONE)
        anybody.go(re.sub(r"^https?://[^/]+", "", verify))
        self.eyes.look(anybody.page, "390-verify")
        expect(anybody.page.get_by_text("林*晓").first).to_be_visible()
        assert TRAINEE not in anybody.page.content()
        anybody.page.locator("input[type=file]").set_input_files(pdf)
        expect(anybody.page.get_by_text("和发证时的文件一字不差").first).to_be_visible()
        self.eyes.look(anybody.page, "390-verify-file")

    def _stay_blind(self) -> None:
        """What examiners and chief were told names neither her nor where she comes from."""
        secrets = (TRAINEE, TRAINEE_NUMBER, SCHOOL, self.trainee.login, "连江绿茶讲解", "violating-tea", "旅程县初级班")
        told = [
            f"{where} says {secret}"
            for blind in (*self.examiners, self.chief)
            for where, text in blind.heard
            for secret in secrets
            if secret in text or secret in where
        ]
        assert told == []
        assert sum(len(blind.heard) for blind in self.examiners) > 20
        log = (self.site.var / "journey.log").read_text(errors="replace")
        assert [secret for secret in secrets if secret in log] == []


@pytest.mark.req("S1-02", "S1-33", "S1-34", "S2-32", "S2-33")
def test_from_a_slip_to_a_certificate_that_anybody_verifies(browser: Browser, site: Site) -> None:
    site.manage("demo_logins")
    site.manage("demo_videos")
    journey = Journey(browser, site)
    journey.walk()
    assert journey.eyes.wrong == []


def _today() -> date:
    # Not `clock.today`: the site's clock stands in its own database.
    return clock.real_now().astimezone(clock.SHANGHAI).date()


def _await_work(desk: Page) -> None:
    """Seats are given by a job of the worker: her home says so the next time it is opened."""
    for _ in range(60):
        if desk.locator("main a[href='/scoring/']").count():
            return
        desk.wait_for_timeout(1000)
        desk.reload()
    pytest.fail("no work was assigned within a minute")


def _rule(examiner: Traveller, site: Site) -> None:
    """Confirm the price claim, dismiss the rest with a reason."""
    page = examiner.page
    for number in range(1, page.locator("[data-rule]").count() + 1):
        rule = page.locator(f"[data-rule=F{number}]")
        name = rule.get_attribute("data-name") or ""
        verdict = "confirm" if "价格" in name else "dismiss"
        rule.locator(f"input[value={verdict}]").check(force=True)
        if verdict == "dismiss":
            rule.locator("[data-reason]").fill("演示认定：不成立")
            rule.locator("[data-reason]").press("Tab")
