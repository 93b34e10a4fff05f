"""Where each role may go. Only pages that exist and that the matrix lets the role read: no dead links."""

from collections.abc import Iterator
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from lms.accounts.api import Acting, Role, can
from lms.portal.types import NavItem

# They see works by code only; the overview with masked names is not for them.
BLIND_ROLES = frozenset({Role.EXAMINER, Role.CHIEF_EXAMINER})


def navigation(acting: Acting, *, path: str) -> list[NavItem]:
    """The entries of the bottom bar (trainees) or the rail (everybody else); current is the one that fits best."""
    items = _entries(acting)
    home = reverse("portal:home")
    fitting = [item.url for item in items if (path == home if item.url == home else path.startswith(item.url))]
    best = max(fitting, key=len, default=None)
    return [replace(item, current=item.url == best) for item in items]


def _item(label: str, url: str, icon: str, *, group: str = "") -> NavItem:
    return NavItem(label, url, icon, current=False, group=group)


def _entries(acting: Acting) -> list[NavItem]:
    home = _item(gettext("Home"), reverse("portal:home"), "home")
    me = _item(gettext("Me"), reverse("accounts:account"), "user-circle")
    if acting.role is Role.TRAINEE:
        return [
            home,
            _item(gettext("Study"), reverse("courses:study"), "book-open"),
            _item(pgettext("navigation", "Exams"), reverse("assessment:delivery:sittings"), "document-text"),
            _item(gettext("Works"), reverse("media:works"), "video-camera"),
            me,
        ]
    items = [home]
    for group, entries in (
        (pgettext("navigation", "Judging"), _judging(acting)),
        (pgettext("navigation", "Training"), _training(acting)),
        (pgettext("navigation", "People and rules"), _people(acting)),
    ):
        items += [_item(label, url, icon, group=group) for label, url, icon in entries]
    return [*items, me]


def _ruling(acting: Acting) -> Iterator[tuple[str, str, str]]:
    """What a chief examiner decides of single works. Those that are held back are no examiner's: hers are to be scored."""
    alike = can(acting, "lookalike", "read")
    if alike is not None and not alike.own:
        yield gettext("Same files"), reverse("assessment:held_works"), "arrows-right-left"
    if can(acting, "waiver", "read"):
        yield gettext("Waivers"), reverse("assessment:waivers"), "clipboard-document-check"


def _judging(acting: Acting) -> Iterator[tuple[str, str, str]]:
    if acting.role is Role.EXAMINER:
        yield gettext("Scoring"), reverse("assessment:scoring_list"), "scale"
    elif can(acting, "evidence", "read"):
        yield gettext("Evidence"), reverse("assessment:evidence_list"), "eye"
    if can(acting, "paper", "read"):
        # The committee writes in the content admin, the offices read and approve at their desk.
        place = "papers:list" if can(acting, "paper", "update") else "assessment:papers"
        yield gettext("Blueprints and papers"), reverse(place), "document-text"
    if can(acting, "question_statistics", "read"):
        place = "statistics:list" if can(acting, "question_statistics", "create") else "assessment:statistics_list"
        yield gettext("Question statistics"), reverse(place), "chart-bar"
    if can(acting, "sitting", "read"):  # a candidate's own are on her exam page
        yield pgettext("sitting", "Sittings"), reverse("assessment:sittings"), "clipboard-document-check"
    if can(acting, "question_correction", "read"):
        yield (
            pgettext("correction", "Corrections of questions"),
            reverse("assessment:question_corrections"),
            "pencil-square",
        )
    if can(acting, "arbitration", "read"):
        yield gettext("Panels"), reverse("assessment:panels"), "scale"
    yield from _ruling(acting)
    if can(acting, "result", "read"):
        yield gettext("Results"), reverse("assessment:results"), "chart-bar"
    if can(acting, "accreditation_batch", "read"):
        yield gettext("Certificates"), reverse("assessment:batches"), "academic-cap"
    if can(acting, "other_submission", "read") and acting.role not in BLIND_ROLES:
        yield gettext("Works"), reverse("portal:works_overview"), "video-camera"


def _training(acting: Acting) -> Iterator[tuple[str, str, str]]:
    if can(acting, "training_class", "read") and acting.role not in BLIND_ROLES:
        yield gettext("Classes"), reverse("courses:classes"), "users"
    if can(acting, "homework", "update"):
        yield pgettext("courses", "Homework"), reverse("courses:homework"), "clipboard-document-check"
    if can(acting, "lesson_question", "read"):
        yield pgettext("navigation", "Questions"), reverse("courses:lesson_questions"), "question-mark-circle"
    if can(acting, "study", "read"):
        yield pgettext("courses", "Progress"), reverse("courses:progress"), "chart-bar"
    if can(acting, "study_time", "read") and acting.role is not Role.TRAINEE:
        yield pgettext("navigation", "Study time"), reverse("courses:study_time"), "clock"
    if can(acting, "statement_client", "create"):
        yield pgettext("navigation", "Learning records"), reverse("courses:statement_clients"), "arrow-up-tray"
    if can(acting, "level_opening", "read"):
        yield pgettext("navigation", "Levels"), reverse("courses:levels"), "lock-closed"
    if can(acting, "lesson", "read"):
        yield gettext("Curriculum"), "/learn/", "book-open"
        yield pgettext("curriculum", "Coverage"), reverse("courses:coverage"), "table-cells"
    if can(acting, "curriculum_file", "execute"):
        yield gettext("Export and import"), reverse("courses:exchange"), "arrow-down-tray"
    if can(acting, "question", "update"):
        yield gettext("Question bank"), reverse("bank:list"), "archive-box"
    if acting.role in (Role.COMMITTEE, Role.INSTRUCTOR, Role.ADMINISTRATOR):
        yield gettext("Content admin"), reverse("wagtailadmin_home"), "pencil-square"


def _people(acting: Acting) -> Iterator[tuple[str, str, str]]:
    if can(acting, "slip", "execute"):
        yield gettext("People"), reverse("accounts:people"), "user-circle"
    if can(acting, "organisation", "create"):
        yield gettext("Organisations"), reverse("accounts:organisations"), "building-office-2"
    if can(acting, "examiner_pool", "read"):
        yield gettext("Examiners"), reverse("assessment:examiners"), "shield-check"
    if can(acting, "correction", "approve") or can(acting, "merge", "create"):
        yield gettext("Corrections"), reverse("accounts:corrections"), "pencil-square"
    if can(acting, "policy_profile", "read"):
        yield gettext("Policies"), reverse("policies:list"), "document-text"
    if can(acting, "assessment_specification", "read"):
        yield gettext("Specifications"), reverse("assessment:specifications"), "table-cells"
    if can(acting, "dead_letter", "read"):
        yield gettext("Failed jobs"), reverse("portal:dead_letters"), "exclamation-triangle"
