"""The words of every rule: title, the rule as a sentence, how its numbers read, what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from lms.core.types import Level
from lms.policies.types import Decision, DecisionKind, ProfileData, Shown

Lazy = str | Promise
Printer = Callable[[str, ProfileData], str]


@dataclass(frozen=True)
class RuleWords:
    """title and rule are sentences of the reader's language; the printers put stored values into words."""

    title: Lazy
    rule: Lazy
    required: Printer
    found: Printer
    remedy: Lazy = ""


def in_words(printer: Printer, value: str, policy: ProfileData) -> str:
    """A stored value as it is read; "" stays empty."""
    return printer(value, policy) if value else ""


def words_of(rule: str) -> RuleWords:
    """The words of a rule; one of another package's making stands for itself."""
    return _WORDS.get(rule) or RuleWords(rule, "", _as_is, _as_is)


def title_of(kind: DecisionKind, decided: Decision) -> str:
    """The heading of a decision, by its kind and how it came out."""
    allowed, refused, pending = _TITLES[kind]
    return str(allowed if decided.allowed else refused if decided.refused else pending)


def label(code: str, policy: ProfileData) -> str:
    """A code in the document's own words, else in ours, else itself."""
    known = _CODES.get(code)
    return policy.labels.get(code) or (str(known) if known else code)


def _as_is(value: str, _policy: ProfileData) -> str:
    return value


def _nothing(_value: str, _policy: ProfileData) -> str:
    return ""


def _yes_no(value: str, policy: ProfileData) -> str:
    return {"yes": pgettext("fact", "yes"), "no": pgettext("fact", "no")}.get(value) or label(value, policy)


def _codes(value: str, policy: ProfileData) -> str:
    return pgettext("list", ", ").join(label(code, policy) for code in value.split(","))


def _levels(value: str, policy: ProfileData) -> str:
    names = [policy.parameters.level_names.get(int(code)) or Level(int(code)).rank_zh for code in value.split(",")]
    return pgettext("list", ", ").join(names)


def _share(value: str, _policy: ProfileData) -> str:
    return f"{percent(Fraction(value))}%"


def percent(share: Fraction) -> str:
    """An exact share in percent, as many digits as it needs up to two."""
    return f"{Decimal(share.numerator) * 100 / Decimal(share.denominator):.2f}".rstrip("0").rstrip(".")


def _fraction(value: str, _policy: ProfileData) -> str:
    part, _slash, whole = value.partition("/")
    return f"{value} ({percent(Fraction(part) / Fraction(whole))}%)"


def _titles(value: str, _policy: ProfileData) -> str:
    """Titles, one a line."""
    return pgettext("list", ", ").join(value.split("\n"))


def _missing(value: str, policy: ProfileData) -> str:
    return _("missing: %(items)s") % {"items": _codes(value, policy)}


def _lacking(value: str, policy: ProfileData) -> str:
    """What each module lacks: title, tab, codes, one a line."""
    pairs = (line.partition("\t") for line in value.split("\n"))
    return pgettext("list of sentences", "; ").join(
        _("%(module)s lacks %(themes)s") % {"module": title, "themes": _codes(codes, policy)}
        for title, _tab, codes in pairs
    )


def _window(value: str, _policy: ProfileData) -> str:
    first, slash, last = value.partition("/")
    if not slash:
        return _("before %(day)s") % {"day": value}
    if not first:
        return _("by %(day)s") % {"day": last}
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _part(value: str, policy: ProfileData) -> str:
    """video:60.0 → Video 60.0."""
    name, _colon, rest = value.partition(":")
    words = {
        "confirmed": pgettext("violation", "confirmed by the chief examiner"),
        "dismissed": pgettext("violation", "not upheld by the chief examiner"),
    }.get(rest, rest)
    return f"{label(name, policy)} {words}".strip()


def _dated_part(value: str, policy: ProfileData) -> str:
    """theory:2026-03-01 → Theory, passed on 2026-03-01."""
    name, _colon, day = value.partition(":")
    return _("%(part)s, passed on %(day)s") % {"part": label(name, policy), "day": day}


PAPERS_SHOWN: dict[Shown, Lazy] = {
    Shown.MARKS: pgettext_lazy("papers shown", "Marks by section and topic alone"),
    Shown.ANSWERS: pgettext_lazy("papers shown", "Questions with her own answers and marks"),
    Shown.KEYS: pgettext_lazy("papers shown", "Questions, her own answers and marks, and the right answers"),
}


def _shown(value: str, _policy: ProfileData) -> str:
    return str(PAPERS_SHOWN[Shown(value)])


def _ages(value: str, policy: ProfileData) -> str:
    return _codes(value.replace(">=", "≥").replace("<=", "≤"), policy)


def _in(unit: str) -> Printer:
    """A number with its unit."""

    def printed(value: str, _policy: ProfileData) -> str:
        return {
            "hours": _("%(number)s class hours"),
            "minutes": _("%(number)s minutes"),
            "days": _("%(number)s days"),
            "months": _("%(number)s months"),
            "years": _("%(number)s years"),
            "age": _("%(number)s years old"),
            "people": _("%(number)s people"),
            "yuan": _("%(number)s yuan"),
            "times": _("%(number)s times"),
        }[unit] % {"number": value}

    return printed


_CODES: dict[str, Lazy] = {
    "theory": pgettext_lazy("part", "Theory"),
    "video": pgettext_lazy("part", "Selling video"),
    "homework": pgettext_lazy("part", "Homework"),
    "operation": pgettext_lazy("part", "Practical operation"),
    "class_performance": pgettext_lazy("part", "Class performance"),
    "per_qualified": gettext_lazy("everybody who qualified"),
    "per_trainee": gettext_lazy("everybody trained"),
    "per_certificate": gettext_lazy("everybody certified"),
}

_TITLES: dict[DecisionKind, tuple[Lazy, Lazy, Lazy]] = {
    DecisionKind.ENROLMENT: (
        gettext_lazy("May enrol"),
        gettext_lazy("May not enrol"),
        gettext_lazy("Cannot be decided yet: enrolment"),
    ),
    DecisionKind.CLASS_OPENING: (
        gettext_lazy("The class may open"),
        gettext_lazy("The class may not open"),
        gettext_lazy("Cannot be decided yet: opening the class"),
    ),
    DecisionKind.EXAM_ENTITLEMENT: (
        gettext_lazy("May be examined"),
        gettext_lazy("May not be examined yet"),
        gettext_lazy("Cannot be decided yet: entitlement to the exam"),
    ),
    DecisionKind.GRADE: (
        gettext_lazy("Assessment passed"),
        gettext_lazy("Assessment not passed"),
        gettext_lazy("Grade still open"),
    ),
    DecisionKind.COMPLETION: (
        gettext_lazy("Training completed"),
        gettext_lazy("Training not completed"),
        gettext_lazy("Cannot be decided yet: completion"),
    ),
    DecisionKind.RESIT: (
        gettext_lazy("May resit"),
        gettext_lazy("May not resit again"),
        gettext_lazy("Cannot be decided yet: resit"),
    ),
    DecisionKind.SUBSIDY: (
        gettext_lazy("Subsidy may be claimed"),
        gettext_lazy("Subsidy may not be claimed"),
        gettext_lazy("Cannot be decided yet: subsidy"),
    ),
    DecisionKind.PLAN_APPROVAL: (
        gettext_lazy("Plan approved by every party"),
        gettext_lazy("Plan not approved by every party"),
        gettext_lazy("Cannot be decided yet: approval of the plan"),
    ),
    DecisionKind.EXAMINER: (
        gettext_lazy("May examine"),
        gettext_lazy("May not examine"),
        gettext_lazy("Cannot be decided yet: conflict of interest"),
    ),
    DecisionKind.LEDGER: (
        gettext_lazy("Counts in the training ledger"),
        gettext_lazy("Does not count in the training ledger"),
        gettext_lazy("Cannot be decided yet: training ledger"),
    ),
    DecisionKind.CURRICULUM: (
        gettext_lazy("The curriculum meets the policy"),
        gettext_lazy("The curriculum does not meet the policy"),
        gettext_lazy("Cannot be decided yet: curriculum"),
    ),
}

_WORDS: dict[str, RuleWords] = {
    "minimum_age": RuleWords(
        gettext_lazy("Age"),
        gettext_lazy("Livestream hosts must be old enough on the first training day"),
        _in("age"),
        _in("age"),
        gettext_lazy("Enrol again after the birthday"),
    ),
    "guardian_consent": RuleWords(
        gettext_lazy("Guardian's consent"),
        gettext_lazy("Who is under age needs the consent of a guardian"),
        lambda value, policy: _("under %(number)s: needed") % {"number": value},
        _yes_no,
        gettext_lazy("Hand in the guardian's written consent at the institution"),
    ),
    "not_public_establishment_staff": RuleWords(
        gettext_lazy("Established public posts"),
        gettext_lazy("Staff in established posts of public bodies are not admitted"),
        _yes_no,
        _yes_no,
    ),
    "not_enrolled_student": RuleWords(
        gettext_lazy("Students"), gettext_lazy("Enrolled students are not admitted"), _yes_no, _yes_no
    ),
    "not_non_employee": RuleWords(
        gettext_lazy("Employment"),
        gettext_lazy("Only employees of the company are admitted"),
        _nothing,
        lambda value, policy: _yes_no("no" if value == "yes" else "yes", policy),
    ),
    "target_groups": RuleWords(
        gettext_lazy("Group of trainees"),
        gettext_lazy("The policy names whom it trains"),
        _codes,
        _codes,
        gettext_lazy("State the group that applies"),
    ),
    "graduate_window_years": RuleWords(
        gettext_lazy("Years since graduation"),
        gettext_lazy("Graduates count for a limited time after leaving school"),
        _in("years"),
        lambda value, policy: _("left school on %(day)s") % {"day": value},
    ),
    "graduate_not_employed": RuleWords(
        gettext_lazy("Graduates without work"),
        gettext_lazy("Graduates in work count as employed staff"),
        _yes_no,
        _yes_no,
        gettext_lazy("Enrol as employed staff"),
    ),
    "insured": RuleWords(
        gettext_lazy("Social insurance"),
        gettext_lazy("Trainees are insured there, or belong to a key group"),
        _yes_no,
        _yes_no,
    ),
    "employee_contract_months": RuleWords(
        gettext_lazy("Labour contract"),
        gettext_lazy("Employees have a contract long enough"),
        _in("months"),
        _in("months"),
    ),
    "employee_insured_months": RuleWords(
        gettext_lazy("Months insured"),
        gettext_lazy("Employees have been insured long enough"),
        _in("months"),
        _in("months"),
    ),
    "ledger_age": RuleWords(
        gettext_lazy("Age in the ledger"),
        gettext_lazy("Anybody may take part; the ledger counts certain ages"),
        _ages,
        _in("age"),
    ),
    "valid_from": RuleWords(
        gettext_lazy("Start of the policy"), gettext_lazy("Classes do not begin before the policy"), _as_is, _as_is
    ),
    "valid_to": RuleWords(
        gettext_lazy("End of the policy"),
        gettext_lazy("Classes end while the policy lasts"),
        _as_is,
        _as_is,
        gettext_lazy("Choose another policy, or end earlier"),
    ),
    "levels_open": RuleWords(
        pgettext_lazy("rule", "Level"),
        gettext_lazy("Only open levels are trained"),
        _levels,
        _levels,
        gettext_lazy("Wait until the authority opens the level"),
    ),
    "occupations": RuleWords(
        gettext_lazy("Job trained"), gettext_lazy("The policy names the jobs it trains"), _codes, _codes
    ),
    "institutions": RuleWords(
        gettext_lazy("Institution selected"), gettext_lazy("Only selected institutions train"), _codes, _codes
    ),
    "content_items": RuleWords(
        gettext_lazy("Content"),
        gettext_lazy("The course covers the listed content"),
        _codes,
        _missing,
        gettext_lazy("Add lessons on what is missing"),
    ),
    "lessons_on_content": RuleWords(
        gettext_lazy("Lessons on the listed content"),
        gettext_lazy("Every lesson covers something of the listed content"),
        _as_is,
        lambda value, policy: _("covers nothing listed: %(lessons)s") % {"lessons": _titles(value, policy)},
        gettext_lazy("Tag these lessons with the content they cover, or take them out"),
    ),
    "cross_cutting": RuleWords(
        gettext_lazy("Themes throughout"),
        gettext_lazy("These themes run through the whole training, in every module"),
        _codes,
        _lacking,
        gettext_lazy("Let a lesson of the module take up the theme, and tag it"),
    ),
    "methods": RuleWords(
        gettext_lazy("Methods of teaching"),
        gettext_lazy("The methods the policy names are combined"),
        _codes,
        _missing,
        gettext_lazy("Plan lessons taught this way"),
    ),
    "audience": RuleWords(
        gettext_lazy("People of the category"),
        gettext_lazy("Each category of training is meant for certain people"),
        _codes,
        _codes,
        gettext_lazy("Choose the category that is meant for these people"),
    ),
    "lesson_audiences": RuleWords(
        gettext_lazy("Lessons by category"),
        gettext_lazy("Courses are set by category, for different people"),
        _codes,
        lambda value, policy: _("not for it: %(lessons)s") % {"lessons": _titles(value, policy)},
        gettext_lazy("Choose lessons of the category, or say for whom these are"),
    ),
    "training_type": RuleWords(
        gettext_lazy("Type of training"),
        gettext_lazy("A class says which type of training it is"),
        _codes,
        _codes,
        gettext_lazy("State the type of training"),
    ),
    "trainee_fee": RuleWords(
        gettext_lazy("Fee"), gettext_lazy("Trainees pay no more than this"), _in("yuan"), _in("yuan")
    ),
    "min_hours": RuleWords(
        gettext_lazy("Class hours"),
        gettext_lazy("At least so many class hours"),
        _in("hours"),
        _in("hours"),
        gettext_lazy("Plan more class hours"),
    ),
    "standard_hours": RuleWords(
        gettext_lazy("Hours of the national standard"),
        gettext_lazy("The national standard names other reference hours; the policy decides"),
        _in("hours"),
        _in("hours"),
    ),
    "class_hour_minutes": RuleWords(
        gettext_lazy("Length of a class hour"),
        gettext_lazy("A class hour has at least so many minutes"),
        _in("minutes"),
        _in("minutes"),
    ),
    "full_recording": RuleWords(
        gettext_lazy("Recordings of the training"),
        gettext_lazy("Every session on site is on video from beginning to end"),
        _nothing,
        lambda value, _policy: _("%(number)s sessions whole") % {"number": value},
        gettext_lazy("Upload the missing part of the session"),
    ),
    "lecture_video_count": RuleWords(
        gettext_lazy("Teaching videos"),
        gettext_lazy("The claim needs so many teaching videos"),
        _as_is,
        _as_is,
        gettext_lazy("Upload the recording of another session"),
    ),
    "lecture_video_minutes": RuleWords(
        gettext_lazy("Average length of teaching videos"),
        gettext_lazy("Teaching videos last so long on average"),
        _in("minutes"),
        _in("minutes"),
        gettext_lazy("Upload the recording of a longer session"),
    ),
    "min_days": RuleWords(
        gettext_lazy("Training days"), gettext_lazy("At least so many days"), _in("days"), _in("days")
    ),
    "min_offline_days": RuleWords(
        gettext_lazy("Days on site"), gettext_lazy("At least so many days on site"), _in("days"), _in("days")
    ),
    "theory_ratio_min": RuleWords(
        gettext_lazy("Share of theory"), gettext_lazy("At least this share of the hours is theory"), _share, _fraction
    ),
    "practice_ratio_min": RuleWords(
        gettext_lazy("Share of practice"),
        gettext_lazy("At least this share of the hours is practical operation"),
        _share,
        _fraction,
    ),
    "modes": RuleWords(
        gettext_lazy("Form of training"), gettext_lazy("Training takes the forms the policy names"), _codes, _codes
    ),
    "class_size_max": RuleWords(
        gettext_lazy("Class size"),
        gettext_lazy("A class has generally no more people"),
        _in("people"),
        _in("people"),
        gettext_lazy("Record a reason, or make two classes"),
    ),
    "plan_approvers": RuleWords(
        gettext_lazy("Approval of the plan"),
        gettext_lazy("Every party the policy names approves the plan"),
        _codes,
        _codes,
    ),
    "opening_filing": RuleWords(
        gettext_lazy("Filing the opening"),
        gettext_lazy("The opening is filed in time"),
        _window,
        lambda value, policy: _("filed on %(day)s") % {"day": value},
    ),
    "opening_approval": RuleWords(
        gettext_lazy("Approval of the opening"),
        gettext_lazy("The opening is approved before it begins"),
        _yes_no,
        _yes_no,
    ),
    "instructor_kinds": RuleWords(
        gettext_lazy("Kind of instructor"), gettext_lazy("The policy names who generally teaches"), _codes, _codes
    ),
    "instructor_certificate": RuleWords(
        gettext_lazy("Instructor's certificate"),
        gettext_lazy("Instructors hold a teaching certificate"),
        _yes_no,
        _yes_no,
    ),
    "instructor_practice_months": RuleWords(
        gettext_lazy("Instructor's practice"),
        gettext_lazy("Who teaches practical operation has practised long enough"),
        _in("months"),
        _in("months"),
    ),
    "no_attendance_gate": RuleWords(
        gettext_lazy("Attendance"),
        gettext_lazy("The policy asks for no attendance before the assessment"),
        _as_is,
        _as_is,
    ),
    "attendance_min": RuleWords(
        gettext_lazy("Attendance"),
        gettext_lazy("At least this share of the class hours is attended before the assessment"),
        _share,
        _fraction,
        gettext_lazy("Ask the institution about missed sessions"),
    ),
    "full_attendance": RuleWords(
        gettext_lazy("Attendance throughout"),
        gettext_lazy("Trainees attend throughout; absence is recorded"),
        _share,
        _fraction,
    ),
    "parts": RuleWords(gettext_lazy("Parts of the assessment"), gettext_lazy("Every part is marked"), _codes, _codes),
    "pass_mark": RuleWords(
        gettext_lazy("Pass mark"),
        gettext_lazy("Every part reaches its pass mark; no part makes up for another"),
        _part,
        _part,
    ),
    "no_confirmed_violation": RuleWords(
        gettext_lazy("Confirmed violation"),
        gettext_lazy("A confirmed violation of the gravest kind fails the assessment"),
        _part,
        _part,
    ),
    "passed": RuleWords(gettext_lazy("Assessment"), gettext_lazy("The assessment is passed"), _yes_no, _yes_no),
    "completion_needs_all_hours": RuleWords(
        gettext_lazy("All class hours"), gettext_lazy("All class hours are done"), _yes_no, _yes_no
    ),
    "resits_allowed": RuleWords(
        gettext_lazy("Resits"),
        gettext_lazy("So many resits are allowed"),
        _in("times"),
        _in("times"),
        gettext_lazy("Take the training again"),
    ),
    "no_resit_limit": RuleWords(
        gettext_lazy("Resits"), gettext_lazy("The policy sets no limit; resits are recorded"), _as_is, _in("times")
    ),
    "part_score_valid_months": RuleWords(
        gettext_lazy("Validity of a passed part"),
        gettext_lazy("A part passed counts for so many months; then it is sat again"),
        _in("months"),
        _dated_part,
        gettext_lazy("Sit the part again"),
    ),
    "papers_shown": RuleWords(
        gettext_lazy("Papers opened to candidates"),
        gettext_lazy("What candidates may see of a released paper"),
        _shown,
        _shown,
    ),
    "did_not_teach": RuleWords(
        gettext_lazy("Teacher and student"), gettext_lazy("Nobody examines her own students"), _yes_no, _yes_no
    ),
    "same_institution": RuleWords(
        gettext_lazy("Same institution"),
        gettext_lazy("Working for the same institution is no conflict by itself"),
        _as_is,
        _yes_no,
    ),
    "subsidy": RuleWords(
        gettext_lazy("Subsidy"), gettext_lazy("The policy pays no subsidy by the head"), _as_is, _as_is
    ),
    "subsidy_rate": RuleWords(
        gettext_lazy("Rate of the subsidy"),
        gettext_lazy("Yuan for each person"),
        _as_is,
        _in("yuan"),
        gettext_lazy("The HR bureau enters the rate"),
    ),
    "subsidy_people": RuleWords(gettext_lazy("People counted"), gettext_lazy("Who is paid for"), _codes, _in("people")),
}

RULES = frozenset(_WORDS)
