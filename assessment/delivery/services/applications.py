"""Practitioners of no class: they register by the same form as trainees, apply for an accreditation, and the evaluation body
decides."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.candidates.selectors import open_candidacies
from assessment.candidates.services import open_practitioner
from assessment.candidates.types import CandidacyRefused, Grant
from assessment.delivery.models import Application, ApplicationRuling, Sitting
from assessment.delivery.rules import ATTEMPT, SITTING, require_for
from assessment.delivery.services.roster import register_candidacy
from assessment.delivery.services.rows import locked_sitting, said
from assessment.delivery.services.sittings import record
from assessment.delivery.types import DeliveryRefused, SittingKind, SittingState
from assessment.specification.selectors import specification
from lms.accounts.api import Acting, Person, needs_seeing, records_of, require
from lms.policies.api import profile


def _takes_applications(row: Sitting, now: datetime) -> None:
    """Raises DeliveryRefused ("state", "frozen")."""
    if row.kind != SittingKind.ACCREDITATION:
        raise DeliveryRefused(_("The roster of a class is made from the class."), code="state")
    if row.frozen_at is not None or now >= row.freeze_at:
        raise DeliveryRefused(_("The roster is fixed; nobody applies for this sitting any more."), code="frozen")


@transaction.atomic
def apply_for_sitting(*, by: Acting, sitting: UUID, practice: str, now: datetime) -> Application:
    """Ask to sit an approved accreditation. practice: what she does and since when; the body reads it.

    Raises NotAllowed, DeliveryRefused ("state", "frozen", "entry": her login is of no person, "twice": applied already, or an
    examination of this level is open, "reason").
    """
    require(by, ATTEMPT, "execute", own=True)
    row = locked_sitting(sitting, SittingState.APPROVED)
    _takes_applications(row, now)
    if by.person is None:
        raise DeliveryRefused(_("Your login is not tied to your identity paper yet."), code="entry")
    words = said(practice, field="practice")
    if any(one.level == row.level for one in open_candidacies(by.person)):
        raise DeliveryRefused(
            _("You have an open examination at this level already. Who opened it puts you down."), code="twice"
        )
    same = records_of([by.person])[by.person]
    if row.applications.filter(person__in=same).exists():
        raise DeliveryRefused(_("You have applied for this sitting already."), code="twice")
    try:
        with transaction.atomic():
            made = Application.objects.create(sitting=row, person=by.person, user=by.user, practice=words, at=now)
    except IntegrityError:
        raise DeliveryRefused(_("You have applied for this sitting already."), code="twice") from None
    record(row, "applied", by, now, application=made.uuid)
    return made


@transaction.atomic
def rule_on_application(*, by: Acting, application: UUID, granted: bool, reason: str, now: datetime) -> None:
    """The evaluation body admits her, with a candidacy pinned to the sitting's profile and specification and entitled to all
    its parts, or does not; the reason is hers to read.

    Raises NotAllowed, DeliveryRefused ("entry", "state", "frozen", "reason", "ruled", "same_person", "unseen": nobody has
    compared her with her identity paper, "unfiled": no single plan stands behind the sitting, "twice").
    """
    found = Application.objects.select_related("sitting").filter(uuid=application).first()
    if found is None:
        raise DeliveryRefused(_("There is no such application."), code="entry")
    row = locked_sitting(found.sitting.uuid, SittingState.APPROVED)
    require_for(by, SITTING, "update", row)
    _takes_applications(row, now)
    words = said(reason)
    if ApplicationRuling.objects.filter(application=found).exists():
        raise DeliveryRefused(_("This has been decided already."), code="ruled")
    if by.person is not None and found.person in records_of([by.person])[by.person]:
        raise DeliveryRefused(_("Somebody else must decide what you asked for."), code="same_person")
    candidacy = _admit(row, found, words, by, now) if granted else None
    ApplicationRuling.objects.create(
        application=found, granted=granted, candidacy=candidacy, reason=words, by=by.user, at=now
    )
    if candidacy is not None:
        register_candidacy(by=by, sitting=row.uuid, held=candidacy, now=now)
    record(row, "application_ruled", by, now, application=found.uuid, granted=granted)


def _admit(row: Sitting, found: Application, words: str, by: Acting, now: datetime) -> UUID:
    if row.profile is None or row.specification is None:
        raise DeliveryRefused(
            _(
                "No single approved specification and policy stands behind this sitting, so nobody can be admitted to it."
            ),
            code="unfiled",
        )
    if needs_seeing(Person.objects.get(uuid=found.person)):
        raise DeliveryRefused(
            _("She registered herself. Compare her with her original identity paper first, under People."),
            code="unseen",
        )
    plan = specification(row.specification)
    rules = profile(row.profile)
    try:
        held = open_practitioner(
            person=found.person,
            user=found.user,
            called=row.title,
            organisation=row.organisation,
            organisation_path=row.organisation_path,
            organisation_name=row.organisation_name,
            level=row.level,
            job=rules.parameters.occupations[0].job if rules.parameters.occupations else "",
            profile=rules.uuid,
            specification=plan.uuid,
            entitlements=[Grant(rule.part, True, words) for rule in plan.parts],
            by=by.user,
            is_demo=row.is_demo,
            now=now,
        )
    except CandidacyRefused as refused:
        raise DeliveryRefused(refused.message, code="twice") from refused
    return held.uuid
