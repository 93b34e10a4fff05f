"""What waits for everybody who works at a desk. Counts come from the rooms that own them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from assessment.api import returned_questions as returned_to_author
from assessment.api import (
    waiting_batches,
    waiting_concerns,
    waiting_corrections_of_questions,
    waiting_examiners,
    waiting_marks,
    waiting_panels,
    waiting_papers,
    waiting_results,
    waiting_sheets,
    waiting_sittings,
    waiting_specifications,
)
from assessment.api import waiting_questions as waiting_verdicts
from courses.api import waiting_classes, waiting_enrolments, waiting_homework, waiting_questions, waiting_reviews
from lms.accounts.api import Acting, Role, can, waiting_corrections, waiting_identities
from lms.core import clock
from lms.portal.navigation import BLIND_ROLES
from lms.portal.selectors import dead_letter_count
from lms.portal.types import WaitingItem


@dataclass(frozen=True)
class DeskHome:
    """The first screen of everybody who works at a desk. `calm` says what it means that nothing waits."""

    waiting: list[WaitingItem]
    calm: str


@dataclass(frozen=True)
class _Kind:
    """One kind of waiting work: how many wait for this role, what to call it, where it is done. tone: of the tag; query: of
    the address, where a list is narrowed to what waits."""

    count: Callable[[Acting], int]
    title: Promise
    detail: Promise
    url_name: str
    tone: str = "now"
    query: str = ""


def _verdicts(acting: Acting) -> int:
    return waiting_verdicts(acting, now=clock.now())


def _panels(acting: Acting) -> int:
    return waiting_panels(acting, now=clock.now())


def _sittings(acting: Acting) -> int:
    return waiting_sittings(acting, now=clock.now())


# In the order in which they are done; every count is 0 for a role that has no part in it.
_KINDS: tuple[_Kind, ...] = (
    _Kind(
        waiting_sheets,
        gettext_lazy("Works to score"),
        gettext_lazy("Videos with transcript and hints, booklets of short answers; score on your own"),
        "assessment:scoring_list",
    ),
    _Kind(
        _panels,
        gettext_lazy("Panels that wait for you"),
        gettext_lazy("Wide spreads, hints to decide, signatures"),
        "assessment:panels",
    ),
    _Kind(
        _sittings,
        gettext_lazy("Sittings that wait for you"),
        gettext_lazy("Requests, approval, the hour itself, late answers"),
        "assessment:sittings",
    ),
    _Kind(
        waiting_marks,
        gettext_lazy("Sittings whose marks wait for you"),
        gettext_lazy("Marked papers: confirm them, then release them"),
        "assessment:sittings",
    ),
    _Kind(
        waiting_corrections_of_questions,
        gettext_lazy("Corrections of questions to decide"),
        gettext_lazy("Another key, or a question struck out: see whom it changes"),
        "assessment:question_corrections",
    ),
    _Kind(
        waiting_results,
        gettext_lazy("Results to confirm or release"),
        gettext_lazy("Computed by the rules; a person decides"),
        "assessment:results",
    ),
    _Kind(
        waiting_homework,
        gettext_lazy("Homework to mark"),
        gettext_lazy("Handed in by the trainees of your classes"),
        "courses:homework",
    ),
    _Kind(
        waiting_questions,
        gettext_lazy("Questions to answer"),
        gettext_lazy("Asked by trainees beside a lesson"),
        "courses:lesson_questions",
    ),
    _Kind(
        waiting_reviews,
        gettext_lazy("Lessons to review"),
        gettext_lazy("Written by others; nobody approves her own"),
        "wagtailadmin_home",
    ),
    _Kind(
        _verdicts,
        gettext_lazy("Exam questions to review"),
        gettext_lazy("Written by others for the question bank"),
        "bank:list",
        query="?mine=review",
    ),
    _Kind(
        returned_to_author,
        gettext_lazy("Exam questions returned to you"),
        gettext_lazy("Read the remarks, change them, send them again"),
        "bank:list",
        query="?mine=written&state=returned",
    ),
    _Kind(
        waiting_concerns,
        gettext_lazy("Questions with bad statistics"),
        gettext_lazy("Read the figures; keep with a reason or suspend"),
        "statistics:concerns",
    ),
    _Kind(
        waiting_enrolments,
        gettext_lazy("Enrolments to decide"),
        gettext_lazy("Trainees who ask to join your classes"),
        "courses:classes",
    ),
    _Kind(
        waiting_identities,
        gettext_lazy("Identity papers to look at"),
        gettext_lazy("Trainees who registered themselves"),
        "accounts:people",
    ),
    _Kind(
        waiting_classes,
        gettext_lazy("Classes to open"),
        gettext_lazy("Filed by institutions; judged by their policy"),
        "courses:classes",
    ),
    _Kind(
        waiting_examiners,
        gettext_lazy("Examiners to file"),
        gettext_lazy("Put into the pool by evaluation bodies"),
        "assessment:examiners",
    ),
    _Kind(
        waiting_batches,
        gettext_lazy("Batches that wait for you"),
        gettext_lazy("Filing, review, numbers, certificates"),
        "assessment:batches",
    ),
    _Kind(
        waiting_corrections,
        gettext_lazy("Corrections and merges to decide"),
        gettext_lazy("Names, numbers, people registered twice"),
        "accounts:corrections",
    ),
    _Kind(
        waiting_specifications,
        gettext_lazy("Assessment specifications to approve"),
        gettext_lazy("Nothing is examined without an approved one"),
        "assessment:specifications",
        tone="info",
    ),
    _Kind(
        waiting_papers,
        gettext_lazy("Blueprints and papers to approve"),
        gettext_lazy("Drawn by the committee from the approved bank"),
        "assessment:papers",
    ),
    _Kind(
        dead_letter_count,
        gettext_lazy("Failed jobs"),
        gettext_lazy("Work that was tried and gave up; you can send it back"),
        "portal:dead_letters",
        tone="bad",
    ),
)


def desk_home(acting: Acting) -> DeskHome:
    """What waits for this role, most urgent first."""
    waiting = [item for kind in _KINDS if (item := _item(kind, kind.count(acting)))]
    if can(acting, "other_submission", "read") and acting.role not in BLIND_ROLES:
        waiting.append(
            WaitingItem(
                gettext("Trainees' works"),
                gettext("What was handed in and where it stands"),
                reverse("portal:works_overview"),
                "info",
                gettext("Open"),
            )
        )
    calm = gettext("Nothing waits for you.")
    if acting.role is Role.ANONYMOUS:
        calm = gettext("You have no role in an organisation yet. Ask the organisation that gave you this login.")
    return DeskHome(waiting, calm)


def _item(kind: _Kind, count: int) -> WaitingItem | None:
    if not count:
        return None
    tag = gettext("%(count)d waiting") % {"count": count}
    return WaitingItem(str(kind.title), str(kind.detail), reverse(kind.url_name) + kind.query, kind.tone, tag)
