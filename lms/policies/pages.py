"""The pages of the law book: the list, one version with its clauses, and the working-day calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts.api import Acting, can
from lms.core.types import Level
from lms.core.workdays.api import YearTable, calendar, known_years, year_table
from lms.policies.rules import keeps_law_book
from lms.policies.selectors import profile, profiles, versions
from lms.policies.types import (
    AgeRule,
    Grade,
    NoProfile,
    OpeningFiling,
    Parameters,
    ProfileData,
    Publicity,
    PublicityKind,
    Shown,
    Subsidy,
    SubsidyBasis,
)
from lms.policies.words import PAPERS_SHOWN, label, percent, words_of

ANY_LEVEL = 0


@dataclass(frozen=True)
class ProfileRow:
    """One profile in the list, by the version in force today. `document` "" where the title says it already."""

    title: str
    document: str
    window: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True)
class LawBook:
    """All profiles the reader may read. `calendar_url` "" for strangers."""

    rows: tuple[ProfileRow, ...]
    calendar_url: str


@dataclass(frozen=True)
class Row:
    """One rule of a profile: what it says, and where that stands ("" where there is no clause to name)."""

    label: str
    lines: tuple[str, ...]
    clause: str

    @property
    def long(self) -> bool:
        """Folded until asked for."""
        return len(self.lines) > 12


@dataclass(frozen=True)
class Section:
    """Rules that belong together."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class VersionRow:
    """Another version of the same profile."""

    label: str
    since: str
    url: str
    current: bool


@dataclass(frozen=True)
class ProfilePage:
    """One version as shown."""

    title: str
    document: str
    issuers: tuple[str, ...]
    window: str
    state: str
    tone: str
    version: int
    fingerprint: str
    sections: tuple[Section, ...]
    versions: tuple[VersionRow, ...]
    list_url: str


@dataclass(frozen=True)
class DayRow:
    """A day, or days in a row, that differ from their weekday."""

    days: str
    name: str
    state: str
    tone: str


@dataclass(frozen=True)
class CalendarPage:
    """One year of the calendar. `missing`: years that are needed soon and have no table."""

    year: int
    known: bool
    source: str
    rows: tuple[DayRow, ...]
    years: tuple[tuple[int, str, bool], ...]
    missing: tuple[int, ...]
    may_edit: bool
    list_url: str


def law_book(acting: Acting, *, today: date) -> LawBook:
    """Every profile the reader may read; anybody reads what its issuer published (S1-41)."""
    rows = tuple(_row(data, today) for data in profiles(on=today) if readable(acting, data))
    return LawBook(rows, reverse("policies:calendar") if can(acting, "policy_profile", "read") else "")


def readable(acting: Acting, data: ProfileData) -> bool:
    """Published documents are everybody's; the others are for the roles of the matrix."""
    return data.public or can(acting, "policy_profile", "read") is not None


def _row(data: ProfileData, today: date) -> ProfileRow:
    state, tone = _state(data, today)
    return ProfileRow(
        data.title,
        "" if data.title in data.document else data.document,
        _window(data),
        state,
        tone,
        reverse("policies:profile", args=[data.uuid]),
    )


def _state(data: ProfileData, today: date) -> tuple[str, str]:
    """未开始, 有效, 已到期."""
    if data.valid_to is not None and data.valid_to < today:
        return pgettext("policy", "Ended"), "mute"
    if data.valid_from is not None and data.valid_from > today:
        return pgettext("policy", "Not begun"), "info"
    return pgettext("policy", "Valid"), "ok"


def _window(data: ProfileData) -> str:
    if data.valid_from is None and data.valid_to is None:
        return pgettext("policy", "no time limit")
    if data.valid_to is None:
        return _("from %(day)s") % {"day": data.valid_from}
    return _("%(first)s to %(last)s") % {"first": data.valid_from or "", "last": data.valid_to}


def profile_page(acting: Acting, uuid: UUID, *, today: date) -> ProfilePage:
    """One version. Raises Http404, also for what the reader may not read."""
    try:
        data = profile(uuid)
    except NoProfile:
        raise Http404 from None
    if not readable(acting, data):
        raise Http404
    state, tone = _state(data, today)
    return ProfilePage(
        title=data.title,
        document=data.document,
        issuers=data.issuers,
        window=_window(data),
        state=state,
        tone=tone,
        version=data.version,
        fingerprint=data.content_hash[:16],
        sections=tuple(section for section in _sections(data) if section.rows),
        versions=tuple(_version(other, data) for other in versions(data.key)),
        list_url=reverse("policies:list"),
    )


def _version(other: ProfileData, shown: ProfileData) -> VersionRow:
    since = (
        _("for classes filed from %(day)s") % {"day": other.in_force_from}
        if other.in_force_from
        else _("for all classes")
    )
    return VersionRow(
        label=_("Version %(number)s") % {"number": other.version},
        since=since,
        url=reverse("policies:profile", args=[other.uuid]),
        current=other.uuid == shown.uuid,
    )


class _Writer:
    """Collects the rows of one section; what the profile does not say makes no row."""

    def __init__(self, data: ProfileData) -> None:
        self.data = data
        self.rows: list[Row] = []

    def say(self, rule: str, lines: str | Iterable[str] | None, *, title: str = "") -> None:
        shown = (lines,) if isinstance(lines, str) else tuple(lines or ())
        if not shown or not any(shown):
            return
        defaulted = rule in self.data.parameters.defaulted
        clause = self.data.clause(rule) or (_("Default of this platform") if defaulted else "")
        self.rows.append(Row(title or str(words_of(rule).title), shown, clause))

    def codes(self, rule: str, codes: Iterable[str] | None, *, title: str = "") -> None:
        self.say(rule, [label(code, self.data) for code in codes or ()], title=title)

    def number(self, rule: str, value: int | None, *, title: str = "") -> None:
        """A number with the unit its rule is written in."""
        self.say(rule, None if value is None else words_of(rule).required(str(value), self.data), title=title)


def _sections(data: ProfileData) -> Iterable[Section]:
    asked = data.parameters
    yield Section(_("Who may take part"), _who(data, asked))
    yield Section(_("The training"), _training(data, asked))
    yield Section(_("Approval and filing"), _approval(data, asked))
    yield Section(_("The assessment"), _assessment(data, asked))
    yield Section(_("Papers, money, archive"), _after(data, asked))
    yield Section(_("Documents and lists"), _lists(data, asked))


def _lists(data: ProfileData, asked: Parameters) -> tuple[Row, ...]:
    writer = _Writer(data)
    for name, codes in asked.checklists.items():
        writer.codes("checklist", codes, title=_checklist(name))
    return tuple(writer.rows)


def _who(data: ProfileData, asked: Parameters) -> tuple[Row, ...]:
    writer = _Writer(data)
    writer.codes("target_groups", asked.target_groups)
    writer.codes("exclude", asked.exclude, title=_("Not admitted"))
    writer.codes("priority_groups", asked.priority_groups, title=_("First of all"))
    if asked.insured_unless_key_group:
        writer.codes("key_groups", asked.key_groups, title=_("Key groups, exempt from insurance"))
    if asked.key_group_ratio_min is not None:
        writer.say(
            "key_group_ratio_min",
            f"≥{percent(asked.key_group_ratio_min)}%",
            title=_("Share of key groups in the project"),
        )
    writer.number("employee_contract_months", asked.employee_contract_months)
    writer.number("employee_insured_months", asked.employee_insured_months)
    writer.number("graduate_window_years", asked.graduate_window_years)
    writer.number("minimum_age", asked.minimum_age, title=_("Youngest age of hosts"))
    writer.number("guardian_consent", asked.guardian_consent_below)
    writer.say("ledger_age", [f"{label(name, data)} {_ages(rule)}" for name, rule in asked.ledger_age.items()])
    return tuple(writer.rows)


def _ages(rule: AgeRule) -> str:
    low = "" if rule.from_age is None else f"{'≥' if rule.from_inclusive else '>'}{rule.from_age}"
    high = "" if rule.to_age is None else f"{'≤' if rule.to_inclusive else '<'}{rule.to_age}"
    return " ".join(bound for bound in (low, high) if bound)


def _level(data: ProfileData, number: int) -> str:
    if number == ANY_LEVEL:
        return pgettext("level", "any")
    return data.parameters.level_names.get(number) or Level(number).rank_zh


def _training(data: ProfileData, asked: Parameters) -> tuple[Row, ...]:
    writer = _Writer(data)
    jobs = [name if not job else f"{name}（{job}）" for name, job in ((o.name, o.job) for o in asked.occupations)]
    writer.say("occupations", jobs)
    levels = [_("a single tier")] if asked.levels_open is None else [_level(data, int(x)) for x in asked.levels_open]
    writer.say("levels_open", levels)
    for table, rule in ((asked.min_hours, "min_hours"), (asked.standard_hours, "standard_hours")):
        writer.say(
            rule,
            [
                hours if level == ANY_LEVEL else f"{_level(data, level)} {hours}"
                for level, count in table.items()
                for hours in [words_of(rule).required(str(count), data)]
            ],
        )
    writer.number("class_hour_minutes", asked.class_hour_minutes)
    writer.number("min_days", asked.min_days)
    writer.number("min_offline_days", asked.min_offline_days)
    for rule, share in (("theory_ratio_min", asked.theory_ratio_min), ("practice_ratio_min", asked.practice_ratio_min)):
        writer.say(rule, None if share is None else f"≥{percent(share)}%")
    special = [
        _("%(mode)s, in special circumstances only") % {"mode": label(mode, data)}
        for mode in asked.modes_in_special_circumstances
    ]
    alone = [_("%(mode)s, never alone") % {"mode": label(mode, data)} for mode in asked.modes_never_alone]
    writer.say(
        "modes", [*(label(m, data) for m in asked.modes or () if m not in asked.modes_never_alone), *alone, *special]
    )
    writer.number("class_size_max", asked.class_size_max)
    writer.codes("instructor_kinds", asked.instructor_kinds)
    writer.number("instructor_practice_months", asked.instructor_practice_months)
    writer.codes("training_type", asked.training_types)
    writer.codes("methods", asked.methods)
    writer.codes("content_items", asked.content_items)
    if asked.lessons_on_content:
        writer.say("lessons_on_content", str(words_of("lessons_on_content").rule))
    writer.codes("cross_cutting", asked.cross_cutting)
    writer.say("lesson_audiences", [_people(data, category) for category in asked.categories], title=_("Categories"))
    writer.say("institutions", asked.institutions)
    return tuple(writer.rows)


def _people(data: ProfileData, category: str) -> str:
    """普及性政策宣讲：群众、贫困户."""
    people = [label(code, data) for code in data.parameters.audiences.get(category, ())]
    named = label(category, data)
    return _("%(category)s: %(people)s") % {"category": named, "people": pgettext("list", ", ").join(people)}


def _approval(data: ProfileData, asked: Parameters) -> tuple[Row, ...]:
    writer = _Writer(data)
    writer.codes("plan_approvers", asked.plan_approvers)
    if asked.opening_filing is not None:
        writer.say("opening_filing", _filing(asked.opening_filing))
    return tuple(writer.rows)


def _filing(rule: OpeningFiling) -> list[str]:
    if rule.working_days is None:
        lines = [_("before the class opens")]
    elif rule.mode == "within":
        lines = [_("within the %(number)s working days before the class opens") % {"number": rule.working_days}]
    else:
        lines = [_("at least %(number)s working days before the class opens") % {"number": rule.working_days}]
    return [*lines, _("must be approved")] if rule.approval else lines


def _assessment(data: ProfileData, asked: Parameters) -> tuple[Row, ...]:
    writer = _Writer(data)
    writer.codes("parts", asked.parts)
    if asked.parts:
        gate = asked.attendance_min
        writer.say(
            "attendance_min" if gate is not None else "no_attendance_gate",
            _("not asked before the assessment") if gate is None else f"≥{percent(gate)}%",
            title=str(words_of("attendance_min").title),
        )
        if data.clauses.get("full_attendance"):
            writer.say("full_attendance", _("absence is recorded, it does not block"))
        writer.say("pass_mark", f"{asked.pass_mark}/100")
        writer.say(
            "grade_bands", [f"{_grade(name)} ≥{floor}" for name, floor in asked.grade_bands.items()], title=_("Grades")
        )
        writer.say(
            "resits_allowed",
            _("no limit, recorded")
            if asked.resits_allowed is None
            else words_of("resits_allowed").required(str(asked.resits_allowed), data),
        )
        writer.number("part_score_valid_months", asked.part_score_valid_months)
        if asked.papers_shown is not Shown.MARKS:
            writer.say("papers_shown", str(PAPERS_SHOWN[asked.papers_shown]))
    return tuple(writer.rows)


def _grade(name: Grade) -> str:
    return {
        Grade.EXCELLENT: pgettext("grade", "Excellent"),
        Grade.GOOD: pgettext("grade", "Good"),
        Grade.PASS: pgettext("grade", "Pass"),
        Grade.FAIL: pgettext("grade", "Fail"),
    }[name]


def _after(data: ProfileData, asked: Parameters) -> tuple[Row, ...]:
    writer = _Writer(data)
    writer.codes("credentials", asked.credentials, title=_("Papers earned"))
    if asked.subsidy is not None:
        _money(writer, data, asked.subsidy)
    writer.say("publicity", _publicity(asked.publicity), title=_("Publicity"))
    writer.say(
        "archive_years",
        words_of("graduate_window_years").required(str(asked.archive_years), data),
        title=_("Archive kept"),
    )
    return tuple(writer.rows)


def _money(writer: _Writer, data: ProfileData, rules: Subsidy) -> None:
    yuan = words_of("subsidy_rate").found
    rates = [f"{_level(data, level)} {yuan(str(rate), data)}" for level, rate in rules.rates.items()]
    writer.say("subsidy_rate", [_("entered by the HR bureau")] if rules.rate_entered else rates)
    people = [label(rules.basis.value, data)]
    if rules.basis is SubsidyBasis.PER_TRAINEE and not rules.count_failed:
        people.append(_("without those who failed; the other reading is shown beside it"))
    writer.say("subsidy_people", people)
    writer.say("trainee_fee", yuan(str(rules.trainee_fee), data))
    writer.codes("subsidy", rules.payer.split(",") if rules.payer else (), title=_("Paid by"))
    writer.say("subsidy", rules.fund, title=_("Paid from"))


def _publicity(rule: Publicity) -> str:
    if rule.kind is PublicityKind.WORKING:
        return _("%(number)s working days") % {"number": rule.days}
    return _("%(number)s calendar days") % {"number": rule.days}


def _checklist(name: str) -> str:
    return {
        "opening": _("Documents for the opening"),
        "plan": _("What a plan contains"),
        "registration_form": _("Registration form"),
        "claim": _("Documents for a claim"),
        "archive": _("What the archive holds"),
        "run": _("Documents of each run"),
        "acceptance": _("Documents for acceptance"),
        "supervision": _("What supervision looks at"),
        "subsidy_use": _("What the subsidy is spent on"),
        "notice": _("What a training notice says"),
        "session_record": _("What a session's record holds"),
    }.get(name, name)


# The calendar --------------------------------------------------------------------------------------------------------


def calendar_page(acting: Acting, year: int, *, today: date) -> CalendarPage:
    """One year. Strangers see none: Http404."""
    if not can(acting, "policy_profile", "read"):
        raise Http404
    table = year_table(year)
    shown = sorted({*known_years(), today.year, today.year + 1, year})
    known = calendar().years
    return CalendarPage(
        year=year,
        known=table.known,
        source=table.source,
        rows=tuple(_days(table)),
        years=tuple((y, reverse("policies:calendar_year", args=[y]), y == year) for y in shown),
        missing=tuple(y for y in (today.year, today.year + 1) if y not in known),
        may_edit=keeps_law_book(acting),
        list_url=reverse("policies:list"),
    )


def _days(table: YearTable) -> Iterable[DayRow]:
    """Days in a row of one kind and name become one row."""
    run: list[date] = []
    before: tuple[bool, str] | None = None
    for day in sorted(table.days, key=lambda day: day.day):
        if run and before is not None and (before != (day.works, day.name) or day.day != run[-1] + timedelta(days=1)):
            yield _run(run, *before)
            run = []
        run.append(day.day)
        before = (day.works, day.name)
    if run and before is not None:
        yield _run(run, *before)


def _run(days: list[date], works: bool, name: str) -> DayRow:
    span = str(days[0]) if len(days) == 1 else _("%(first)s to %(last)s") % {"first": days[0], "last": days[-1]}
    state = pgettext("day", "worked") if works else pgettext("day", "free")
    return DayRow(span, name, state, "warn" if works else "info")


def days_as_text(table: YearTable) -> str:
    """A year's table as the form takes it, a day a line: 2026-02-14 班 调休."""
    return "\n".join(f"{day.day} {'班' if day.works else '休'} {day.name}" for day in table.days)
