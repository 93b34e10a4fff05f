"""Who is examined in which class, in what, and what she has handed in. People and classes are named by uuid."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.candidates.types import (
    CANDIDACY_MOVES,
    SUBMISSION_MOVES,
    CandidacyData,
    CandidacyState,
    EntitlementData,
    SubmissionData,
    SubmissionState,
)
from assessment.specification.types import Part
from lms.core.constraints import one_of
from lms.core.records import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = ["Candidacy", "Entitlement", "PartHold", "Submission"]

# A work that stands for its part: there is at most one.
LIVE = (SubmissionState.ATTACHED, SubmissionState.SCORING, SubmissionState.SCORED)


class Candidacy(Record):
    """One person's examination in one class (考试资格). The room of classes renews it through this app's door.

    Name, path and hours are the class's at the last renewal; level, job, profile and specification never change. Somebody of
    no class (社会考生) has `class_uid` NULL, no class hours, and name and place of the accreditation she applied for.
    """

    person = models.UUIDField(db_index=True)
    user = models.UUIDField(null=True)
    class_uid = models.UUIDField(null=True, db_index=True)
    class_name = models.CharField(max_length=100)
    organisation = models.UUIDField()
    organisation_path = models.CharField(max_length=255, db_index=True)
    organisation_name = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField()
    job = models.CharField(max_length=60)
    planned_hours = models.PositiveSmallIntegerField()
    profile = models.UUIDField()
    specification = models.UUIDField()
    state = models.CharField(max_length=10, default=CandidacyState.OPEN)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    renewed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("candidacy")
        verbose_name_plural = _("candidacies")
        constraints = [
            models.UniqueConstraint(fields=["person", "class_uid"], name="assessment_one_candidacy_a_class"),
            # A work names its level only, so it must be clear which examination it is for.
            models.UniqueConstraint(
                fields=["person", "level"], condition=Q(state=CandidacyState.OPEN), name="assessment_one_open_candidacy"
            ),
            models.CheckConstraint(
                condition=Q(class_uid__isnull=False) | Q(planned_hours=0), name="assessment_no_class_no_hours"
            ),
            models.CheckConstraint(condition=one_of("state", list(CandidacyState)), name="assessment_candidacy_state"),
            models.CheckConstraint(
                condition=Q(level__in=[int(level) for level in Level]), name="assessment_candidacy_level"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def as_data(self) -> CandidacyData:
        """What other rooms are given."""
        return CandidacyData(
            uuid=self.uuid,
            person=self.person,
            user=self.user,
            class_uid=self.class_uid,
            class_name=self.class_name,
            organisation=self.organisation,
            organisation_path=self.organisation_path,
            organisation_name=self.organisation_name,
            level=self.level,
            job=self.job,
            planned_hours=self.planned_hours,
            profile=self.profile,
            specification=self.specification,
            state=CandidacyState(self.state),
            is_demo=self.is_demo,
            created_at=self.created_at,
        )

    def close(self) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove."""
        move_state(self, CandidacyState.CLOSED, CANDIDACY_MOVES)

    def reopen(self) -> None:
        """The same, back. Raises IllegalMove."""
        move_state(self, CandidacyState.OPEN, CANDIDACY_MOVES)


class Entitlement(Record, WrittenOnce):
    """Whether she may be examined in one part, from this hour on; the newest row of a part holds. `reason` is a msgid."""

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="entitlements")
    part = models.CharField(max_length=20)
    granted = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.CheckConstraint(condition=one_of("part", list(Part)), name="assessment_entitlement_part"),
            models.CheckConstraint(condition=Q(granted=True) | ~Q(reason=""), name="assessment_refusal_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.granted}"

    def as_data(self) -> EntitlementData:
        """What other rooms are given."""
        return EntitlementData(Part(self.part), self.granted, self.reason, self.at)


class PartHold(Record, WrittenOnce):
    """A part the results keep shut from this hour on, or let go; the newest row of a part holds. `reason` is a msgid.

    Apart from entitlements, which the class renews: what it grants counts again once the hold is let go.
    """

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="holds")
    part = models.CharField(max_length=20)
    held = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("hold on a part")
        verbose_name_plural = _("holds on parts")
        constraints = [
            models.CheckConstraint(condition=one_of("part", list(Part)), name="assessment_hold_part"),
            models.CheckConstraint(
                condition=Q(held=True) & ~Q(reason="") | Q(held=False, reason=""), name="assessment_hold_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.held}"


class Submission(Record):
    """A work handed in for one part of a candidacy; the work itself is the asset of the media pipeline."""

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="submissions")
    part = models.CharField(max_length=20)
    asset = models.UUIDField(unique=True)
    attempt_no = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default=SubmissionState.ATTACHED)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("work handed in")
        verbose_name_plural = _("works handed in")
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "part", "attempt_no"], name="assessment_submission_attempt"),
            models.UniqueConstraint(
                fields=["candidacy", "part"],
                condition=one_of("state", list(LIVE)),
                name="assessment_one_live_submission",
            ),
            models.CheckConstraint(condition=Q(attempt_no__gte=1), name="assessment_submission_from_one"),
            models.CheckConstraint(condition=one_of("part", list(Part)), name="assessment_submission_part"),
            models.CheckConstraint(
                condition=one_of("state", list(SubmissionState)), name="assessment_submission_state"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def as_data(self) -> SubmissionData:
        """What other rooms are given. Read it with its candidacy: `select_related("candidacy")`."""
        return SubmissionData(
            uuid=self.uuid,
            candidacy=self.candidacy.uuid,
            part=Part(self.part),
            asset=self.asset,
            attempt_no=self.attempt_no,
            state=SubmissionState(self.state),
            created_at=self.created_at,
        )

    def move(self, after: SubmissionState, *, now: datetime) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, SUBMISSION_MOVES, moved_at=now)
