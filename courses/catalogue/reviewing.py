"""The review by a second person: who wrote or submitted a text never lets it go live, and nothing goes live without.

Wagtail's workflow carries it: submitting, comparing, scheduling and returning are Wagtail's; who may act is decided here, by
the matrix ("lesson": approve) and by who wrote what.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.models import Page, Revision, TaskState, WorkflowState

from courses.catalogue.models import ApprovedRevision, SecondPersonTask, revision_hash
from lms.accounts.api import NOBODY, Acting, User, may
from lms.core import audit, clock
from lms.notices.api import notify

RETURNED = "lesson_returned"
APPROVED = "lesson_approved"
NOTICE_KINDS = {RETURNED: gettext_noop("Return of a lesson"), APPROVED: gettext_noop("Approval of a lesson")}


def authors_of(revision: Revision) -> set[int]:
    """The logins (primary keys) that wrote on the page since what is live or approved, up to and with this revision."""
    return _authors([revision])[revision.pk]


def _authors(revisions: Sequence[Revision]) -> dict[int, set[int]]:
    """The same for many, in three queries."""
    objects = {revision.object_id for revision in revisions}
    pages = dict(Page.objects.filter(pk__in=objects).values_list("pk", "live_revision_id"))
    written = Revision.objects.page_revisions().filter(object_id__in=objects)
    approved = list(written.filter(approval__isnull=False).values_list("object_id", "id"))
    wrote = list(written.filter(user__isnull=False).values_list("object_id", "id", "user_id"))
    found: dict[int, set[int]] = {}
    for revision in revisions:
        before = [one for held, one in approved if held == revision.object_id]
        since = max((one for one in (*before, pages.get(int(revision.object_id)) or 0) if one < revision.pk), default=0)
        found[revision.pk] = {
            user for held, one, user in wrote if held == revision.object_id and since < one <= revision.pk
        }
    return found


def may_review(page: Page, user: Any) -> bool:
    """Whether this user may approve or return what is under review now."""
    state = page.current_workflow_task_state
    return state is not None and _may_act(state, user)


def _may_act(state: TaskState, user: Any) -> bool:
    acting: Acting = getattr(user, "acting", NOBODY)
    if not may(acting, "lesson", "approve"):
        return False
    return state.workflow_state.requested_by_id != user.pk and user.pk not in authors_of(state.revision)


@transaction.atomic
def act(
    task: SecondPersonTask, state: TaskState, user: Any, action: str, proceed: Callable[..., None], **kwargs: Any
) -> None:
    """Approve or return on behalf of a user; approving publishes at once or on its date. Raises PermissionDenied."""
    WorkflowState.objects.select_for_update().get(pk=state.workflow_state_id)
    if TaskState.objects.get(pk=state.pk).status != TaskState.STATUS_IN_PROGRESS or not _may_act(state, user):
        raise PermissionDenied(_("Whoever wrote or submitted a text cannot approve it."))
    now = clock.now()
    asked = state.workflow_state.requested_by
    page = state.revision.content_object
    if action == "approve":
        if page.latest_revision_id != state.revision_id:
            raise PermissionDenied(_("There is a newer text than the one under review. Return it."))
        ApprovedRevision.objects.create(
            revision=state.revision,
            by=asked.uuid if asked else None,
            content_hash=revision_hash(state.revision),
            approved_by=user.uuid,
            approved_at=now,
        )
    proceed(state, user, action, **kwargs)
    audit.record(
        subject_kind="curriculum_page",
        subject=page.translation_key,
        action="approved" if action == "approve" else "returned",
        actor=user.uuid,
        fields={"page": page.pk, "revision": state.revision_id, "by": asked.uuid if asked else None},
        now=now,
    )
    if asked is not None and isinstance(asked, User):
        _tell(asked, page, action, str(kwargs.get("comment", "")), now)


def _tell(asked: User, page: Page, action: str, comment: str, now: Any) -> None:
    returned = action != "approve"
    notify(
        user=asked.uuid,
        person=None,
        kind=RETURNED if returned else APPROVED,
        title=gettext_noop("“%(title)s” was returned to you") if returned else gettext_noop("“%(title)s” is approved"),
        body=gettext_noop("What is to be changed: %(remark)s")
        if returned
        else gettext_noop("It goes live on the date you set, or is live now."),
        params={"title": page.draft_title or page.title, **({"remark": comment or "—"} if returned else {})},
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
        now=now,
    )


def waiting_states(user: Any) -> QuerySet[TaskState]:
    """Reviews under way that this user may decide, the longest waiting first."""
    acting: Acting = getattr(user, "acting", NOBODY)
    if not may(acting, "lesson", "approve"):
        return TaskState.objects.none()
    running = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS, task__content_type__model="secondpersontask", revision__isnull=False
    ).exclude(workflow_state__requested_by=user.pk)
    states = list(running.select_related("revision"))
    authors = _authors([state.revision for state in states]) if states else {}
    own = [state.pk for state in states if user.pk in authors[state.revision_id]]
    return running.exclude(pk__in=own).order_by("started_at")


def returned_states(user: Any) -> QuerySet[WorkflowState]:
    """Texts this user submitted that were returned to her and wait for changes."""
    return WorkflowState.objects.filter(requested_by=user.pk, status=WorkflowState.STATUS_NEEDS_CHANGES).order_by(
        "-created_at"
    )


def waiting_reviews(acting: Acting) -> int:
    """How many texts wait for this committee member's word; 0 for everybody else."""
    if acting.user is None or not may(acting, "lesson", "approve"):
        return 0
    user = User.objects.filter(uuid=acting.user).first()
    if user is None:
        return 0
    user.acting = acting  # type: ignore[attr-defined]
    return waiting_states(user).count()
