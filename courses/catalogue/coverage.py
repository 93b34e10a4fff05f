"""The coverage report: what of each policy a curriculum meets and what not. The rules are `lms.policies`'."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.catalogue.keeping import live_entries
from courses.catalogue.models import LessonPage, LevelPage, LiveLesson
from courses.catalogue.selectors import courses_of
from courses.catalogue.types import Delivery, LessonDocument, LessonKind, ManifestCourse, ManifestLesson
from lms.core.tables import Table
from lms.core.types import Level
from lms.policies.api import (
    Bundle,
    CoverageReport,
    CurriculumFacts,
    Decision,
    DecisionCard,
    DecisionKind,
    LessonFacts,
    ModuleFacts,
    Outcome,
    ProfileData,
    Share,
    as_codes,
    card_of,
    curriculum_coverage,
    label,
    percent,
    profiles,
    words_of,
)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. policy: a profile's key, "" for all; category, audience: in that profile's codes."""

    level: int | None = None
    edition: int | None = None
    policy: str = ""
    category: str = ""
    audience: str = ""
    special: bool = False

    def on(self, facts: CurriculumFacts) -> CurriculumFacts:
        """The facts, with what is asked about them."""
        return replace(
            facts,
            category=self.category or None,
            audience=self.audience or None,
            special_circumstances=self.special,
        )


@dataclass(frozen=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class PolicyRow:
    """One policy in the list. Figures are "" where the policy does not ask; standing: rules not met; reminders: soft ones."""

    title: str
    url: str
    verdict: str
    tone: str
    content: str
    hours: str
    theory: str
    practice: str
    standing: str
    reminders: str


@dataclass(frozen=True)
class LessonLink:
    """A lesson by its title; url "" where it is not live."""

    title: str
    url: str


@dataclass(frozen=True)
class BundleRow:
    """Lessons under one code of the policy. detail: more words on the code."""

    label: str
    detail: str
    hours: Decimal
    lessons: tuple[LessonLink, ...]


@dataclass(frozen=True)
class ThemeCell:
    """How many lessons of a module carry a theme; short: fewer than the policy asks."""

    count: int
    short: bool


@dataclass(frozen=True)
class ThemeTable:
    """Modules by themes that run through the training."""

    themes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ThemeCell, ...]], ...]


@dataclass(frozen=True)
class HourRow:
    """Class hours of one kind."""

    label: str
    hours: Decimal


@dataclass(frozen=True)
class Bar:
    """A share of the hours. part, whole: class hours; words: the share and what is asked; short: less than asked."""

    label: str
    part: Decimal
    whole: Decimal
    words: str
    short: bool


@dataclass(frozen=True)
class CoverageDetail:
    """One policy against one curriculum. themes None, tuples empty: the policy names none."""

    title: str
    card: DecisionCard
    items: tuple[BundleRow, ...]
    untagged: tuple[LessonLink, ...]
    themes: ThemeTable | None
    hours: tuple[HourRow, ...]
    total: Decimal
    bars: tuple[Bar, ...]
    methods: tuple[BundleRow, ...]
    categories: tuple[BundleRow, ...]
    category_choices: tuple[Choice, ...]
    audience_choices: tuple[Choice, ...]
    special_label: str
    special: bool


@dataclass(frozen=True)
class CoveragePage:
    """The report on one edition: all policies, or one in detail. lessons: how many are counted; 0: nothing is taught yet."""

    level_label: str
    edition: int
    lessons: int
    levels: tuple[Choice, ...]
    editions: tuple[Choice, ...]
    policies: tuple[Choice, ...]
    rows: tuple[PolicyRow, ...]
    detail: CoverageDetail | None
    list_url: str
    file_url: str


# Facts ---------------------------------------------------------------------------------------------------------------


def lesson_facts(lesson: LessonDocument | ManifestLesson) -> LessonFacts:
    """A lesson as policies look at it."""
    return LessonFacts(
        uid=lesson.uid,
        title=lesson.title,
        hours=lesson.hours,
        kind=lesson.kind.value,
        delivery=lesson.delivery.value,
        methods=frozenset(method.value for method in lesson.methods),
        items=as_codes(lesson.tags),
        categories=as_codes(lesson.audiences),
    )


def curriculum_facts(level: int, courses: Iterable[ManifestCourse]) -> CurriculumFacts:
    """What a manifest or an edition teaches."""
    return CurriculumFacts(
        Level(level),
        tuple(
            ModuleFacts(course.uid, course.title, tuple(lesson_facts(lesson) for lesson in course.lessons))
            for course in courses
        ),
    )


def live_facts(page: LevelPage) -> CurriculumFacts:
    """What an edition teaches now: three queries, nothing is written."""
    return curriculum_facts(page.level, courses_of(live_entries(page)))


def published_editions() -> list[LevelPage]:
    """Every published edition, elementary first, the edition whose day came last first."""
    return list(LevelPage.objects.live().order_by("-level", F("in_force_from").desc(nulls_last=True), "-edition"))


def edition_asked(pages: list[LevelPage], asked: Asked, on: date) -> LevelPage | None:
    """The edition asked for, else the one in force, else the newest; None when nothing is published. Raises Http404."""
    if not pages:
        return None
    level = pages[0].level if asked.level is None else asked.level
    own = [page for page in pages if page.level == level]
    if asked.edition is not None:
        own = [page for page in own if page.edition == asked.edition]
    if not own:
        raise Http404
    return next((page for page in own if page.in_force_from is None or page.in_force_from <= on), own[0])


def _addresses(page: LevelPage, request: HttpRequest | None) -> dict[UUID, str]:
    """Where the live lessons stand, by uid: below the same root as the edition."""
    url = page.get_url(request) or ""
    if not url:
        return {}
    root, path = url[: -len(page.slug) - 1], page.url_path[: -len(page.slug) - 1]
    held = LiveLesson.objects.filter(page__live=True).order_by("page_id").values_list("page__uid", "page__url_path")
    return {uid: f"{root}{below[len(path) :]}" for uid, below in held if below.startswith(path)}


# Pages ---------------------------------------------------------------------------------------------------------------


def coverage_page(request: HttpRequest | None, asked: Asked, *, today: date) -> CoveragePage:
    """The report on a published edition. The gate is the view's. Raises Http404."""
    pages = published_editions()
    page = edition_asked(pages, asked, today)
    known = {rules.key: rules for rules in profiles(on=today)}
    if asked.policy and asked.policy not in known:
        raise Http404
    if page is None:
        return CoveragePage("", 0, 0, (), (), (), (), None, "", "")
    base = {"level": str(page.level), "edition": str(page.edition)}
    facts = asked.on(live_facts(page))
    detail = None
    if asked.policy and facts.lessons:
        detail = coverage_detail(known[asked.policy], facts, asked, urls=_addresses(page, request))
    return CoveragePage(
        level_label=Level(page.level).rank_zh,
        edition=page.edition,
        lessons=len(facts.lessons),
        levels=tuple(
            Choice(str(level), Level(level).rank_zh, level == page.level)
            for level in dict.fromkeys(one.level for one in pages)
        ),
        editions=tuple(
            Choice(
                str(one.edition),
                _("Edition %(number)s") % {"number": one.edition},
                one.edition == page.edition,
            )
            for one in pages
            if one.level == page.level
        ),
        policies=tuple(Choice(key, rules.title, key == asked.policy) for key, rules in known.items()),
        rows=()
        if asked.policy or not facts.lessons
        else tuple(_policy_row(rules, facts, _address("", base, policy=key)) for key, rules in known.items()),
        detail=detail,
        list_url=_address("", base),
        file_url=_address("file", base, **_said(asked)),
    )


def _said(asked: Asked) -> dict[str, str]:
    said = {"policy": asked.policy, "category": asked.category, "audience": asked.audience}
    return {name: value for name, value in {**said, "special": "1" if asked.special else ""}.items() if value}


def _address(where: str, base: Mapping[str, str], **more: str) -> str:
    return f"{reverse(f'courses:coverage_{where}' if where else 'courses:coverage')}?{urlencode({**base, **more})}"


def _policy_row(rules: ProfileData, facts: CurriculumFacts, url: str) -> PolicyRow:
    report = curriculum_coverage(rules, facts)
    verdict, tone = verdict_of(report.decision)
    covered = sum(bool(bundle.lessons) for bundle in report.items)
    theory, practice = (_share_words(share) if share.required is not None else "" for share in report.shares)
    return PolicyRow(
        title=rules.title,
        url=url,
        verdict=verdict,
        tone=tone,
        content=f"{covered}/{len(report.items)}" if report.items else "",
        hours=_hours_words(report),
        theory=theory,
        practice=practice,
        standing=_names(
            reason.rule for reason in report.decision.reasons if not reason.soft and reason.outcome is not Outcome.MET
        ),
        reminders=_names(reason.rule for reason in report.decision.warnings),
    )


def verdict_of(decision: Decision) -> tuple[str, str]:
    """符合, 不符合, 待定 or 不作要求, with the tone of its tag."""
    if not decision.reasons:
        return pgettext("coverage", "Nothing asked"), "mute"
    if decision.allowed:
        return pgettext("coverage", "Met"), "ok"
    return (pgettext("coverage", "Not met"), "bad") if decision.refused else (pgettext("coverage", "Open"), "warn")


def _summary(decision: Decision) -> str:
    """Counts, reminders apart: they stand in nobody's way."""
    hard = [reason.outcome for reason in decision.reasons if not reason.soft]
    counts = {outcome.value: hard.count(outcome) for outcome in Outcome}
    if not decision.reasons:
        return ""
    return _("%(met)s rules met, %(not_met)s not met, %(unknown)s open; reminders: %(reminders)s") % {
        **counts,
        "reminders": len(decision.warnings),
    }


def _names(rules: Iterable[str]) -> str:
    return "、".join(str(words_of(rule).title) for rule in rules)


def _hours_words(report: CoverageReport) -> str:
    return "" if report.required_hours is None else f"{hours_text(report.hours.total)} (≥{report.required_hours})"


def hours_text(hours: Decimal) -> str:
    """Class hours without needless zeros."""
    return str(int(hours)) if hours == int(hours) else str(hours.normalize())


def _share_words(share: Share) -> str:
    value = "—" if share.value is None else f"{percent(share.value)}%"
    return value if share.required is None else f"{value} (≥{percent(share.required)}%)"


def coverage_detail(
    rules: ProfileData, facts: CurriculumFacts, asked: Asked, *, urls: Mapping[UUID, str]
) -> CoverageDetail:
    """One policy against one curriculum. urls: where lessons are read, by uid."""
    report = curriculum_coverage(rules, facts)

    def bundle_row(bundle: Bundle) -> BundleRow:
        people = rules.parameters.audiences.get(bundle.code, ())
        return BundleRow(
            label(bundle.code, rules),
            "、".join(label(code, rules) for code in people),
            bundle.hours,
            tuple(link(lesson) for lesson in bundle.lessons),
        )

    def link(lesson: LessonFacts) -> LessonLink:
        return LessonLink(lesson.title, urls.get(lesson.uid, ""))

    special = rules.parameters.modes_in_special_circumstances
    return CoverageDetail(
        title=rules.title,
        card=card_of(report.decision, rules, kind=DecisionKind.CURRICULUM, summary=_summary(report.decision)),
        items=tuple(bundle_row(bundle) for bundle in report.items),
        untagged=tuple(link(lesson) for lesson in report.untagged),
        themes=_theme_table(rules, report),
        hours=_hour_rows(report),
        total=report.hours.total,
        bars=tuple(_bar(share) for share in report.shares),
        methods=tuple(bundle_row(bundle) for bundle in report.methods),
        categories=tuple(bundle_row(bundle) for bundle in report.categories),
        category_choices=_choices(rules, rules.parameters.categories, asked.category),
        audience_choices=_choices(
            rules,
            dict.fromkeys(code for codes in rules.parameters.audiences.values() for code in codes),
            asked.audience,
        ),
        special_label="、".join(label(mode, rules) for mode in special),
        special=asked.special,
    )


def _choices(rules: ProfileData, codes: Iterable[str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, label(code, rules), code == chosen) for code in codes)


def _theme_table(rules: ProfileData, report: CoverageReport) -> ThemeTable | None:
    if not report.themes:
        return None
    return ThemeTable(
        tuple(label(theme, rules) for theme in rules.parameters.cross_cutting),
        tuple(
            (module.title, tuple(ThemeCell(count, theme in module.lacking) for theme, count in module.counts))
            for module in report.themes
        ),
    )


def _hour_rows(report: CoverageReport) -> tuple[HourRow, ...]:
    hours = dict(report.hours.by_delivery)
    names = {code: str(words) for code, words in LessonPage.DELIVERIES}
    return tuple(HourRow(names[code.value], hours.get(code.value, Decimal(0))) for code in Delivery)


def _bar(share: Share) -> Bar:
    short = share.required is not None and (share.value or Fraction(0)) < share.required
    kinds = {"theory_ratio_min": _("Share of theory"), "practice_ratio_min": _("Share of practice")}
    return Bar(
        kinds[share.rule],
        share.part,
        share.whole,
        f"{hours_text(share.part)}/{hours_text(share.whole)} · {_share_words(share)}",
        short,
    )


# Files ---------------------------------------------------------------------------------------------------------------


def coverage_tables(facts: CurriculumFacts, policies: Iterable[ProfileData]) -> list[Table]:
    """The report as sheets: every rule of these policies, then every lesson with the content it covers."""
    policies = list(policies)
    rules: list[tuple[str, ...]] = []
    for policy in policies:
        decision = curriculum_coverage(policy, facts).decision
        card = card_of(decision, policy, kind=DecisionKind.CURRICULUM)
        verdict = verdict_of(decision)[0]
        rules += [
            (policy.title, verdict, one.title, one.rule, one.required, one.found, one.clause) for one in card.reasons
        ] or [(policy.title, verdict, "", "", "", "", "")]
    kinds = {code: str(words) for code, words in LessonPage.KINDS}
    deliveries = {code: str(words) for code, words in LessonPage.DELIVERIES}
    listing = [policy for policy in policies if policy.parameters.content_items]
    return [
        Table(
            pgettext("coverage", "Rules"),
            (
                pgettext("coverage", "Policy"),
                pgettext("coverage", "Result"),
                pgettext("coverage", "State"),
                pgettext("coverage", "Rule"),
                pgettext("coverage", "Required"),
                pgettext("coverage", "Found"),
                pgettext("coverage", "Source"),
            ),
            rules,
            (32, 10, 24, 32, 30, 40, 36),
        ),
        Table(
            pgettext("coverage", "Lessons"),
            (
                pgettext("coverage", "Module"),
                pgettext("coverage", "Lesson"),
                pgettext("coverage", "Class hours"),
                pgettext("coverage", "Kind"),
                pgettext("coverage", "Delivery"),
                *(policy.title for policy in listing),
            ),
            [
                (
                    module.title,
                    lesson.title,
                    lesson.hours,
                    kinds[lesson.kind],
                    deliveries[lesson.delivery],
                    *(_covered(policy, lesson) for policy in listing),
                )
                for module in facts.modules
                for lesson in module.lessons
            ],
            (28, 28, 8, 8, 12, *(30 for _policy in listing)),
        ),
    ]


def _covered(policy: ProfileData, lesson: LessonFacts) -> str:
    tagged = lesson.items.get(policy.key, frozenset())
    return "、".join(label(code, policy) for code in policy.parameters.content_items if code in tagged)


def coverage_plain(facts: CurriculumFacts, policies: Iterable[ProfileData]) -> dict[str, Any]:
    """The report as plain values, for the command line and as JSON; words of the current language."""
    reports = [(policy, curriculum_coverage(policy, facts)) for policy in policies]
    return {
        "level": Level(facts.level).rank_zh if facts.level else "",
        "lessons": len(facts.lessons),
        **{
            name: hours_text(sum((one.hours for one in facts.lessons if kind in {"", one.kind}), Decimal(0)))
            for name, kind in (("hours", ""), ("theory", LessonKind.THEORY), ("practice", LessonKind.PRACTICE))
        },
        "policies": [
            {
                "key": policy.key,
                "version": policy.version,
                "title": policy.title,
                "verdict": verdict_of(report.decision)[0],
                "items": {bundle.code: len(bundle.lessons) for bundle in report.items},
                "untagged": [lesson.title for lesson in report.untagged],
                "themes_lacking": {module.title: list(module.lacking) for module in report.themes if module.lacking},
                "methods": {bundle.code: hours_text(bundle.hours) for bundle in report.methods},
                "rules": [
                    {
                        "rule": reason.rule,
                        "outcome": reason.outcome.value,
                        "soft": reason.soft,
                        "clause": reason.clause,
                        "required": reason.required,
                        "found": reason.found,
                    }
                    for reason in report.decision.reasons
                ],
            }
            for policy, report in reports
        ],
    }
