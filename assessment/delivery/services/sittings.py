"""Asking for a sitting, approving it, opening and closing it."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessment.delivery.events import SittingClosed
from assessment.delivery.filed import plan_fault, rules_of
from assessment.delivery.logic import in_time, to_ms
from assessment.delivery.models import Attempt, Invigilation, Sitting, SittingApproval
from assessment.delivery.papers import items_of, paper_for_sitting
from assessment.delivery.rules import CONDUCT, DECISION, HR_BUREAU, SITTING, require_for, speaks_for
from assessment.delivery.services.rows import happen, locked_attempt, locked_sitting, said
from assessment.delivery.types import (
    LIVE,
    AttemptState,
    DeliveryRefused,
    Kind,
    SittingRequest,
    SittingState,
)
from lms.accounts.api import INSTALLATION, Acting, Membership, NotAllowed, Organisation, Role, require
from lms.core import audit
from lms.core.clock import day_of
from lms.core.events import publish
from lms.core.types import Level
from lms.policies.api import NoProfile, profile

_DEAD = frozenset({SittingState.CLOSED, SittingState.MARKED, SittingState.RELEASED, SittingState.VOIDED})


def record(row: Sitting, action: str, by: Acting, now: datetime, **fields: audit.Fact) -> None:
    """Into the trail of the sitting, last of all."""
    audit.record(subject_kind="sitting", subject=row.uuid, action=action, actor=by.user, fields=fields, now=now)


@transaction.atomic
def draft_sitting(
    *, by: Acting, organisation: UUID, asked: SittingRequest, now: datetime, is_demo: bool = False
) -> Sitting:
    """Write a sitting down; nobody sees it as asked for yet. organisation: whose sitting it is.

    Raises NotAllowed, DeliveryRefused ("papers": not approved, of another level, unlike each other; "unfiled": not what
    the filed specification names; "window").
    """
    place = Organisation.objects.get(uuid=organisation)
    if by != INSTALLATION:
        require(by, SITTING, "create", place=place.path)
    row = Sitting.objects.create(
        **_asked_for(asked, now),
        kind=asked.kind,
        organisation=place.uuid,
        organisation_path=place.path,
        organisation_name=place.name,
        seed=secrets.token_hex(16),
        is_demo=is_demo or place.is_demo,
        created_at=now,
        moved_at=now,
    )
    record(row, "drafted", by, now, **dict(asked.papers))
    return row


@transaction.atomic
def change_sitting(*, by: Acting, sitting: UUID, asked: SittingRequest, now: datetime) -> None:
    """Write a draft anew, also one that was returned; its kind stays.

    Raises NotAllowed, DeliveryRefused ("state", "papers", "window").
    """
    row = locked_sitting(sitting, SittingState.DRAFTED)
    require_for(by, SITTING, "update", row)
    fields = _asked_for(asked, now)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    record(row, "changed", by, now, **dict(asked.papers))


def _asked_for(asked: SittingRequest, now: datetime) -> dict[str, Any]:
    """The columns a request decides. Raises DeliveryRefused ("papers", "window")."""
    minutes, items, blueprint = _papers(asked)
    if not now <= asked.freeze_at <= asked.opens_at < asked.closes_at:
        raise DeliveryRefused(
            _("The roster is fixed first, then the sitting opens, then it closes, and all of it lies ahead."),
            code="window",
            field="opens_at",
        )
    return {
        "title": asked.title,
        "level": int(asked.level),
        "papers": {form: str(paper) for form, paper in asked.papers},
        "minutes": minutes,
        "items": items,
        "blueprint_hash": blueprint,
        "grace_s": asked.grace_s,
        "opens_at": asked.opens_at,
        "closes_at": asked.closes_at,
        "freeze_at": asked.freeze_at,
        "hall": asked.hall,
        "seats": asked.seats,
        "starts_per_minute": asked.starts_per_minute,
        "identity_check": asked.identity_check,
        "browser_keys": list(asked.browser_keys),
        "class_uid": asked.class_uid,
        **rules_of(asked.level, asked.class_uid, blueprint, now),
    }


def _papers(asked: SittingRequest) -> tuple[int, int, str]:
    """Minutes, number of questions and the blueprint's content hash, the same in every form."""
    held = [paper_for_sitting(paper) for _form, paper in asked.papers]
    if not held or any(paper is None or paper.level != asked.level for paper in held):
        raise DeliveryRefused(
            _("Choose papers of this level that are approved for use."), code="papers", field="papers"
        )
    shapes = {(paper.minutes, items_of(paper), paper.blueprint_hash) for paper in held if paper is not None}
    if len(shapes) != 1 or len(dict(asked.papers)) != len(asked.papers):
        raise DeliveryRefused(_("The forms of one sitting must be of one shape."), code="papers", field="papers")
    shape = shapes.pop()
    _filed(asked.level, asked.class_uid, shape[2])
    return shape


def _filed(level: Level, class_uid: UUID | None, blueprint: str) -> None:
    """No examination without a filed plan, no paper but the plan's (S1-19, S3-28)."""
    if fault := plan_fault(level, class_uid, [blueprint]):
        raise DeliveryRefused(_(fault), code="unfiled", field="papers")


@transaction.atomic
def request_sitting(*, by: Acting, sitting: UUID, now: datetime) -> None:
    """Ask the bureau for it. Raises NotAllowed, DeliveryRefused ("state", "window", "papers")."""
    row = locked_sitting(sitting, SittingState.DRAFTED)
    require_for(by, SITTING, "update", row)
    if row.freeze_at < now:
        raise DeliveryRefused(_("The hour at which the roster is fixed has passed."), code="window", field="freeze_at")
    _usable(row)
    row.move(
        SittingState.REQUESTED,
        now=now,
        requested_by=by.user,
        requested_at=now,
        reason="",
        approvers=list(approvers_of(row.profile)),
    )
    record(row, "requested", by, now)


def _usable(row: Sitting) -> None:
    """A paper may have been withdrawn since, or the class's plan renewed."""
    if any(paper_for_sitting(UUID(paper)) is None for paper in row.papers.values()):
        raise DeliveryRefused(
            _("Choose papers of this level that are approved for use."), code="papers", field="papers"
        )
    _filed(Level(row.level), row.class_uid, row.blueprint_hash)


@transaction.atomic
def approve_sitting(*, by: Acting, sitting: UUID, now: datetime) -> None:
    """One party's approval; with that of the last one that the pinned profile names the sitting takes place (S1-17).

    Raises NotAllowed (also where the profile names somebody else), DeliveryRefused ("state", "same_person", "twice", "papers",
    "unfiled").
    """
    row = locked_sitting(sitting, SittingState.REQUESTED)
    mine = _party(by, row)
    if by.user is not None and by.user == row.requested_by:
        raise DeliveryRefused(_("Somebody else has to approve what you asked for."), code="same_person")
    _usable(row)
    given = row.given()
    left = [party for party in mine if party not in given]
    if not left or row.requested_at is None or (by.user is not None and by.user in given.values()):
        raise DeliveryRefused(_("You have approved it already; others decide next."), code="twice")
    # A person speaks for one party; the installation, in the demonstration, for all.
    said_for = left if by.user is None else left[:1]
    SittingApproval.objects.bulk_create(
        SittingApproval(sitting=row, party=party, asked_at=row.requested_at, by=by.user, at=now) for party in said_for
    )
    if {*given, *said_for} >= set(row.approvers):
        row.move(SittingState.APPROVED, now=now, approved_by=by.user, approved_at=now)
    record(row, "approved", by, now, parties=" ".join(said_for))


def _party(by: Acting, row: Sitting) -> tuple[str, ...]:
    """The parties she may speak for. Raises NotAllowed."""
    require_for(by, SITTING, "approve", row)
    mine = speaks_for(by, row)
    if not mine:
        raise NotAllowed(_("Your role may not do this here."))
    return mine


def approvers_of(rules: UUID | None) -> tuple[str, ...]:
    """The parties that the pinned profile names for approving what is held by it; the HR bureau, which owns the examinations
    (S1-17), where it names none."""
    try:
        named = profile(rules).parameters.plan_approvers if rules else ()
    except NoProfile:
        named = ()
    return named or (HR_BUREAU,)


@transaction.atomic
def return_sitting(*, by: Acting, sitting: UUID, reason: str, now: datetime) -> None:
    """Give it back with a reason; what others approved is asked anew.

    Raises NotAllowed, DeliveryRefused ("state", "reason").
    """
    row = locked_sitting(sitting, SittingState.REQUESTED)
    _party(by, row)
    row.move(SittingState.DRAFTED, now=now, reason=said(reason), requested_by=None, requested_at=None)
    record(row, "returned", by, now)


@transaction.atomic
def assign_invigilator(*, by: Acting, sitting: UUID, user: UUID, now: datetime) -> None:
    """Let an invigilator of today watch it; twice is once. Raises NotAllowed, DeliveryRefused ("state", "invigilator")."""
    row = locked_sitting(sitting)
    require_for(by, SITTING, "update", row)
    if row.state in _DEAD:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    held = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day_of(now)),
        user__uuid=user,
        user__is_active=True,
        role=Role.INVIGILATOR,
        valid_from__lte=day_of(now),
    )
    if not held.exists():
        raise DeliveryRefused(_("Choose somebody who is an invigilator."), code="invigilator", field="user")
    try:
        with transaction.atomic():
            Invigilation.objects.create(sitting=row, user=user, assigned_by=by.user, at=now)
    except IntegrityError:
        return
    record(row, "invigilator_assigned", by, now, user=user)


@transaction.atomic
def open_sitting(*, by: Acting, sitting: UUID, now: datetime) -> None:
    """Open the doors: who waits may begin from `opens_at` on.

    Raises NotAllowed, DeliveryRefused ("state", "not_frozen", "window").
    """
    row = locked_sitting(sitting, SittingState.APPROVED)
    require_for(by, CONDUCT, "execute", row)
    if row.frozen_at is None:
        raise DeliveryRefused(_("The roster is not fixed yet."), code="not_frozen")
    if now > row.closes_at:
        raise DeliveryRefused(_("The hours of this sitting are over."), code="window")
    row.move(SittingState.OPEN, now=now, opened_at=now)
    record(row, "opened", by, now)


@transaction.atomic
def close_sitting(*, by: Acting, sitting: UUID, now: datetime) -> None:
    """End it when nobody sits any more; who only waited is sent home, as absent.

    Raises NotAllowed, DeliveryRefused ("state", "live": somebody still has time, or is paused, "paper").
    """
    row = locked_sitting(sitting, SittingState.OPEN)
    require_for(by, CONDUCT, "execute", row)
    live = Attempt.objects.filter(entry__sitting=row, state__in=LIVE).order_by("id")
    for attempt in [locked_attempt(uuid) for uuid in live.values_list("uuid", flat=True)]:
        if attempt.state == AttemptState.WAITING and now > row.closes_at:
            happen(attempt, Kind.VOIDED, by=by.user, now=now, reason="not_started")
        elif attempt.state == AttemptState.RUNNING and not in_time(attempt.deadline_ms, attempt.grace_ms, to_ms(now)):
            happen(attempt, Kind.TIMED_OUT, by=None, now=now)
        elif attempt.state in LIVE:
            raise DeliveryRefused(_("Somebody is still sitting, paused or waiting."), code="live")
    _paper_forms_settled(row)
    row.move(SittingState.CLOSED, now=now, closed_at=now)
    publish(SittingClosed(row.uuid))
    record(row, "closed", by, now)


def _paper_forms_settled(row: Sitting) -> None:
    """What is on paper is marked with the rest, so it has to be answers first."""
    held = Attempt.objects.filter(entry__sitting=row, on_paper=True).exclude(state=AttemptState.VOIDED)
    if held.exclude(events__kind=Kind.KEYED).exists():
        raise DeliveryRefused(_("A paper form has not been taken in or keyed in to the end yet."), code="paper")


@transaction.atomic
def void_sitting(*, by: Acting, sitting: UUID, reason: str, now: datetime) -> None:
    """Declare the whole sitting void, with every attempt. Raises NotAllowed, DeliveryRefused ("state", "reason")."""
    row = locked_sitting(sitting)
    require_for(by, DECISION, "approve", row)
    if row.state in {SittingState.RELEASED, SittingState.VOIDED}:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    words = said(reason)
    attempts = Attempt.objects.filter(entry__sitting=row).exclude(state=AttemptState.VOIDED).order_by("id")
    for uuid in list(attempts.values_list("uuid", flat=True)):
        happen(locked_attempt(uuid), Kind.VOIDED, by=by.user, now=now, reason=words)
    row.move(SittingState.VOIDED, now=now, reason=words)
    record(row, "voided", by, now)


@transaction.atomic
def note_print(*, by: Acting, sitting: UUID, what: str, now: datetime) -> None:
    """Record who printed a paper of it; the gate is the page's. what: door, seats, tickets, minutes."""
    record(Sitting.objects.get(uuid=sitting), "printed", by, now, what=what)
