"""Renewing candidacies, taking works in under them, and the moves of a work handed in."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet, UUIDField
from django.utils.translation import gettext as _

from assessment.candidates.events import CandidacyOpened
from assessment.candidates.models import LIVE, Candidacy, Entitlement, PartHold, Submission
from assessment.candidates.selectors import NOT_OPENED, entitlement, gives_way
from assessment.candidates.types import (
    CandidacyData,
    CandidacyRefused,
    CandidacyState,
    Grant,
    NoCandidacy,
    SubmissionData,
    SubmissionState,
    Withheld,
)
from assessment.specification.types import Part
from lms.accounts.api import ConsentKey, has_consented, records_of, texts_in_force
from lms.core import audit
from lms.core.events import publish
from lms.core.keptquery import KeptQuery
from media_pipeline.api import UploadRefused, seal_work

# An upload begun before a deadline meets it when it is whole within a day.
UPLOAD_GRACE = timedelta(hours=24)


def _locked(uuid: UUID) -> QuerySet[Candidacy]:
    return Candidacy.objects.select_for_update().filter(uuid=uuid)


_LOCKED = KeptQuery(_locked, uuid=UUIDField())


@transaction.atomic
def renew_candidacy(
    *,
    person: UUID,
    user: UUID | None,
    class_uid: UUID,
    class_name: str,
    organisation: UUID,
    organisation_path: str,
    organisation_name: str,
    level: int,
    job: str,
    planned_hours: int,
    profile: UUID,
    specification: UUID,
    entitlements: Iterable[Grant],
    by: UUID | None,
    now: datetime,
    is_demo: bool = False,
) -> CandidacyData:
    """Make a person's candidacy in a class, or bring it up to date; an entitlement is written only where it changed.

    Raises CandidacyRefused: "pinned" when level, job, profile or specification are not those it was made with, "twice"
    when she has an open candidacy of this level in another class, "closed" when it is closed.
    """
    fresh = {
        "user": user,
        "class_name": class_name,
        "organisation": organisation,
        "organisation_path": organisation_path,
        "organisation_name": organisation_name,
        "planned_hours": planned_hours,
        "renewed_at": now,
    }
    pinned = {"level": level, "job": job, "profile": profile, "specification": specification}
    mine = Candidacy.objects.select_for_update().filter(person__in=records_of([person])[person])
    row = mine.filter(class_uid=class_uid).first()
    if row is None:
        if mine.filter(level=level, state=CandidacyState.OPEN).exists():
            raise CandidacyRefused(_("Her examination at this level in another class is still open."), code="twice")
        row = Candidacy.objects.create(
            person=person, class_uid=class_uid, is_demo=is_demo, created_at=now, **fresh, **pinned
        )
        action = "opened"
    else:
        if row.state != CandidacyState.OPEN:
            raise CandidacyRefused(_("This examination is closed."), code="closed")
        if any(getattr(row, name) != value for name, value in pinned.items()):
            raise CandidacyRefused(_("The rules of an examination do not change once it is open."), code="pinned")
        for name, value in fresh.items():
            setattr(row, name, value)
        row.save(update_fields=list(fresh))
        action = "renewed"
    said = {str(grant.part): grant.granted for grant in entitlements if _entitle(row, grant, now)}
    audit.record(
        subject_kind="candidacy",
        subject=row.uuid,
        action=action,
        actor=by,
        fields={"class": class_uid, "specification": specification, **said},
        now=now,
    )
    if action == "opened":
        publish(CandidacyOpened(row.uuid))
    return row.as_data()


@transaction.atomic
def open_practitioner(
    *,
    person: UUID,
    user: UUID | None,
    called: str,
    organisation: UUID,
    organisation_path: str,
    organisation_name: str,
    level: int,
    job: str,
    profile: UUID,
    specification: UUID,
    entitlements: Iterable[Grant],
    by: UUID | None,
    now: datetime,
    is_demo: bool = False,
) -> CandidacyData:
    """The candidacy of somebody of no class, by an evaluation body's decision; called: the accreditation, where a class's name
    would stand.

    Raises CandidacyRefused ("twice": she has an open candidacy of this level).
    """
    mine = Candidacy.objects.select_for_update().filter(person__in=records_of([person])[person])
    if mine.filter(level=level, state=CandidacyState.OPEN).exists():
        raise CandidacyRefused(_("Her examination at this level is still open elsewhere."), code="twice")
    row = Candidacy.objects.create(
        person=person,
        user=user,
        class_uid=None,
        class_name=called[:100],
        organisation=organisation,
        organisation_path=organisation_path,
        organisation_name=organisation_name,
        level=level,
        job=job,
        planned_hours=0,
        profile=profile,
        specification=specification,
        is_demo=is_demo,
        created_at=now,
        renewed_at=now,
    )
    said = {str(grant.part): grant.granted for grant in entitlements if _entitle(row, grant, now)}
    audit.record(
        subject_kind="candidacy",
        subject=row.uuid,
        action="opened_without_class",
        actor=by,
        fields={"organisation": organisation, "specification": specification, **said},
        now=now,
    )
    return row.as_data()


def _entitle(row: Candidacy, grant: Grant, now: datetime) -> bool:
    before = row.entitlements.filter(part=grant.part).order_by("-id").first()
    if before is not None and (before.granted, before.reason) == (grant.granted, grant.reason):
        return False
    Entitlement.objects.create(candidacy=row, part=grant.part, granted=grant.granted, reason=grant.reason, at=now)
    return True


def locked_candidacy(uuid: UUID) -> CandidacyData:
    """Read in the caller's transaction, so that two starts of one candidate come one after the other. Raises NoCandidacy."""
    found = _LOCKED(uuid=uuid)
    if not found:
        raise NoCandidacy(uuid)
    return found[0].as_data()


@transaction.atomic
def close_candidacy(*, candidacy: UUID, by: UUID | None, now: datetime) -> None:
    """No more works under it. Raises NoCandidacy, IllegalMove."""
    row = Candidacy.objects.select_for_update().filter(uuid=candidacy).first()
    if row is None:
        raise NoCandidacy(candidacy)
    row.close()
    audit.record(subject_kind="candidacy", subject=row.uuid, action="closed", actor=by, fields={}, now=now)


@transaction.atomic
def reopen_candidacy(*, candidacy: UUID, by: UUID | None, now: datetime) -> None:
    """Works are taken in again under it. Raises NoCandidacy, CandidacyRefused ("twice"), IllegalMove."""
    row = Candidacy.objects.select_for_update().filter(uuid=candidacy).first()
    if row is None:
        raise NoCandidacy(candidacy)
    others = Candidacy.objects.filter(person__in=records_of([row.person])[row.person], level=row.level)
    if others.filter(state=CandidacyState.OPEN).exclude(pk=row.pk).exists():
        raise CandidacyRefused(_("Her examination at this level in another class is still open."), code="twice")
    row.reopen()
    audit.record(subject_kind="candidacy", subject=row.uuid, action="reopened", actor=by, fields={}, now=now)


@transaction.atomic
def hold_parts(*, candidacy: UUID, words: Iterable[Withheld], now: datetime) -> None:
    """Keep parts shut, each with its reason, or let them go; what stands already is not written again.

    For the room that counts results: no renewal by the class undoes it. Raises NoCandidacy.
    """
    row = Candidacy.objects.select_for_update().filter(uuid=candidacy).first()
    if row is None:
        raise NoCandidacy(candidacy)
    changed = {str(word.part): word.reason for word in words if _hold(row, word, now)}
    if changed:
        audit.record(
            subject_kind="candidacy", subject=row.uuid, action="parts_held", actor=None, fields=dict(changed), now=now
        )


def _hold(row: Candidacy, word: Withheld, now: datetime) -> bool:
    before = row.holds.filter(part=word.part).order_by("-id").first()
    if word.reason == (before.reason if before else ""):
        return False
    PartHold.objects.create(candidacy=row, part=word.part, held=bool(word.reason), reason=word.reason, at=now)
    return True


@transaction.atomic
def make_room(*, submission: UUID, now: datetime) -> None:
    """A work that failed has its result: it no longer stands for its part, and a resit hands in another.

    One that has given way already is left alone. Raises NoCandidacy, IllegalMove.
    """
    row = Submission.objects.filter(uuid=submission).first()
    if row is None:
        raise NoCandidacy(submission)
    if row.state != SubmissionState.GRADED:
        _move(submission, SubmissionState.GRADED, now)


@transaction.atomic
def attach_work(
    *,
    person: UUID,
    asset: UUID,
    level: int,
    replaces: UUID | None,
    by: UUID | None,
    now: datetime,
    begun_at: datetime | None = None,
) -> SubmissionData | None:
    """Take a work in as her video; None when she has no open candidacy: then it is practice.

    begun_at: when its upload began; one begun while she was still entitled and whole within 24 hours is in time.
    Raises UploadRefused ("level", "not_entitled", "consent", "handed_in"), each with its message.
    """
    same = records_of([person])[person]
    held = list(Candidacy.objects.select_for_update().filter(person__in=same, state=CandidacyState.OPEN).order_by("id"))
    if not held:
        return None
    row = next((candidacy for candidacy in held if candidacy.level == level), None)
    if row is None:
        raise UploadRefused(
            "level", _("Your class is of another level. Choose the level of your class and upload again.")
        )
    said = entitlement(row.uuid, Part.VIDEO)
    if said is None or not (said.granted or _begun_in_time(row, begun_at, now)):
        raise UploadRefused("not_entitled", _(said.reason if said else NOT_OPENED))
    if any(text.key is ConsentKey.VIDEO for text in texts_in_force()) and not has_consented(person, ConsentKey.VIDEO):
        raise UploadRefused(
            "consent", _("You have not agreed to the use of your videos. Read “Consents”, agree, and upload again.")
        )
    live = row.submissions.filter(part=Part.VIDEO, state__in=LIVE).first()
    if live is not None:
        _give_way(live, replaces, now)
    attempt = row.submissions.filter(part=Part.VIDEO).aggregate(last=Max("attempt_no"))["last"] or 0
    made = Submission.objects.create(
        candidacy=row, part=Part.VIDEO, asset=asset, attempt_no=attempt + 1, created_at=now, moved_at=now
    )
    audit.record(
        subject_kind="candidacy",
        subject=row.uuid,
        action="work_handed_in",
        actor=by,
        fields={"submission": made.uuid, "asset": asset, "attempt": made.attempt_no},
        now=now,
    )
    return made.as_data()


def _begun_in_time(row: Candidacy, begun_at: datetime | None, now: datetime) -> bool:
    """Whether what held when the upload began allowed it, and it has come in within a day; a part held shut stays shut."""
    if begun_at is None or now - begun_at > UPLOAD_GRACE:
        return False
    hold = row.holds.filter(part=Part.VIDEO).order_by("-id").first()
    if hold is not None and hold.held:
        return False
    held = row.entitlements.filter(part=Part.VIDEO, at__lte=begun_at).order_by("-id").first()
    return held is not None and held.granted


def _give_way(live: Submission, replaces: UUID | None, now: datetime) -> None:
    """Only a work that the checks refused or gave up on gives way, and never once its scoring began."""
    named = live.state == SubmissionState.ATTACHED and live.asset == replaces
    if not named and not gives_way(live.as_data()):
        raise UploadRefused("handed_in", _("Your video has been handed in already. See your works."))
    live.move(SubmissionState.REPLACED, now=now)


@transaction.atomic
def begin_scoring(*, submission: UUID, now: datetime) -> SubmissionData:
    """From here on the work cannot be replaced. Raises NoCandidacy, IllegalMove."""
    moved = _move(submission, SubmissionState.SCORING, now)
    seal_work(work=moved.asset, now=now)
    return moved


def finish_scoring(*, submission: UUID, now: datetime) -> SubmissionData:
    """Its outcome is known. Raises NoCandidacy, IllegalMove."""
    return _move(submission, SubmissionState.SCORED, now)


@transaction.atomic
def _move(submission: UUID, after: SubmissionState, now: datetime) -> SubmissionData:
    row = Submission.objects.select_for_update(of=("self",)).select_related("candidacy").filter(uuid=submission).first()
    if row is None:
        raise NoCandidacy(submission)
    row.move(after, now=now)
    audit.record(
        subject_kind="candidacy",
        subject=row.candidacy.uuid,
        action="work_moved",
        actor=None,
        fields={"submission": row.uuid, "state": after},
        now=now,
    )
    return row.as_data()
